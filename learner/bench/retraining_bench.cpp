// Warm against full retraining over a stream of batches: what it costs, what it keeps, what it
// forgets. Writes learner/bench/retraining-results.md.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <cupel/learner/learner.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/workbench/blas_kernel.hpp>
#include <cupel/workbench/dataset.hpp>

namespace {

using cupel::learner::LabelledPair;
using cupel::learner::Learner;
using cupel::learner::Pair;
using cupel::workbench::Dataset;

struct Options {
    std::string data = "learner/data/clusters.csv";
    std::string out;
    int seeds = 3;
    int batches = 20;
    double replay = 0.6;
    cupel::learner::LearnerOptions learner;
};

/// Known pairs by their part: what the base model knows, what the stream brings, what judges.
struct Parts {
    std::vector<Pair> base, stream, test, all;
};

/// A fifth judges. Of the rest, half is known at the start, half comes as outcomes.
Parts parts_of(const Dataset& data, std::uint64_t seed) {
    Parts parts;
    parts.all = data.known;
    std::vector<Pair> order = data.known;
    std::mt19937_64 random(seed);
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random() % i]);
    }
    const std::size_t judged = order.size() / 5;
    const std::size_t known = judged + (order.size() - judged) / 2;
    for (std::size_t i = 0; i < order.size(); ++i) {
        (i < judged ? parts.test : i < known ? parts.base : parts.stream).push_back(order[i]);
    }
    return parts;
}

/// Positives with four swaps each that nobody reported.
struct Judge {
    std::vector<Pair> pairs;
    std::vector<int> labels;

    Judge(const std::vector<Pair>& positives, const std::vector<Pair>& all, std::uint64_t seed) {
        const std::set<Pair> known(all.begin(), all.end());
        std::mt19937_64 random(seed);
        for (const auto& pair : positives) {
            pairs.push_back(pair);
            labels.push_back(1);
            for (int draw = 0; draw < 4; ++draw) {
                const Pair swapped{pair.core, positives[random() % positives.size()].set};
                if (known.count(swapped) == 0) {
                    pairs.push_back(swapped);
                    labels.push_back(0);
                }
            }
        }
    }
    double auc(const Learner& model, const Dataset& data) const {
        return cupel::learner::roc_auc(labels, model.interaction(data.catalogue, pairs)).value();
    }
};

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Figures {
    double warm_auc = 0.0, full_auc = 0.0, base_auc = 0.0;
    double warm_seconds = 0.0, full_seconds = 0.0;
    double kept_before = 0.0, kept_after = 0.0;  ///< AUC of what the base model was trained on
};

Figures run(const Options& options, const Dataset& data, std::uint64_t seed) {
    const Parts parts = parts_of(data, seed);
    const Judge test(parts.test, parts.all, seed + 1);
    const Judge kept(parts.base, parts.all, seed + 2);
    auto learner = options.learner;
    learner.seed = seed;
    Learner model = Learner::train(data.catalogue, parts.base, {}, learner);
    Figures figures;
    figures.base_auc = test.auc(model, data);
    figures.kept_before = kept.auc(model, data);
    std::mt19937_64 random(seed + 3);
    const std::set<Pair> known(parts.all.begin(), parts.all.end());
    std::vector<LabelledPair> labels;
    const auto per_batch = parts.stream.size() / static_cast<std::size_t>(options.batches);
    const int epochs = std::max(5, learner.epochs / 4);
    for (int batch = 0; batch < options.batches; ++batch) {
        for (std::size_t i = 0; i < per_batch; ++i) {
            const Pair& hit = parts.stream[static_cast<std::size_t>(batch) * per_batch + i];
            labels.push_back({hit, 1.0, 1.0, false});
            // One miss beside each hit: another core's ligands on this core.
            const Pair miss{hit.core, parts.stream[random() % parts.stream.size()].set};
            if (known.count(miss) == 0) {
                labels.push_back({miss, 0.0, 0.0, false});
            }
        }
        std::vector<Pair> left_out;
        for (const auto& pair : parts.base) {
            if (static_cast<double>(random() >> 11) * 0x1p-53 >= options.replay) {
                left_out.push_back(pair);
            }
        }
        const auto start = std::chrono::steady_clock::now();
        model = model.retrained(data.catalogue, parts.base, labels, epochs, {}, left_out);
        figures.warm_seconds += seconds_since(start) / options.batches;
    }
    const auto start = std::chrono::steady_clock::now();
    const Learner full = Learner::train(data.catalogue, parts.base, labels, learner);
    figures.full_seconds = seconds_since(start);
    figures.warm_auc = test.auc(model, data);
    figures.full_auc = test.auc(full, data);
    figures.kept_after = kept.auc(model, data);
    return figures;
}

