// Speed of the learner beside the machine's own limit, measured in the same run.
// usage: learner_bench [THREADS] [--graphs FILE]
// With a graph file (`cupel pool export`) it trains on four fifths of that table and scores the
// rest.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>

#include <cupel/domain/error.hpp>
#include <cupel/domain/graph_file.hpp>
#include <cupel/learner/graph_table.hpp>
#include <cupel/learner/learner.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/learner/pool_posterior.hpp>
#include <cupel/learner/scoring.hpp>

namespace {

using namespace cupel;
using namespace cupel::learner;

// Best of three: the machine may be busy.
double seconds(const std::function<void()>& job) {
    double best = 1e30;
    for (int i = 0; i < 3; ++i) {
        const auto start = std::chrono::steady_clock::now();
        job();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count());
    }
    return best;
}

using Sgemm = void (*)(
    int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int);

// FLOP/s of the BLAS that LibTorch loaded, or 0 when it has no C interface.
double sgemm_rate() {
    void* symbol = dlsym(RTLD_DEFAULT, "cblas_sgemm");
    if (symbol == nullptr) {
        return 0.0;
    }
    Sgemm sgemm = nullptr;
    std::memcpy(&sgemm, &symbol, sizeof(sgemm));
    constexpr int kSize = 1536;
    const std::vector<float> a(kSize * kSize, 0.5F);
    const std::vector<float> b(kSize * kSize, 0.25F);
    std::vector<float> c(kSize * kSize, 0.0F);
    const double took = seconds([&] {
        sgemm(101,
              111,
              111,
              kSize,
              kSize,
              kSize,
              1.0F,
              a.data(),
              kSize,
              b.data(),
              kSize,
              0.0F,
              c.data(),
              kSize);
    });
    return 2.0 * kSize * kSize * kSize / took;
}

ScoringSide random_side(std::size_t count, std::size_t dot, std::size_t rectified) {
    std::mt19937 random(7);
    ScoringSide side;
    side.count = count;
    side.dot.resize(count * dot);
    side.rectified.resize(count * rectified);
    for (auto* values : {&side.dot, &side.rectified}) {
        for (auto& value : *values) {
            value = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
        }
    }
    return side;
}

LigandInput chain(std::size_t donor, std::size_t length) {
    LigandInput ligand;
    ligand.graph.smiles = std::to_string(donor) + "-" + std::to_string(length);
    ligand.graph.donor_class = donor == 16 ? "thiolate" : "phosphine";
    ligand.graph.denticity = 1;
    for (std::size_t i = 0; i < length; ++i) {
        GraphAtom atom;
        atom.atomic_number = static_cast<std::uint8_t>(i == 0 ? donor : 6);
        atom.donor = i == 0;
        atom.donor_distance = static_cast<std::uint8_t>(i);
        ligand.graph.atoms.push_back(atom);
        if (i > 0) {
            ligand.graph.bonds.push_back({static_cast<std::uint16_t>(i - 1),
                                          static_cast<std::uint16_t>(i),
                                          1,
                                          false,
                                          false});
        }
        ligand.fingerprint.counts.emplace_back(static_cast<std::uint32_t>(donor * 37 + i * 11), 1);
    }
    return ligand;
}

// Of the size of the table of reported clusters: 340 cores, 350 ligands of about 20 atoms, 674
// pairs.
struct Table {
    Catalogue catalogue;
    std::vector<Pair> known;
};

Table table() {
    Table t;
    for (std::size_t i = 0; i < 340; ++i) {
        CoreGraph core;
        core.metals = {{static_cast<std::uint8_t>(i % 2 == 0 ? 79 : 29), static_cast<int>(2 + i)}};
        t.catalogue.add_core(std::to_string(i), core);
    }
    for (std::size_t i = 0; i < 350; ++i) {
        const auto ligand = chain(i % 2 == 0 ? 16 : 15, 8 + i % 25);
        const auto index = t.catalogue.add_ligand(std::to_string(i), ligand);
        t.catalogue.add_set(std::to_string(i), {index});
    }
    for (std::size_t i = 0; i < 674; ++i) {
        t.known.push_back({i % 340, (i * 7 + i / 340) % 350});
    }
    return t;
}

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
                roc_auc(labels, model.interaction(data.catalogue, test)),
                roc_auc(labels, model.popularity(data.catalogue, test)));
}

void run(int threads) {
    const double peak = sgemm_rate();
    std::printf("sgemm peak                      %8.1f GFLOP/s\n", peak / 1e9);
    const auto cores = random_side(20000, 128, 0);
    const auto sets = random_side(5000, 128, 0);
    const double pairs = 20000.0 * 5000.0;
    const double dot = pairs / seconds([&] { top_pairs(cores, sets, {}, 1000, threads); });
    std::printf("dot product, d = 128, top 1000  %8.2e pairs/s  %4.1f %% of sgemm\n",
                dot,
                peak > 0 ? 100.0 * dot * 256 / peak : 0.0);
    const auto full_cores = random_side(20000, 64, 64);
    const auto full_sets = random_side(5000, 64, 64);
    const std::vector<float> weights(64, 0.1F);
    const double full =
        pairs / seconds([&] { top_pairs(full_cores, full_sets, weights, 1000, threads); });
    std::printf("full head, 64 + ReLU 64, top 1000 %6.2e pairs/s\n", full);
    const Table t = table();
    for (const int layers : {0, 2}) {
        LearnerOptions options;
        options.members = 1;
        options.threads = 1;
        options.epochs = 10;
        options.graph_layers = layers;
        const auto train = [&](int epochs) {
            options.epochs = epochs;
            return seconds([&] { Learner::train(t.catalogue, t.known, {}, options); });
        };
        const double step = (train(20) - train(4)) / 16.0;
        std::printf(
            "training step, %d graph layers   %8.1f ms  (674 pairs, one member, one thread)\n",
            layers,
            1e3 * step);
    }
    const LaplaceHead head(std::vector<double>(193, 0.1), 1.0);
    const auto rows = random_side(100000, 193, 0);
    PoolPosterior posterior(head, rows.dot, std::vector<double>(100000, 0.0));
    const double taken = seconds([&] { posterior.observe(17, 1.0, 1.0); });
    std::printf("posterior, 1e5 pairs, d = 193   %8.1f ms per observation\n", 1e3 * taken);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
        std::string graphs;
        for (int i = 1; i < argc; ++i) {
            const std::string argument = argv[i];
            if (argument == "--graphs" && i + 1 < argc) {
                graphs = argv[++i];
            } else if (std::atoi(argv[i]) > 0) {
                threads = std::atoi(argv[i]);
            } else {
                throw InputError("usage", "usage: learner_bench [THREADS] [--graphs FILE]");
            }
        }
        if (graphs.empty()) {
            run(threads);
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
