// Speed of the learner beside the machine's own limits, measured in the same run.
// usage: learner_bench [THREADS] [--json FILE] [--rows PART,...] [--graphs FILE]
// PARTs: score, pool, step, retrain, gpu. With a graph file (`cupel pool export`) it trains on four
// fifths of that table and scores the rest.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <cupel/domain/error.hpp>
#include <cupel/domain/graph_file.hpp>
#include <cupel/learner/graph_table.hpp>
#include <cupel/learner/learner.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/learner/pool_posterior.hpp>
#include <cupel/learner/scoring.hpp>
#include <cupel/workbench/acquisition_policy.hpp>
#include <cupel/workbench/blas_kernel.hpp>

#include "../model/learner_impl.hpp"
#include "bench_table.hpp"
#include "first_version/training_step.hpp"
#include "machine_limits.hpp"
#include "synthetic_table.hpp"

namespace {

using namespace cupel;
using namespace cupel::bench;
using namespace cupel::learner;

// A fifth of the known pairs held out, each with the sets of others as negatives: sets keep their
// degrees, so popularity alone tells little.
void evaluate(const std::string& file, int threads) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw InputError("no_file", file + ": cannot be read; write one with `cupel pool export`");
    }
    const KnownTable data = known_table(read_graph_file(in, file));
    std::vector<Pair> order = data.known;
    std::mt19937_64 random(11);
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random() % i]);
    }
    const auto cut = static_cast<std::ptrdiff_t>(order.size() / 5);
    const std::vector<Pair> held(order.begin(), order.begin() + cut);
    const std::vector<Pair> train(order.begin() + cut, order.end());
    const std::set<Pair> known(data.known.begin(), data.known.end());
    std::vector<Pair> test = held;
    std::vector<int> labels(held.size(), 1);
    for (std::size_t step = 1; step <= 4 && step < held.size(); ++step) {
        for (std::size_t i = 0; i < held.size(); ++i) {
            const Pair swapped{held[i].core, held[(i + step) % held.size()].set};
            if (known.count(swapped) == 0) {
                test.push_back(swapped);
                labels.push_back(0);
            }
        }
    }
    LearnerOptions options;
    options.threads = threads;
    const auto start = std::chrono::steady_clock::now();
    const Learner model = Learner::train(data.catalogue, train, {}, options);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%s: %zu cores, %zu ligands, %zu pairs; trained on %zu in %.1f s, model %.12s\n",
                file.c_str(),
                data.catalogue.cores().size(),
                data.catalogue.ligands().size(),
                data.known.size(),
                train.size(),
                took.count(),
                model.hash().c_str());
    std::printf("held out %zu pairs against %zu swaps: AUC %.3f, popularity alone %.3f\n",
                held.size(),
                test.size() - held.size(),
                roc_auc(labels, model.interaction(data.catalogue, test)).value(),
                roc_auc(labels, model.popularity(data.catalogue, test)).value());
}

struct Limits {
    double sgemm = 0.0, sgemm_one = 0.0, triad = 0.0;  ///< FLOP/s, FLOP/s of one thread, bytes/s
};

Limits measure_limits(BenchTable& table, int threads) {
    Limits limits;
    const auto add = [&](const std::string& what, const Spread& value, double unit, auto name) {
        Row row;
        row.what = what;
        row.unit = name;
        row.value = {value.median / unit, value.low / unit, value.high / unit};
        table.add(row);
        return value.median;
    };
    const std::string workers = std::to_string(threads) + " threads";
    limits.sgemm = add("sgemm, " + workers, sgemm_rate(threads), 1e9, "GFLOP/s");
    limits.sgemm_one = add("sgemm, one thread", sgemm_rate(1), 1e9, "GFLOP/s");
    limits.triad = add("STREAM triad, " + workers, triad_rate(threads), 1e9, "GB/s");
    return limits;
}

