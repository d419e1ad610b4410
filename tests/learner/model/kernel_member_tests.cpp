// The kernel member on the toy chemistry.
#include <cmath>

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
    CHECK(roc_auc(labels, scores(fitted(data), data.catalogue, pairs)) > 0.95);
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
