// The offline closed loop over a pool.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/learner/pair_similarity.hpp>
#include <cupel/learner/pool_posterior.hpp>
#include <cupel/workbench/acquisition_policy.hpp>
#include <cupel/workbench/campaign_replay.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/diversity.hpp>

#include "campaign_promises.hpp"

namespace cupel::workbench {
namespace {

std::set<std::string> truth_keys(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) {
        throw InputError("no_truth", file.string() + ": cannot read the true pairs");
    }
    std::set<std::string> keys;
    std::string line;
    while (std::getline(in, line)) {
        if (line.rfind("k1:", 0) == 0) {
            keys.insert(line.substr(0, line.find_first_of(" ,\t\r")));
        }
    }
    if (keys.empty()) {
        for (const auto& cluster : chemistry::load_reported_table(file)) {
            keys.insert(learning_key(cluster.candidate));
        }
    }
    return keys;
}

/// What every seed shares: the base model's view of the pool.
struct Laboratory {
    Dataset data;
    std::vector<PoolEntry> pool;
    std::vector<char> is_true;
    learner::Popularity known;
    std::vector<learner::Pair> pairs;
    PoolGroups groups;
    std::unique_ptr<learner::PairSimilarity> alike;  ///< null: no process is asked for
};

/// Hits after each experiment of one run, and how many of the last came of audits.
struct Run {
    std::vector<int> hits;
    int audits = 0, audit_hits = 0;
};
Run run_once(const Laboratory& lab,
             const learner::PoolPosterior& prior,
             const std::string& policy,
             double lab_weight,
             int budget,
             int batch,
             std::uint64_t seed,
             CampaignPromises& promises) {
    const auto& catalogue = lab.data.catalogue;
    learner::PoolPosterior posterior = prior;
    learner::Popularity counts = lab.known;
    PoolView view;
    // Every policy meets the same pool in one seed, and another tenth is missing in the next: the
    // policies themselves are deterministic.
    std::mt19937_64 random(seed * 7919 + 3);
    for (std::size_t i = 0; i < lab.pairs.size(); ++i) {
        view.available.push_back(random() % 10 != 0 ? 1 : 0);
    }
    view.core = lab.groups.family;
    view.scaffold = lab.groups.scaffold;
    view.pair = lab.groups.pair;
    Run run;
    std::vector<int>& hits = run.hits;
    int total = 0;
    for (std::uint64_t round = 0; static_cast<int>(hits.size()) < budget; ++round) {
        view.popularity = counts.scores(catalogue, lab.pairs);
        const auto wanted =
            static_cast<std::size_t>(std::min(batch, budget - static_cast<int>(hits.size())));
        BatchOptions draw;
        draw.policy = policy;
        draw.count = wanted;
        draw.seed = seed * 1000003 + round;
        draw.audit = hits.size() >= kAuditsFrom ? kAuditShare : 0.0;
        const auto choices = choose_batch(draw, posterior, view);
        if (choices.empty()) {
            break;
        }
        promises.take(posterior, choices, lab.is_true);
        for (const auto& choice : choices) {
            const std::size_t i = choice.candidate;
            const double label = lab.is_true[i] != 0 ? 1.0 : 0.0;
            total += lab.is_true[i];
            hits.push_back(total);
            if (choice.rule == "audit") {
                ++run.audits;
                run.audit_hits += lab.is_true[i];
            }
            // Candidates of the same pair (other counts or charge) are answered with it.
            for (std::size_t j = 0; j < lab.pool.size(); ++j) {
                if (lab.pairs[j] == lab.pairs[i]) {
                    view.available[j] = 0;
                }
            }
            counts.add_trial(
                catalogue.core_key(lab.pairs[i].core), catalogue.set_key(lab.pairs[i].set), label);
            if (policy != "popularity") {
                posterior.observe(i, label, lab_weight);
            }
        }
    }
    promises.close(posterior, view.available, lab.is_true);
    return run;
}

Laboratory make_laboratory(const CampaignReplayOptions& options) {
    Laboratory lab;
    lab.data = load_dataset(options.data);
    const auto truth = truth_keys(options.truth);
    for (const auto& row : lab.data.rows) {
        if (truth.count(row.learning_key) != 0) {
            throw InputError("truth_in_data",
                             options.data.string() + ": row " + row.id +
                                 " is one of the true pairs; the learner must not know them");
        }
    }
    for (const auto& pair : lab.data.known) {
        lab.known.add_known(lab.data.catalogue.core_key(pair.core),
                            lab.data.catalogue.set_key(pair.set));
    }
    lab.pool = load_pool(options.pool, lab.data.catalogue);
    for (const auto& entry : lab.pool) {
        lab.is_true.push_back(truth.count(entry.learning_key) != 0 ? 1 : 0);
        lab.pairs.push_back(entry.pair);
    }
    lab.groups = pool_groups(lab.data.catalogue, lab.pairs);
    if (options.gaussian_process) {
        lab.alike = std::make_unique<learner::PairSimilarity>(lab.data.catalogue, lab.pairs);
    }
    if (std::find(lab.is_true.begin(), lab.is_true.end(), 1) == lab.is_true.end()) {
        throw InputError(
            "no_truth",
            options.pool.string() + ": holds none of the true pairs of " + options.truth.string());
    }
    return lab;
}

nlohmann::ordered_json policy_json(const std::string& name,
                                   const std::vector<Run>& runs,
                                   const CampaignReplayOptions& options,
                                   double seconds) {
    std::set<int> checkpoints{options.budget};
    for (const int c : {24, 48, 96, 192}) {
        if (c <= options.budget) {
            checkpoints.insert(c);
        }
    }
    nlohmann::ordered_json json;
    json["policy"] = name;
    for (const int c : checkpoints) {
        std::vector<double> values;
        for (const auto& run : runs) {
            const auto at = std::min<std::size_t>(static_cast<std::size_t>(c), run.hits.size());
            values.push_back(at == 0 ? 0.0 : run.hits[at - 1]);
        }
        const auto figure = learner::mean_error(values);
        json["hits"][std::to_string(c)] = figure.mean;
        json["se"][std::to_string(c)] = figure.se;
    }
    double audits = 0.0;
    double without = 0.0;
    for (const auto& run : runs) {
        json["runs"].push_back(run.hits);
        audits += run.audits;
        without += (run.hits.empty() ? 0 : run.hits.back()) - run.audit_hits;
    }
    json["audits"] = audits / static_cast<double>(runs.size());
    json["hits_without_audits"] = without / static_cast<double>(runs.size());
    json["seconds_per_seed"] = seconds / static_cast<double>(runs.size());
    return json;
}

}  // namespace