void score_rows(BenchTable& table, const Limits& limits, int threads) {
    const double pairs = 20000.0 * 5000.0;
    Row row;
    row.unit = "pairs/s";
    row.what = "dot product, d = 128, top 1000 of 1e8 pairs";
    {
        const auto cores = random_side(20000, 128, 0);
        const auto sets = random_side(5000, 128, 0);
        row.value = rate(pairs, seconds(5, [&] { top_pairs(cores, sets, {}, 1000, threads); }));
    }
    const double roof = limits.sgemm / 256.0;
    row.target = ">= 3e8 or half of sgemm";
    row.limit = "sgemm " + figure(roof) + " pairs/s";
    row.share = roof > 0.0 ? row.value.median / roof : 0.0;
    row.met = row.value.median >= 3e8 || row.share >= 0.5;
    table.add(row);
    row.what = "full head, 64 products and 64 ReLU units, top 1000 of 1e8 pairs";
    {
        const auto cores = random_side(20000, 64, 64);
        const auto sets = random_side(5000, 64, 64);
        const std::vector<float> weights(64, 0.1F);
        row.value =
            rate(pairs, seconds(5, [&] { top_pairs(cores, sets, weights, 1000, threads); }));
    }
    row.target = ">= 2e8";
    row.share = roof > 0.0 ? row.value.median / roof : 0.0;
    row.met = row.value.median >= 2e8;
    table.add(row);
}

// A campaign's path: the features of the pool from the encoded sides, the posterior, the batch.
void pool_rows(BenchTable& table, const Limits& limits, int threads) {
    constexpr std::size_t kCores = 1000, kSets = 1000, kPairs = kCores * kSets;
    const Table data = synthetic_table(kCores, kSets, 700);
    LearnerOptions options;
    options.epochs = 20;
    options.threads = threads;
    const Learner model = Learner::train(data.catalogue, data.known, {}, options);
    std::vector<Pair> pairs;
    workbench::PoolView view;
    for (std::size_t c = 0; c < kCores; ++c) {
        for (std::size_t s = 0; s < kSets; ++s) {
            view.core.push_back(c);
            view.pair.push_back(pairs.size());
            pairs.push_back({c, s});
        }
    }
    view.available.assign(kPairs, 1);
    std::shared_ptr<const PairFeatures> features;
    const bool forgot = forget_peak_memory();
    const Spread encoding =
        seconds(3, [&] { features = model.pair_features(data.catalogue, pairs); });
    const auto d = static_cast<double>(features->width());
    Row row;
    row.unit = "s";
    row.what = "features of 1e6 pairs, d = " + figure(d) + " (1000 cores, 1000 ligand sets)";
    row.value = encoding;
    row.note = "once per model";
    table.add(row);
    row.note.clear();
    for (const char* policy : {"ucb", "poh", "portfolio"}) {
        std::size_t chosen = 0;
        row.what = std::string("posterior and a batch of 24 from 1e6 pairs, ") + policy;
        row.value = seconds(5, [&] {
            view.popularity = model.popularity_counts().scores(data.catalogue, pairs);
            const auto offset = model.popularity(data.catalogue, pairs);
            const PoolPosterior posterior(model.pair_head(), features, offset, threads);
            chosen = workbench::choose_batch(policy, posterior, view, 24, 1).size();
        });
        row.target = "<= 1 s";
        row.met = row.value.median <= 1.0 && chosen == 24;
        // The means, the squares and one walk for each pick.
        const double least = 26.0 * 2.0 * d * kPairs / limits.sgemm;
        row.limit = "26 walks of 2 d FLOP a pair at sgemm's rate, " + figure(least) + " s";
        row.share = least / row.value.median;
        table.add(row);
    }
    Row memory;
    memory.what = "peak memory of that, the whole process";
    memory.unit = "GB";
    const double peak = peak_memory() / 1e9;
    memory.value = {peak, peak, peak};
    memory.target = "<= 1.5 GB";
    memory.met = peak <= 1.5;
    memory.limit = "n x d features alone " + figure(4e-9 * d * kPairs) + " GB";
    memory.note = forgot ? "VmHWM since the pool was made" : "VmHWM since the start";
    table.add(memory);
}

