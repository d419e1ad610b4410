// The fused scorer against the plain sum.
#include <algorithm>
#include <random>

#include <cupel/domain/error.hpp>
#include <cupel/learner/scoring.hpp>

#include "catch.hpp"

using namespace cupel::learner;

namespace {

ScoringSide random_side(std::size_t count, std::size_t dot, std::size_t rectified, unsigned seed) {
    std::mt19937 random(seed);
    const auto draw = [&] { return static_cast<float>(random() % 2001) / 1000.0F - 1.0F; };
    ScoringSide side;
    side.count = count;
    for (std::size_t i = 0; i < count * dot; ++i) {
        side.dot.push_back(draw());
    }
    for (std::size_t i = 0; i < count * rectified; ++i) {
        side.rectified.push_back(draw());
    }
    return side;
}

}  // namespace

TEST_CASE("the fused scorer finds the same best pairs as the plain sum", "[learner]") {
    const std::size_t dot = 9;
    const std::size_t rectified = 5;
    const auto cores = random_side(23, dot, rectified, 1);
    const auto sets = random_side(71, dot, rectified, 2);
    const std::vector<float> weights{0.5F, -1.0F, 2.0F, 0.1F, 0.7F};
    std::vector<ScoredPair> all;
    for (std::size_t c = 0; c < cores.count; ++c) {
        for (std::size_t s = 0; s < sets.count; ++s) {
            float score = 0.0F;
            for (std::size_t j = 0; j < dot; ++j) {
                score += cores.dot[c * dot + j] * sets.dot[s * dot + j];
            }
            for (std::size_t j = 0; j < rectified; ++j) {
                score += weights[j] * std::max(cores.rectified[c * rectified + j] +
                                                   sets.rectified[s * rectified + j],
                                               0.0F);
            }
            all.push_back({score, c, s});
        }
    }
    std::sort(
        all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    for (const int threads : {1, 3}) {
        const auto best = top_pairs(cores, sets, weights, 40, threads);
        REQUIRE(best.size() == 40);
        for (std::size_t i = 0; i < best.size(); ++i) {
            // Single precision; sums are taken in another order.
            CHECK(best[i].score == Approx(all[i].score).margin(1e-5));
        }
    }
    // The code of other devices, on the one that every machine has.
    const auto on_device = top_pairs_on("cpu", cores, sets, weights, 40);
    REQUIRE(on_device.size() == 40);
    for (std::size_t i = 0; i < on_device.size(); ++i) {
        CHECK(on_device[i].score == Approx(all[i].score).margin(1e-5));
        CHECK(on_device[i].core == all[i].core);
        CHECK(on_device[i].set == all[i].set);
    }
    CHECK(top_pairs_on("cpu", cores, sets, weights, 100000).size() == 23 * 71);
    CHECK_THROWS_AS(top_pairs_on("cpu", cores, sets, {1.0F}, 3), cupel::Error);
    CHECK(top_pairs(cores, sets, weights, 100000, 2).size() == 23 * 71);
    CHECK(top_pairs(cores, sets, weights, 0, 2).empty());
    CHECK_THROWS_AS(top_pairs(cores, sets, {1.0F}, 3, 1), cupel::Error);
}
