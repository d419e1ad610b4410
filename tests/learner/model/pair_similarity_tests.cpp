// Pairs as alike as their cores and sets.
#include <cupel/learner/pair_similarity.hpp>

#include "catch.hpp"
#include "similarity.hpp"
#include "toy_data.hpp"

using namespace cupel::learner;

TEST_CASE("pairs are as alike as their cores and their sets", "[kernel]") {
    const auto data = cupel::test::toy_data();
    const auto& pairs = data.known;
    const PairSimilarity alike(data.catalogue, pairs);
    const auto row = [&](std::size_t i) {
        return kernel_rows({&data.catalogue.cores()[pairs[i].core]});
    };
    std::size_t same_core = 0;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        CHECK(alike.cores(i, i) == Approx(1.0));
        CHECK(alike.sets(i, i) == Approx(1.0));
        for (std::size_t j = 0; j < i; ++j) {
            CHECK(alike.cores(i, j) == alike.cores(j, i));
            CHECK(alike.cores(i, j) == Approx(core_similarity(row(i).data(), row(j).data())));
            CHECK(alike.sets(i, j) == alike.sets(j, i));
            CHECK(alike.sets(i, j) > 0.0);
            if (pairs[i].core == pairs[j].core) {
                ++same_core;
                CHECK(alike.cores(i, j) == Approx(1.0));
                CHECK(alike.sets(i, j) < 1.0);
            }
        }
    }
    CHECK(same_core > 0);
}

TEST_CASE("a set with one more species is less alike", "[kernel]") {
    auto data = cupel::test::toy_data();
    const auto thiol = data.catalogue.sets()[0], other = data.catalogue.sets()[2];
    const std::size_t both = data.catalogue.add_set("both", {thiol[0], other[0]});
    const PairSimilarity alike(data.catalogue, {{0, 0}, {0, 2}, {0, both}});
    CHECK(alike.sets(0, 2) < 1.0);
    CHECK(alike.sets(0, 2) > 0.0);
}