// Seconds between ticks, the first few left out.
Spread step_time(const std::function<void(const std::function<void()>&)>& train) {
    std::vector<double> times;
    auto last = std::chrono::steady_clock::now();
    train([&] {
        const auto now = std::chrono::steady_clock::now();
        times.push_back(std::chrono::duration<double>(now - last).count());
        last = now;
    });
    times.erase(times.begin(), times.begin() + 3);
    return spread_of(times);
}

double dense_work(const LearnerOptions& o, const TrainingSet& data) {
    const double width = o.width;
    const double side = o.embedding + o.rectified;
    const double core = 104 * width + width * width + width * side;
    const double set = (2 * width + 1) * width + width * side;
    // Forward, and backward to inputs and weights.
    return 6.0 * (core * static_cast<double>(data.cores.size()) +
                  set * static_cast<double>(data.sets.size()));
}

void step_rows(BenchTable& table, const Limits& limits) {
    const Table t = synthetic_table(340, 350, 674);
    const TrainingSet data = training_set(t.catalogue, t.known, {}, 4.0);
    for (const int layers : {0, 2}) {
        LearnerOptions options;
        options.graph_layers = layers;
        std::vector<double> now, first_one, first_two;
        // In turns, so that what else the machine does meets all alike.
        for (int round = 0; round < 3; ++round) {
            now.push_back(step_time([&](const auto& tick) {
                              use_one_thread_per_operator();
                              Member member(options, 1);
                              member.train(t.catalogue, data, 30, 1, tick);
                          }).median);
            for (const int threads : {1, 2}) {
                (threads == 1 ? first_one : first_two)
                    .push_back(step_time([&](const auto& tick) {
                                   first_version::train(
                                       t.catalogue, data, options, 13, 1, threads, tick);
                               }).median);
            }
        }
        use_one_thread_per_operator();
        const Spread one = spread_of(first_one);
        const Spread two = spread_of(first_two);
        const Spread first = one.median <= two.median ? one : two;
        const Spread present = spread_of(now);
        Row row;
        const std::string what =
            "training step of one network, " + std::to_string(layers) + " graph layers";
        row.what = what + ", first version, " +
                   (one.median <= two.median ? "one thread" : "two threads") + " (its best)";
        row.unit = "ms";
        row.value = {1e3 * first.median, 1e3 * first.low, 1e3 * first.high};
        table.add(row);
        row.what = what + ", one thread";
        row.value = {1e3 * present.median, 1e3 * present.low, 1e3 * present.high};
        if (layers == 0) {
            const double least = dense_work(options, data) / limits.sgemm_one;
            row.limit = "its dense layers at sgemm's rate, " + figure(1e3 * least) + " ms";
            row.share = least / present.median;
        }
        row.target = "<= 0.5 x the first version";
        row.met = present.median <= 0.5 * first.median;
        row.note = figure(present.median / first.median) + " x the first version";
        table.add(row);
    }
}

