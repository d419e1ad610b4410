// The kernel member on the toy chemistry.
#include <algorithm>
#include <cmath>
#include <limits>

#include <cupel/domain/error.hpp>
#include <cupel/learner/learner.hpp>
#include <cupel/learner/metrics.hpp>

#include "catch.hpp"
#include "kernel_member.hpp"
#include "learner_impl.hpp"
#include "toy_data.hpp"

using namespace cupel::learner;
using cupel::test::toy_data;

namespace {

std::vector<double> scores(const KernelMember& member,
                           const Catalogue& catalogue,
                           const std::vector<Pair>& pairs) {
    std::vector<double> result;
    for (const auto& pair : pairs) {
        const auto core = member.core_sides({&catalogue.cores()[pair.core]});
        const auto set = member.set_sides(catalogue, {pair.set});
        result.push_back(static_cast<double>(member.combine(core.data(), set.data())));
    }
    return result;
}

KernelMember fitted(const cupel::test::ToyData& data,
                    const std::vector<LabelledPair>& experiments = {}) {
    return KernelMember(data.catalogue, training_set(data.catalogue, data.known, experiments, 4.0));
}

}  // namespace

TEST_CASE("the kernel member learns the rule in closed form", "[kernel]") {
    const auto data = toy_data();
    auto pairs = data.known;
    std::vector<int> labels(pairs.size(), 1);
    pairs.insert(pairs.end(), data.wrong.begin(), data.wrong.end());
    labels.resize(pairs.size(), 0);
    CHECK(roc_auc(labels, scores(fitted(data), data.catalogue, pairs)).value() > 0.95);
}

TEST_CASE("a core and a ligand that it has never seen are judged by their likes", "[kernel]") {
    auto data = toy_data();
    const auto member = fitted(data);
    const auto gold = data.catalogue.add_core("Au40", cupel::test::toy_core(79, 40));
    const auto set_of = [&](int donor) {
        const auto input = cupel::test::toy_ligand(donor, 20);
        return data.catalogue.add_set(input.graph.smiles,
                                      {data.catalogue.add_ligand(input.graph.smiles, input)});
    };
    const auto value = scores(member, data.catalogue, {{gold, set_of(16)}, {gold, set_of(15)}});
    CHECK(value[0] > value[1]);
}

TEST_CASE("metals outside the catalogue's own are as alike as their properties", "[kernel]") {
    cupel::test::ToyData data;
    const auto core = [&](const std::string& name, int z) {
        return data.catalogue.add_core(name, cupel::test::toy_core(z, 1));
    };
    const auto set_of = [&](int donor) {
        const auto input = cupel::test::toy_ligand(donor, 20);
        return data.catalogue.add_set(input.graph.smiles,
                                      {data.catalogue.add_ligand(input.graph.smiles, input)});
    };
    const auto europium = core("Eu", 63), magnesium = core("Mg", 12), gadolinium = core("Gd", 64);
    const auto soft = set_of(16), hard = set_of(8);
    data.known = {{europium, hard}, {magnesium, soft}};
    const auto value =
        scores(fitted(data), data.catalogue, {{gadolinium, hard}, {gadolinium, soft}});
    CHECK(value[0] > value[1]);
}

TEST_CASE("an experiment moves its pair: a hit up, a miss down", "[kernel]") {
    const auto data = toy_data();
    const Pair pair = data.wrong[3];
    const double before = scores(fitted(data), data.catalogue, {pair})[0];
    CHECK(scores(fitted(data, {{pair, 1.0, 1.0, false}}), data.catalogue, {pair})[0] > before);
    CHECK(scores(fitted(data, {{pair, 0.0, 0.0, false}}), data.catalogue, {pair})[0] < before);
}

TEST_CASE("trials of one pair that disagree count as their weighted mean, in any order",
          "[kernel]") {
    const auto data = toy_data();
    const Pair pair = data.wrong[3];
    const auto of = [&](const std::vector<LabelledPair>& experiments) {
        return scores(fitted(data, experiments), data.catalogue, data.wrong);
    };
    const LabelledPair hit{pair, 1.0, 1.0, false}, miss{pair, 0.0, 0.0, false};
    CHECK(of({hit, miss}) == of({miss, hit}));
    CHECK(of({hit, miss}) == of({{pair, 0.5, 0.5, false}}));
    CHECK(of({hit, hit}) == of({hit}));
    // A provisional one weighs half.
    CHECK(of({{pair, 0.75, 0.75, false}, {pair, 0.0, 0.0, true}}) == of({{pair, 0.5, 0.5, false}}));
}

TEST_CASE("a provisional result moves its pair less than a final one, two of them as far",
          "[kernel]") {
    const auto data = toy_data();
    const Pair pair = data.wrong[3];
    const auto of = [&](const std::vector<LabelledPair>& experiments) {
        return scores(fitted(data, experiments), data.catalogue, {pair})[0];
    };
    const double before = of({});
    for (const double label : {0.0, 1.0}) {
        const LabelledPair half{pair, label, -1.0, true}, whole{pair, label, -1.0, false};
        CHECK(std::abs(of({half}) - before) < std::abs(of({whole}) - before));
        CHECK((of({half}) > before) == (label > 0.5));
        CHECK(of({half, half}) == of({whole}));
    }
}

