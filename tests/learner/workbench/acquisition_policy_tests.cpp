// Batches from a joint posterior.
#include <cmath>
#include <set>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/acquisition_policy.hpp>

#include "catch.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

// Twelve candidates: the first six are nearly one and the same and promising, the others apart.
learner::PoolPosterior twelve() {
    std::vector<float> features(12 * 7, 0.0F);
    for (std::size_t i = 0; i < 12; ++i) {
        features[i * 7] = i < 6 ? 1.0F : 0.0F;
        features[i * 7 + (i < 6 ? 0 : i - 5)] = 1.0F;
    }
    std::vector<double> weights{1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4};
    return {learner::LaplaceHead(weights, 4.0), features, std::vector<double>(12, -1.0)};
}

PoolView view_of_twelve() {
    PoolView view;
    view.available.assign(12, 1);
    for (std::size_t i = 0; i < 12; ++i) {
        view.popularity.push_back(static_cast<double>(i % 5));
        view.core.push_back(i);
        view.pair.push_back(i);
    }
    return view;
}

}  // namespace

TEST_CASE("every policy picks distinct, available candidates, the same for the same seed",
          "[workbench]") {
    auto view = view_of_twelve();
    view.available[1] = 0;
    view.pending = {1};
    for (const char* policy : {"random", "popularity", "greedy", "poh", "ucb", "ei", "portfolio"}) {
        const auto batch = choose_batch(policy, twelve(), view, 20, 9);
        std::set<std::size_t> picked;
        for (const auto& choice : batch) {
            picked.insert(choice.candidate);
        }
        CHECK(picked.size() == 11);
        CHECK(batch.size() == 11);
        CHECK(picked.count(1) == 0);
        CHECK(choose_batch(policy, twelve(), view, 20, 9)[0].candidate == batch[0].candidate);
    }
    CHECK(choose_batch("random", twelve(), view, 4, 1)[0].candidate !=
          choose_batch("random", twelve(), view, 4, 2)[0].candidate);
    CHECK_THROWS_AS(choose_batch("best", twelve(), view, 1, 1), InputError);
}

TEST_CASE("charge variants of one pair are not tried side by side while others are left",
          "[workbench]") {
    auto view = view_of_twelve();
    for (std::size_t i = 0; i < 12; ++i) {
        view.pair[i] = i / 2;
    }
    view.available[0] = 0;
    view.pending = {0};
    const auto batch = choose_batch("ucb", twelve(), view, 5, 1);
    std::set<std::size_t> pairs{0};
    for (const auto& choice : batch) {
        CHECK(pairs.insert(view.pair[choice.candidate]).second);
    }
    CHECK(batch.size() == 5);
    // With nothing else left, they are better than nothing.
    CHECK(choose_batch("ucb", twelve(), view, 11, 1).size() == 11);
}

TEST_CASE("a batch does not put all on one guess", "[workbench]") {
    const auto greedy = choose_batch("greedy", twelve(), view_of_twelve(), 4, 1);
    const auto poh = choose_batch("poh", twelve(), view_of_twelve(), 4, 1);
    const auto twins = [](const auto& batch) {
        int count = 0;
        for (const auto& choice : batch) {
            count += choice.candidate < 6 ? 1 : 0;
        }
        return count;
    };
    CHECK(twins(greedy) == 4);
    CHECK(twins(poh) == 1);
}

TEST_CASE("a core takes at most a quarter of a batch while others are left", "[workbench]") {
    auto view = view_of_twelve();
    for (std::size_t i = 0; i < 6; ++i) {
        view.core[i] = 0;
    }
    int of_core = 0;
    for (const auto& choice : choose_batch("greedy", twelve(), view, 8, 1)) {
        of_core += choice.candidate < 6 ? 1 : 0;
    }
    CHECK(of_core == 2);
}

TEST_CASE("a ligand scaffold takes at most a quarter of a batch while others are left",
          "[workbench]") {
    auto view = view_of_twelve();
    for (std::size_t i = 0; i < 12; ++i) {
        view.scaffold.push_back(i < 6 ? 0 : i);
    }
    int of_scaffold = 0;
    for (const auto& choice : choose_batch("greedy", twelve(), view, 8, 1)) {
        of_scaffold += choice.candidate < 6 ? 1 : 0;
    }
    CHECK(of_scaffold == 2);
}

TEST_CASE("a portfolio takes turns and each of its rules learns of every pick", "[workbench]") {
    const auto batch = choose_batch("portfolio", twelve(), view_of_twelve(), 6, 1);
    REQUIRE(batch.size() == 6);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        CHECK(batch[i].rule == (i % 3 == 0 ? "ucb" : i % 3 == 1 ? "ei" : "poh"));
    }
    CHECK(batch[0].candidate == choose_batch("ucb", twelve(), view_of_twelve(), 1, 1)[0].candidate);
}

TEST_CASE("the rule ei weighs what is above an even chance", "[workbench]") {
    const auto posterior = twelve();
    const auto first = choose_batch("ei", posterior, view_of_twelve(), 1, 1).at(0);
    const double mean = posterior.mean()[first.candidate];
    const double deviation = std::sqrt(posterior.variance()[first.candidate]);
    const double z = mean / deviation;
    const double expected = mean * 0.5 * std::erfc(-z / std::sqrt(2.0)) +
                            deviation * std::exp(-0.5 * z * z) / std::sqrt(2.0 * 3.14159265358979);
    CHECK(first.score == Approx(expected).epsilon(1e-9));
}

TEST_CASE("cost divides what a rule thinks, and what the batch has bought is free", "[workbench]") {
    auto view = view_of_twelve();
    // Reagent 0 is dear and in every candidate below six; the others have one cheap reagent each.
    view.reagent_cost = {50.0, 1.0};
    for (std::size_t i = 0; i < 12; ++i) {
        view.reagents.push_back({i < 6 ? std::size_t{0} : std::size_t{1}});
    }
    BatchOptions options;
    options.policy = "poh";
    options.count = 3;
    CHECK(choose_batch(options, twelve(), view).at(0).candidate < 6);
    options.cost_exponent = 1.0;
    const auto batch = choose_batch(options, twelve(), view);
    CHECK(batch.at(0).candidate >= 6);
    CHECK(batch.at(0).cost == Approx(2.0));
    CHECK(batch.at(1).cost == Approx(1.0));  // the cheap reagent is there already
    options.cost_exponent = 0.0;
    CHECK(choose_batch(options, twelve(), view).at(0).cost == 0.0);
}

TEST_CASE("audits are drawn at their rate, keep to what is available and turn no other rule's turn",
          "[workbench]") {
    auto view = view_of_twelve();
    view.available[3] = 0;
    BatchOptions options;
    options.policy = "greedy";
    options.count = 4;
    options.audit = 0.25;
    int audits = 0;
    std::set<std::size_t> audited;
    const int batches = 2000;
    for (int seed = 0; seed < batches; ++seed) {
        options.seed = static_cast<std::uint64_t>(seed);
        for (const auto& choice : choose_batch(options, twelve(), view)) {
            CHECK(choice.candidate != 3);
            if (choice.rule == "audit") {
                ++audits;
                audited.insert(choice.candidate);
            }
        }
    }
    // 8,000 picks at 1/4: a standard deviation is 39 picks.
    CHECK(std::abs(audits - batches) < 160);
    CHECK(audited.size() == 11);
    options.audit = 0.0;
    for (const auto& choice : choose_batch(options, twelve(), view)) {
        CHECK(choice.rule == "greedy");
    }
}
