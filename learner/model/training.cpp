// Fitting an ensemble: members side by side, then the Bayesian last layer, then popularity.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>

#include "learner_impl.hpp"

namespace cupel::learner {
namespace {

constexpr double kPriorDeviation = 2.0;      ///< of a logit before any data, in the last layer
constexpr double kNetworkShare = 1.0 / 3.0;  ///< of the networks' logit beside the kernel member
constexpr double kBaseRate = 0.1;            ///< of hits among candidates worth proposing
constexpr double kTemper = 0.5;              ///< share of the training curvature that is believed

// Degree-preserving swaps of known pairs that are not known themselves.
std::vector<Pair> swapped_pairs(const std::vector<Pair>& known, int times, std::uint64_t seed) {
    const std::set<Pair> taken(known.begin(), known.end());
    std::mt19937_64 random(seed);
    std::vector<Pair> result;
    for (std::size_t i = 0; i < known.size() * static_cast<std::size_t>(times); ++i) {
        const Pair pair{known[i % known.size()].core, known[random() % known.size()].set};
        if (taken.count(pair) == 0) {
            result.push_back(pair);
        }
    }
    return result;
}

// Newton's method for a logistic regression of three weights with fixed offsets and a ridge.
struct Sample {
    double core = 0.0, set = 0.0, offset = 0.0, label = 0.0, weight = 1.0;
};

PopularityFit logistic_fit(const std::vector<Sample>& samples) {
    double w[3] = {0, 0, 0};
    for (int iteration = 0; iteration < 25; ++iteration) {
        double g[3] = {0, -0.5 * w[1], -0.5 * w[2]};
        double h[3][3] = {{1e-6, 0, 0}, {0, 0.5, 0}, {0, 0, 0.5}};
        for (const auto& s : samples) {
            const double x[3] = {1.0, s.core, s.set};
            const double p = sigmoid(s.offset + w[0] + w[1] * s.core + w[2] * s.set);
            for (int i = 0; i < 3; ++i) {
                g[i] += s.weight * (s.label - p) * x[i];
                for (int j = 0; j < 3; ++j) {
                    h[i][j] += s.weight * p * (1 - p) * x[i] * x[j];
                }
            }
        }
        for (int i = 0; i < 3; ++i) {
            for (int k = i + 1; k < 3; ++k) {
                const double f = h[k][i] / h[i][i];
                for (int j = i; j < 3; ++j) {
                    h[k][j] -= f * h[i][j];
                }
                g[k] -= f * g[i];
            }
        }
        double step[3];
        for (int i = 2; i >= 0; --i) {
            double sum = g[i];
            for (int j = i + 1; j < 3; ++j) {
                sum -= h[i][j] * step[j];
            }
            step[i] = sum / h[i][i];
        }
        for (int i = 0; i < 3; ++i) {
            w[i] += std::clamp(step[i], -2.0, 2.0);
        }
    }
    return {w[0], std::clamp(w[1], 0.0, 1.0), std::clamp(w[2], 0.0, 1.0)};
}

double known_count(const std::map<std::string, Popularity::Counts>& counts,
                   const std::string& key) {
    const auto it = counts.find(key);
    return it == counts.end() ? 0.0 : it->second.known;
}

}  // namespace

double share_of(const LabelledPair& experiment) {
    return experiment.provisional ? 0.5 : 1.0;
}

std::string pair_key(const Catalogue& catalogue, const Pair& pair) {
    return catalogue.core_key(pair.core) + "|" + catalogue.set_key(pair.set);
}

TrainingSet training_set(const Catalogue& catalogue,
                         const std::vector<Pair>& known,
                         const std::vector<LabelledPair>& experiments,
                         double lab_weight) {
    TrainingSet data;
    std::map<std::size_t, std::size_t> core_row, set_row;
    const auto row_of = [](std::map<std::size_t, std::size_t>& rows,
                           std::vector<std::size_t>& used,
                           std::size_t index) {
        const auto [it, is_new] = rows.emplace(index, used.size());
        if (is_new) {
            used.push_back(index);
        }
        return it->second;
    };
    const auto in_rows = [&](const Pair& pair) {
        return Pair{row_of(core_row, data.cores, pair.core), row_of(set_row, data.sets, pair.set)};
    };
    std::set<Pair> unique(known.begin(), known.end());
    for (const auto& pair : unique) {
        (void)catalogue.core_key(pair.core);  // throws for an index that the catalogue lacks
        data.known.push_back(in_rows(pair));
    }
    for (const auto& experiment : experiments) {
        if (experiment.pair_label >= 0.0) {
            const double share = share_of(experiment);
            data.trials.push_back(
                {in_rows(experiment.pair), experiment.pair_label, share * lab_weight, share});
        }
    }
    return data;
}

namespace {

// What the members train on when some known pairs are left out: the others, and which pairs of
// their rows are no negatives.
TrainingSet without(const Catalogue& catalogue,
                    const std::vector<Pair>& known,
                    const std::vector<Pair>& left_out,
                    const std::vector<LabelledPair>& experiments,
                    double lab_weight) {
    const std::set<Pair> skipped(left_out.begin(), left_out.end());
    std::vector<Pair> kept;
    for (const auto& pair : known) {
        if (skipped.count(pair) == 0) {
            kept.push_back(pair);
        }
    }
    TrainingSet data = training_set(catalogue, kept, experiments, lab_weight);
    std::map<std::size_t, std::size_t> core_row, set_row;
    for (std::size_t row = 0; row < data.cores.size(); ++row) {
        core_row[data.cores[row]] = row;
    }
    for (std::size_t row = 0; row < data.sets.size(); ++row) {
        set_row[data.sets[row]] = row;
    }
    for (const auto& pair : skipped) {
        const auto core = core_row.find(pair.core);
        const auto set = set_row.find(pair.set);
        if (core != core_row.end() && set != set_row.end()) {
            data.left_out.push_back({core->second, set->second});
        }
    }
    return data;
}

}  // namespace

std::unique_ptr<Learner::Impl> Learner::Impl::fitted(const Catalogue& catalogue,
                                                     const std::vector<Pair>& known,
                                                     const std::vector<LabelledPair>& experiments,
                                                     const LearnerOptions& options,
                                                     std::vector<Member> members,
                                                     int epochs,
                                                     const ProgressCallback& progress,
                                                     const std::vector<Pair>& left_out) {
    use_one_thread_per_operator();
    const TrainingSet data = training_set(catalogue, known, experiments, options.lab_weight);
    const TrainingSet replayed =
        without(catalogue, known, left_out, experiments, options.lab_weight);
    if (data.known.size() < 8) {
        throw InputError(
            "too_few",
            "training needs at least 8 known clusters, got " + std::to_string(data.known.size()));
    }
    std::atomic<int> ticks{0};
    std::mutex mutex;
    const double total = static_cast<double>(members.size()) * epochs;
    run_side_by_side(members.size(), options.threads, [&](std::size_t m) {
        const std::uint64_t seed = options.seed * 1000003 + 101 * m + 17 + experiments.size();
        members[m].train(catalogue, replayed, epochs, seed, [&] {
            const int done = ++ticks;
            if (progress) {
                const std::lock_guard lock(mutex);
                progress(done / total, "training");
            }
        });
    });
    auto impl = std::make_unique<Impl>();
    impl->options = options;
    impl->members = std::move(members);
    if (options.kernel > 0.0) {
        impl->kernel.emplace(catalogue, data);
    }
    for (const auto& pair : data.known) {
        impl->known_popularity.add_known(catalogue.core_key(data.cores[pair.core]),
                                         catalogue.set_key(data.sets[pair.set]));
    }
    for (const auto& experiment : experiments) {
        if (experiment.pair_label >= 0.0) {
            impl->seen.insert({pair_key(catalogue, experiment.pair),
                               experiment.pair_label,
                               share_of(experiment)});
        }
    }
    impl->fit_head(catalogue, data);
    impl->fit_popularity(catalogue, data);
    impl->encoder_hash = hash_arrays(impl->encoder_arrays());
    return impl;
}

void Learner::Impl::fit_head(const Catalogue& catalogue, const TrainingSet& data) {
    std::vector<double> weights;
    const double share = kernel ? kNetworkShare : 1.0;
    for (const auto& member : members) {
        for (const double weight : member.head_weights()) {
            weights.push_back(share * weight / static_cast<double>(members.size()));
        }
    }
    if (kernel) {
        weights.push_back(options.kernel);
    }
    const std::size_t d = weights.size();
    std::vector<Pair> pairs;
    std::vector<double> factor;
    const auto to_catalogue = [&](const Pair& pair) {
        return Pair{data.cores[pair.core], data.sets[pair.set]};
    };
    const auto swaps = swapped_pairs(data.known, 3, options.seed + 5);
    for (const auto& pair : data.known) {
        pairs.push_back(to_catalogue(pair));
        factor.push_back(kTemper);
    }
    for (const auto& pair : swaps) {
        pairs.push_back(to_catalogue(pair));
        factor.push_back(kTemper * static_cast<double>(data.known.size()) /
                         static_cast<double>(swaps.size()));
    }
    for (const auto& trial : data.trials) {
        pairs.push_back(to_catalogue(trial.pair));
        factor.push_back(trial.weight);
    }
    const std::vector<float> rows = features(catalogue, pairs);
    const std::vector<double> x(rows.begin(), rows.end());
    double square = 0.0;
    for (const double value : x) {
        square += value * value;
    }
    square = std::max(square / static_cast<double>(pairs.size()), 1e-6);
    trained_head = LaplaceHead(weights, kPriorDeviation * kPriorDeviation / square);
    std::vector<double> curvature;
    for (std::size_t n = 0; n < pairs.size(); ++n) {
        const double p = sigmoid(trained_head.logit(x.data() + n * d));
        curvature.push_back(factor[n] * p * (1.0 - p));
    }
    trained_head.condense(x.data(), curvature);
    pair_head = trained_head;
    target_head = trained_head;
}

void Learner::Impl::fit_popularity(const Catalogue& catalogue, const TrainingSet& data) {
    popularity = known_popularity;
    std::mt19937_64 random(options.seed + 11);
    std::set<Pair> is_known(data.known.begin(), data.known.end());
    for (const auto& trial : data.trials) {
        is_known.insert(trial.pair);
    }
    std::vector<Pair> pairs = data.known;
    const std::size_t wanted = 5 * data.known.size();
    for (std::size_t i = 0; i < wanted; ++i) {
        const Pair pair{random() % data.cores.size(), random() % data.sets.size()};
        if (is_known.count(pair) == 0) {
            pairs.push_back(pair);
        }
    }
    std::vector<Pair> named;
    for (const auto& pair : pairs) {
        named.push_back({data.cores[pair.core], data.sets[pair.set]});
    }
    const std::vector<float> rows = features(catalogue, named);
    const std::size_t d = feature_count();
    std::vector<Sample> samples;
    for (std::size_t n = 0; n < pairs.size(); ++n) {
        const bool positive = n < data.known.size();
        const std::vector<double> x(rows.begin() + static_cast<std::ptrdiff_t>(n * d),
                                    rows.begin() + static_cast<std::ptrdiff_t>((n + 1) * d));
        Sample sample;
        // A known pair is scored as if it were not known yet.
        const double own = positive ? 1.0 : 0.0;
        sample.core = std::log1p(
            known_count(known_popularity.cores(), catalogue.core_key(named[n].core)) - own);
        sample.set =
            std::log1p(known_count(known_popularity.sets(), catalogue.set_key(named[n].set)) - own);
        sample.offset = trained_head.logit(x.data());
        sample.label = positive ? 1.0 : 0.0;
        sample.weight = positive ? 1.0
                                 : static_cast<double>(data.known.size()) /
                                       static_cast<double>(pairs.size() - data.known.size());
        samples.push_back(sample);
    }
    fit = logistic_fit(samples);
    fit.constant = std::log(kBaseRate / (1.0 - kBaseRate));
}

}  // namespace cupel::learner