double mean(const std::vector<Figures>& all, double Figures::*field) {
    double sum = 0.0;
    for (const auto& figures : all) {
        sum += figures.*field;
    }
    return sum / static_cast<double>(all.size());
}

std::string report(const Options& options, const std::vector<Figures>& all, const Dataset& data) {
    std::string text =
        "# Warm against full retraining\n\nWritten by `build/release/bin/retraining_bench --out "
        "learner/bench/retraining-results.md`. Known clusters of the starter table: a fifth "
        "judges, half of the rest is known at the start, the other half comes as " +
        std::to_string(options.batches) +
        " batches of outcomes, a miss beside each hit. Warm retraining after each batch, full "
        "retraining from scratch after the last, on the same data; AUC on the held-out fifth with "
        "four degree-matched swaps each. Forgetting: AUC of what the base model was trained on, "
        "before the first and after the last warm retraining.\n\n";
    char line[512];
    std::snprintf(line,
                  sizeof line,
                  "%zu known pairs, %d seeds, %d members, %d epochs (warm %d), %d threads, replay "
                  "%.0f %% of the known clusters, %s.\n\n",
                  data.known.size(),
                  options.seeds,
                  options.learner.members,
                  options.learner.epochs,
                  std::max(5, options.learner.epochs / 4),
                  options.learner.threads,
                  100.0 * options.replay,
                  cupel::workbench::blas_kernel().c_str());
    text += line;
    text +=
        "| seed | base AUC | warm AUC | full AUC | warm s | full s | kept before | kept after "
        "|\n| --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Figures& f = all[i];
        std::snprintf(line,
                      sizeof line,
                      "| %zu | %.3f | %.3f | %.3f | %.2f | %.2f | %.4f | %.4f |\n",
                      i,
                      f.base_auc,
                      f.warm_auc,
                      f.full_auc,
                      f.warm_seconds,
                      f.full_seconds,
                      f.kept_before,
                      f.kept_after);
        text += line;
    }
    const double auc = mean(all, &Figures::warm_auc) / mean(all, &Figures::full_auc);
    const double time = mean(all, &Figures::warm_seconds) / mean(all, &Figures::full_seconds);
    const double lost = mean(all, &Figures::kept_before) - mean(all, &Figures::kept_after);
    std::snprintf(line,
                  sizeof line,
                  "\nwarm / full AUC %.3f (wanted >= 0.97), warm / full time %.2f (wanted <= "
                  "0.35), forgotten %.4f AUC (wanted <= 0.01)\n",
                  auc,
                  time,
                  lost);
    return text + line;
}

}  // namespace

int main(int argc, char** argv) {
    cupel::workbench::use_fast_blas_kernel(argv);
    Options options;
    CLI::App app{"Warm against full retraining over a stream of batches", "retraining_bench"};
    app.add_option("--data", options.data, "Table of known clusters")->capture_default_str();
    app.add_option("--out", options.out, "Write the report here");
    app.add_option("--seeds", options.seeds, "Runs")->check(CLI::Range(1, 100));
    app.add_option("--batches", options.batches, "Batches of outcomes")->check(CLI::Range(1, 100));
    app.add_option("--replay", options.replay, "Share of the known clusters gone through again")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--epochs", options.learner.epochs, "Of a full training")
        ->check(CLI::Range(1, 10000));
    app.add_option("--threads", options.learner.threads, "Members side by side")
        ->check(CLI::Range(1, 256));
    app.footer("Example: retraining_bench --out learner/bench/retraining-results.md");
    try {
        app.parse(argc, argv);
        const auto data = cupel::workbench::load_dataset(options.data);
        std::vector<Figures> all;
        for (int seed = 0; seed < options.seeds; ++seed) {
            all.push_back(run(options, data, static_cast<std::uint64_t>(seed)));
            std::fprintf(stderr, "seed %d of %d is done\n", seed + 1, options.seeds);
        }
        const std::string text = report(options, all, data);
        std::fputs(text.c_str(), stdout);
        if (!options.out.empty()) {
            std::ofstream(options.out) << text;
        }
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "retraining_bench: %s\n", error.what());
        return 2;
    }
}