void retrain_row(BenchTable& table, int threads) {
    const Table t = synthetic_table(1000, 1000, 2000);
    LearnerOptions options;
    options.threads = threads;
    options.epochs = 4;
    const Learner base = Learner::train(t.catalogue, t.known, {}, options);
    std::vector<LabelledPair> outcomes;
    for (std::size_t i = 0; i < 24; ++i) {
        LabelledPair outcome;
        outcome.pair = {i * 31 % 1000, i * 17 % 1000};
        outcome.pair_label = i % 3 == 0 ? 1.0 : 0.0;
        outcome.target_label = outcome.pair_label;
        outcomes.push_back(outcome);
    }
    const int epochs = LearnerOptions().epochs / 4;  // as a campaign does
    std::vector<double> times;
    for (int run = 0; run < 3; ++run) {
        const auto start = std::chrono::steady_clock::now();
        (void)base.retrained(t.catalogue, t.known, outcomes, epochs);
        times.push_back(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    Row row;
    row.what = "warm retraining, 2000 structures and 24 outcomes, " +
               std::to_string(options.members) + " networks, " + std::to_string(epochs) +
               " passes, " + std::to_string(threads) + " workers side by side";
    row.unit = "s";
    row.value = spread_of(times);
    row.target = "<= 30 s on two cores";
    row.met = row.value.median <= 30.0;
    table.add(row);
}

void gpu_rows(BenchTable& table) {
    const std::string device = cuda_device();
    Row row;
    row.what = "1e9 pairs by dot product, d = 128, top 1000, on a GPU";
    row.unit = "s";
    row.target = "<= 0.1 s on one H200";
    if (device.empty()) {
        row.measured = false;
        row.note = "no GPU here";
        table.add(row);
        row.what = "warm retraining on a GPU, 2000 structures and 24 outcomes";
        row.target = "<= 3 s on one H200";
        table.add(row);
        return;
    }
    const auto cores = random_side(40000, 128, 0);
    const auto sets = random_side(25000, 128, 0);
    row.value = seconds(5, [&] { top_pairs_on(device, cores, sets, {}, 1000); });
    row.met = row.value.median <= 0.1;
    row.note = "transfers included";
    table.add(row);
    const Table t = synthetic_table(1000, 1000, 2000);
    LearnerOptions options;
    options.device = device;
    options.epochs = 4;
    const Learner base = Learner::train(t.catalogue, t.known, {}, options);
    row.what = "warm retraining on a GPU, 2000 structures";
    row.target = "<= 3 s on one H200";
    row.note.clear();
    row.value = seconds(
        3, [&] { (void)base.retrained(t.catalogue, t.known, {}, LearnerOptions().epochs / 4); });
    row.met = row.value.median <= 3.0;
    table.add(row);
}

void run(int threads, const std::string& rows, const std::string& json) {
    const auto wanted = [&](const std::string& part) {
        return rows.empty() || ("," + rows + ",").find("," + part + ",") != std::string::npos;
    };
    const auto start = std::chrono::steady_clock::now();
    BenchTable table;
    table.fact("processor", cpu_model());
    table.fact("threads", std::to_string(threads));
    table.fact("BLAS kernel", workbench::blas_kernel());
    table.fact("load average at the start", load_average());
    const Limits limits = measure_limits(table, threads);
    use_one_thread_per_operator();
    if (wanted("score")) {
        score_rows(table, limits, threads);
    }
    if (wanted("pool")) {
        pool_rows(table, limits, threads);
    }
    if (wanted("step")) {
        step_rows(table, limits);
    }
    if (wanted("retrain")) {
        retrain_row(table, threads);
    }
    if (wanted("gpu")) {
        gpu_rows(table);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    table.fact("load average at the end", load_average());
    table.fact("seconds in all", figure(took.count()));
    if (!json.empty()) {
        std::ofstream out(json);
        out << table.json();
        if (!out.flush()) {
            throw InputError("no_file", json + ": cannot be written");
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    workbench::use_fast_blas_kernel(argv);
    try {
        int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
        std::string graphs, rows, json;
        for (int i = 1; i < argc; ++i) {
            const std::string argument = argv[i];
            if (argument == "--graphs" && i + 1 < argc) {
                graphs = argv[++i];
            } else if (argument == "--json" && i + 1 < argc) {
                json = argv[++i];
            } else if (argument == "--rows" && i + 1 < argc) {
                rows = argv[++i];
            } else if (std::atoi(argv[i]) > 0) {
                threads = std::atoi(argv[i]);
            } else {
                throw InputError("usage",
                                 "usage: learner_bench [THREADS] [--json FILE] [--rows PART,...] "
                                 "[--graphs FILE]");
            }
        }
        if (graphs.empty()) {
            run(threads, rows, json);
        } else {
            evaluate(graphs, threads);
        }
        return 0;
    } catch (const InputError& error) {
        std::fprintf(stderr, "learner_bench: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "learner_bench: %s\n", error.what());
        return 1;
    }
}
