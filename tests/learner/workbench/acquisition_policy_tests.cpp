// Batches from a joint posterior.
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
    for (const char* policy : {"random", "popularity", "greedy", "poh", "ucb", "portfolio"}) {
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