TEST_CASE("a kernel member read back gives the same bits", "[kernel]") {
    const auto data = toy_data();
    const auto member = fitted(data);
    NamedArrays arrays;
    member.store(arrays, "k.");
    CHECK(scores(KernelMember(arrays, "k."), data.catalogue, data.wrong) ==
          scores(member, data.catalogue, data.wrong));
    arrays.erase("k.weights");
    CHECK_THROWS_WITH(KernelMember(arrays, "k."), Catch::Contains("k.weights"));
}

namespace {

// Cores 6 + i of gold and copper, and sets of sulfur and phosphorus, in one catalogue.
struct Grid {
    cupel::test::ToyData data;
    std::vector<std::size_t> cores, sets;

    Grid(int core_count, int set_count) {
        for (int i = 0; i < core_count; ++i) {
            cores.push_back(data.catalogue.add_core(
                "core" + std::to_string(i), cupel::test::toy_core(i % 2 == 0 ? 79 : 29, 6 + i)));
        }
        for (int i = 0; i < set_count; ++i) {
            const auto input = cupel::test::toy_ligand(i % 2 == 0 ? 16 : 15, 2 + i);
            sets.push_back(data.catalogue.add_set(
                input.graph.smiles, {data.catalogue.add_ligand(input.graph.smiles, input)}));
        }
    }
    // All of the first cores with all of the first sets.
    void know(std::size_t core_count, std::size_t set_count) {
        for (std::size_t c = 0; c < core_count; ++c) {
            for (std::size_t s = 0; s < set_count; ++s) {
                data.known.push_back({cores[c], sets[s]});
            }
        }
    }
    double largest(const std::vector<LabelledPair>& experiments = {}) const {
        std::vector<Pair> all;
        for (const std::size_t core : cores) {
            for (const std::size_t set : sets) {
                all.push_back({core, set});
            }
        }
        double most = 0.0;
        for (const double value : scores(fitted(data, experiments), data.catalogue, all)) {
            most = std::isfinite(value) ? std::max(most, std::abs(value))
                                        : std::numeric_limits<double>::infinity();
        }
        return most;
    }
};

std::vector<LabelledPair> all_with(const Grid& grid, double label, std::size_t first) {
    std::vector<LabelledPair> experiments;
    for (std::size_t s = first; s < grid.sets.size(); ++s) {
        experiments.push_back({{grid.cores[0], grid.sets[s]}, label, label, false});
    }
    return experiments;
}

}  // namespace

TEST_CASE("where few cells or none are free the feature stays moderate", "[kernel]") {
    constexpr double kModerate = 12.0;  // deviations; one that explodes reaches ten thousands
    SECTION("one core, and all that is known of it") {
        Grid grid(3, 14);
        grid.know(1, 8);
        CHECK(grid.largest() < kModerate);
        CHECK(grid.largest(all_with(grid, 0.0, 8)) < kModerate);
        CHECK(grid.largest(all_with(grid, 0.0, 13)) < kModerate);
    }
    SECTION("one set") {
        Grid grid(12, 3);
        grid.know(10, 1);
        CHECK(grid.largest() < kModerate);
        CHECK(grid.largest({{{grid.cores[11], grid.sets[0]}, 0.0, 0.0, false}}) < kModerate);
    }
    SECTION("every cell known, and every cell but one") {
        Grid grid(3, 8);
        grid.know(2, 6);
        CHECK(grid.largest() < kModerate);
        grid.data.known.pop_back();
        CHECK(grid.largest() < kModerate);
        grid.data.known.pop_back();
        grid.data.known.pop_back();
        CHECK(grid.largest() < kModerate);
    }
    SECTION("all labels equal") {
        Grid grid(3, 14);
        grid.know(1, 8);
        CHECK(grid.largest(all_with(grid, 1.0, 8)) < kModerate);
        CHECK(grid.largest(all_with(grid, 0.0, 0)) < kModerate);
    }
}

TEST_CASE("sets that are all but the same leave an unlike one near its own score of nothing",
          "[kernel]") {
    Grid grid(2, 0);
    for (int i = 0; i < 10; ++i) {
        const auto input = cupel::test::toy_ligand(16, 60 + i);
        grid.sets.push_back(grid.data.catalogue.add_set(
            input.graph.smiles, {grid.data.catalogue.add_ligand(input.graph.smiles, input)}));
    }
    grid.know(1, 8);
    const auto unlike = cupel::test::toy_ligand(15, 2);
    grid.sets.push_back(grid.data.catalogue.add_set(
        unlike.graph.smiles, {grid.data.catalogue.add_ligand(unlike.graph.smiles, unlike)}));
    CHECK(grid.largest({{{grid.cores[0], grid.sets[8]}, 0.0, 0.0, false},
                        {{grid.cores[0], grid.sets[9]}, 0.0, 0.0, false}}) < 12.0);
}

TEST_CASE("weight 0 leaves the kernel member out of the model", "[kernel]") {
    const auto data = toy_data();
    auto options = cupel::test::toy_options();
    options.epochs = 3;
    options.kernel = 1.0;
    const auto with = Learner::train(data.catalogue, data.known, {}, options);
    options.kernel = 0.0;
    const auto without = Learner::train(data.catalogue, data.known, {}, options);
    CHECK(with.feature_count() == without.feature_count() + 1);
    CHECK(with.hash() != without.hash());
}
