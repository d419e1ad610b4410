// Trains one task, scores its pairs beside the baselines, calibrates inside its training part.
#include <algorithm>
#include <map>

#include <cupel/workbench/baselines.hpp>

#include "evaluation_task.hpp"

namespace cupel::workbench {
namespace {

using learner::Pair;

/// Everything that scores pairs after one training part was seen.
struct Scorers {
    const learner::Catalogue& catalogue;
    learner::Learner model;
    learner::Popularity popularity;
    NearestNeighbour nearest;
    CompositionModel composition;

    Scorers(const learner::Catalogue& c,
            const std::vector<Pair>& train,
            const learner::LearnerOptions& settings)
        : catalogue(c),
          model(learner::Learner::train(c, train, {}, settings)),
          nearest(c, train),
          composition(c, train, settings.seed) {
        for (const auto& pair : train) {
            popularity.add_known(c.core_key(pair.core), c.set_key(pair.set));
        }
    }

    std::map<std::string, std::vector<double>> score(const std::vector<Pair>& pairs) const {
        std::map<std::string, std::vector<double>> scores;
        scores["model"] = model.interaction(catalogue, pairs);
        for (const auto& pair : pairs) {
            scores["popularity"].push_back(
                popularity.score(catalogue.core_key(pair.core), catalogue.set_key(pair.set)));
            scores["composition"].push_back(composition.score(catalogue, pair));
        }
        scores["nearest_neighbour"] = nearest.scores(catalogue, pairs);
        return scores;
    }
};

/// Share of the ten best places that `own` gets: 1, 0, or in between where it is tied.
double found_in_ten(const std::vector<double>& scores,
                    const std::vector<char>& open,
                    std::size_t own) {
    double above = 0.0;
    double tied = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (i != own && open[i] != 0) {
            above += scores[i] > scores[own] ? 1.0 : 0.0;
            tied += scores[i] == scores[own] ? 1.0 : 0.0;
        }
    }
    return std::clamp((10.0 - above) / (tied + 1.0), 0.0, 1.0);
}

/// Ranks every ligand set for the core of each test positive; other reported sets of the core are
/// taken out. The popularity term is added to the model's interaction.
void rank_sets(const Dataset& data, const Scorers& scorers, EvaluationTask& task) {
    const auto& catalogue = data.catalogue;
    const std::size_t sets = catalogue.sets().size();
    std::map<std::size_t, std::vector<std::size_t>> reported;
    for (const auto& pair : data.known) {
        reported[pair.core].push_back(pair.set);
    }
    for (std::size_t i = 0; i < task.test.size(); ++i) {
        if (task.label[i] != 0) {
            reported[task.test[i].core].push_back(task.test[i].set);
        }
    }
    task.ranked_sets = sets;
    std::map<std::size_t, std::map<std::string, std::vector<double>>> by_core;
    for (std::size_t i = 0; i < task.test.size(); ++i) {
        if (task.label[i] == 0) {
            continue;
        }
        const Pair own = task.test[i];
        auto& scores = by_core[own.core];
        if (scores.empty()) {
            std::vector<Pair> pairs;
            for (std::size_t set = 0; set < sets; ++set) {
                pairs.push_back({own.core, set});
            }
            scores = scorers.score(pairs);
            const auto popularity = scorers.model.popularity(catalogue, pairs);
            for (std::size_t set = 0; set < sets; ++set) {
                scores["model"][set] += popularity[set];
            }
        }
        std::vector<char> open(sets, 1);
        for (const auto set : reported[own.core]) {
            open[set] = 0;
        }
        for (const auto& name : evaluation_scorers()) {
            task.found[name].push_back(found_in_ten(scores.at(name), open, own.set));
        }
    }
}

/// Fits the scales on a hold-out of the same kind inside the training part, with half the networks.
void fit_scales(const Dataset& data,
                const learner::LearnerOptions& settings,
                EvaluationTask& task) {
    const EvaluationTask inner = inner_task(data, task, 3301);
    std::map<std::string, std::vector<double>> scores;
    std::vector<double> labels;
    if (inner.train.size() >= 8 && !inner.test.empty()) {
        learner::LearnerOptions half = settings;
        half.members = std::max(1, settings.members / 2);
        scores = Scorers(data.catalogue, inner.train, half).score(inner.test);
        labels.assign(inner.label.begin(), inner.label.end());
    }
    for (const auto& name : evaluation_scorers()) {
        // Four negatives for one positive: what is believed before a label is seen.
        task.scales[name] = learner::fit_score_scale(scores[name], labels, {1.0, 1.0, -1.4, 2.0});
    }
}

}  // namespace

const std::vector<std::string>& evaluation_scorers() {
    static const std::vector<std::string> names{
        "model", "popularity", "nearest_neighbour", "composition"};
    return names;
}

void run_evaluation_task(const Dataset& data,
                         const EvaluationOptions& options,
                         EvaluationTask& task) {
    learner::LearnerOptions settings = options.learner;
    settings.seed = static_cast<std::uint64_t>(task.seed);
    settings.threads = 1;
    const Scorers scorers(data.catalogue, task.train, settings);
    task.scores = scorers.score(task.test);
    rank_sets(data, scorers, task);
    if (!options.calibrate) {
        return;
    }
    fit_scales(data, settings, task);
    for (const auto& name : evaluation_scorers()) {
        for (const double score : task.scores[name]) {
            task.probabilities[name].push_back(task.scales[name].probability(score));
        }
    }
}

}  // namespace cupel::workbench