ReplayText replay_campaign(const CampaignReplayOptions& options,
                           const std::function<void(double, const std::string&)>& progress) {
    Laboratory lab = make_laboratory(options);
    const auto tell = [&](double share, const std::string& what) {
        if (progress) {
            progress(share, what);
        }
    };
    const bool needs_model =
        std::any_of(options.policies.begin(), options.policies.end(), [](const auto& p) {
            return p != "random" && p != "popularity";
        });
    std::unique_ptr<learner::PoolPosterior> prior;
    std::string model_hash;
    if (needs_model) {
        const auto model = learner::Learner::train(
            lab.data.catalogue,
            lab.data.known,
            {},
            options.learner,
            [&](double share, const auto&) { tell(0.5 * share, "training the base model"); });
        model_hash = model.hash();
        prior = std::make_unique<learner::PoolPosterior>(
            model.pair_head(),
            model.pair_features(lab.data.catalogue, lab.pairs),
            model.popularity(lab.data.catalogue, lab.pairs));
    } else {
        prior = std::make_unique<learner::PoolPosterior>(
            learner::LaplaceHead(std::vector<double>{0.0}, 1.0),
            std::vector<float>(lab.pool.size(), 0.0F),
            std::vector<double>(lab.pool.size(), 0.0));
    }
    nlohmann::ordered_json report;
    report["pool"] = options.pool.string();
    report["candidates"] = lab.pool.size();
    report["hits_in_pool"] = std::count(lab.is_true.begin(), lab.is_true.end(), 1);
    report["budget"] = options.budget;
    report["batch"] = options.batch;
    report["seeds"] = options.seeds;
    report["first_seed"] = options.first_seed;
    report["model"] = model_hash;
    ReplayText text;
    std::size_t done = 0;
    for (const auto& name : options.policies) {
        const std::string policy = name == "model" ? options.model_policy : name;
        const auto start = std::chrono::steady_clock::now();
        std::vector<Run> runs;
        std::vector<CampaignPromises> promises;
        for (int s = 0; s < options.seeds; ++s) {
            promises.emplace_back(*prior, lab.alike.get());
            runs.push_back(run_once(lab,
                                    *prior,
                                    policy,
                                    options.learner.lab_weight,
                                    options.budget,
                                    options.batch,
                                    options.first_seed + static_cast<std::uint64_t>(s),
                                    promises.back()));
            ++done;
            tell(0.5 + 0.5 * static_cast<double>(done) /
                           static_cast<double>(options.policies.size() *
                                               static_cast<std::size_t>(options.seeds)),
                 name);
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        auto json = policy_json(name, runs, options, took.count());
        text.table += name + ":";
        for (const auto& [at, mean] : json["hits"].items()) {
            char figure[64];
            std::snprintf(figure,
                          sizeof(figure),
                          "  hits@%s %.1f +- %.1f",
                          at.c_str(),
                          mean.get<double>(),
                          json["se"][at].get<double>());
            text.table += figure;
        }
        text.table += "\n";
        // What is left after random draws shows the model itself; other policies leave the rows it
        // cannot tell apart.
        if (needs_model && policy != "popularity") {
            json["promises"] = promises_json(promises);
            text.table += promises_text(json["promises"]);
        }
        report["policies"].push_back(std::move(json));
    }
    text.json = report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
    return text;
}

}  // namespace cupel::workbench
