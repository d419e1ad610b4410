// Many loops and their figures.
#include <cupel/acquisition/replay.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "synthetic_tables.hpp"

using namespace cupel::acquisition;

TEST_CASE("checkpoints stand at 24, 48, 96, 192 and the budget", "[acquisition]") {
    CHECK(checkpoints_of(96) == std::vector<std::size_t>{24, 48, 96});
    CHECK(checkpoints_of(100) == std::vector<std::size_t>{24, 48, 96, 100});
    CHECK(checkpoints_of(8) == std::vector<std::size_t>{8});
}

TEST_CASE("a replay does not depend on the number of threads", "[acquisition]") {
    const auto table = cupel::test::additive_table();
    ReplayOptions options;
    options.policies = {"random", "popularity", "portfolio"};
    options.seeds = 4;
    options.budget = 16;
    options.threads = 1;
    const auto one = replay(table, options);
    options.threads = 3;
    double last = 0.0;
    const auto three = replay(table, options, [&](double share) {
        CHECK(share > last);
        last = share;
    });
    CHECK(last == Approx(1.0));
    REQUIRE(one.policies.size() == 3);
    for (std::size_t p = 0; p < 3; ++p) {
        CHECK(one.policies[p].hits_by_seed == three.policies[p].hits_by_seed);
        CHECK(one.policies[p].curve == three.policies[p].curve);
        CHECK(one.policies[p].ece == three.policies[p].ece);
    }
}

TEST_CASE("the figures of a replay follow from its loops", "[acquisition]") {
    const auto table = cupel::test::additive_table();
    ReplayOptions options;
    options.policies = {"random", "ucb"};
    options.seeds = 3;
    options.budget = 24;
    const auto result = replay(table, options);
    CHECK(result.rows == 384);
    CHECK(result.hits_in_pool == table.hits());
    for (const auto& policy : result.policies) {
        CAPTURE(policy.policy);
        double mean = 0.0;
        for (const std::size_t hits : policy.hits_by_seed) {
            mean += static_cast<double>(hits) / 3;
        }
        CHECK(policy.hits.at(24) == Approx(mean));
        CHECK(policy.curve.size() == 24);
        const double left = static_cast<double>(table.hits() - 2);
        CHECK(policy.enrichment == Approx(mean / (24 * left / 374)));
        CHECK(policy.audc > 0.0);
        CHECK(policy.audc <= 1.0);
    }
    CHECK(result.policies[1].hits.at(24) > result.policies[0].hits.at(24));
}

TEST_CASE("lift compares with popularity even when it was not asked for", "[acquisition]") {
    const auto table = cupel::test::additive_table();
    ReplayOptions options;
    options.policies = {"popularity"};
    options.seeds = 2;
    options.budget = 16;
    const auto popularity = replay(table, options).policies.at(0);
    CHECK(popularity.lift_over_popularity == Approx(1.0));
    options.policies = {"random"};
    const auto random = replay(table, options).policies.at(0);
    CHECK(random.lift_over_popularity == Approx(random.hits.at(16) / popularity.hits.at(16)));
}

TEST_CASE("an error in a loop reaches the caller", "[acquisition]") {
    const auto table = cupel::test::full_table(
        {5, 5}, {}, 7.5, [](const auto& at) { return static_cast<double>(at[0] + at[1]); });
    CHECK_THROWS_AS(replay(table, {}), cupel::InputError);
}
