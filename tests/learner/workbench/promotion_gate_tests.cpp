// What may serve and what may not, on rows made for it.
#include <cmath>
#include <limits>
#include <random>

#include <cupel/workbench/promotion_gate.hpp>

#include "catch.hpp"

using namespace cupel::workbench;

namespace {

// Positives one in five; logits that tell them apart with noise, the new ones shifted by `change`
// towards the truth (or away from it) and with noise of their own.
JudgedRows rows(std::size_t count, double change, double own_noise, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> noise(0.0, 1.0);
    JudgedRows result;
    for (std::size_t i = 0; i < count; ++i) {
        const double sign = i % 5 == 0 ? 1.0 : -1.0;
        const double before = 1.2 * sign + noise(random);
        result.add(
            i % 5 == 0 ? 1.0 : 0.0, before, before + change * sign + own_noise * noise(random));
    }
    return result;
}

}  // namespace

TEST_CASE("a model that is better, or no worse than chance explains, is promoted", "[workbench]") {
    CHECK(judge_promotion(rows(335, 0.5, 0.1, 1), {}, {}).promoted);
    const auto same = judge_promotion(rows(335, 0.0, 0.0, 1), {}, {});
    CHECK(same.promoted);
    CHECK(same.text.find("promoted: anchor AUC") == 0);
    CHECK(same.text.find("left out") == std::string::npos);  // a full training leaves nothing out
    CHECK(same.anchor_rows == 335);
    int refused = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        // As good, but for what a retraining shakes.
        refused += judge_promotion(rows(335, 0.03, 0.1, seed), {}, {}).promoted ? 0 : 1;
    }
    CHECK(refused <= 6);
}

TEST_CASE("a worse log loss refuses, on the anchor or on fresh labels", "[workbench]") {
    const auto anchor = judge_promotion(rows(335, -0.8, 0.1, 2), {}, {});
    CHECK_FALSE(anchor.promoted);
    CHECK(anchor.probability_worse.value() >= 0.95);
    CHECK(anchor.text.find("refused: its log loss is worse") == 0);
    CHECK(anchor.log_loss_after > anchor.log_loss_before);
    const auto fresh = judge_promotion(rows(60, 0.0, 0.0, 3), rows(200, -0.8, 0.1, 4), {});
    CHECK_FALSE(fresh.promoted);
    CHECK(fresh.fresh_rows == 200);
}

TEST_CASE("a fallen anchor AUC refuses even where the log loss does not", "[workbench]") {
    // Logits of a model that shouts: shrinking them mends the loss, noise ruins the order.
    auto anchor = rows(335, 0.0, 0.0, 5);
    std::mt19937_64 random(6);
    std::normal_distribution<double> noise(0.0, 1.0);
    for (std::size_t i = 0; i < anchor.size(); ++i) {
        anchor.after[i] = 0.6 * anchor.before[i] + 0.5 * noise(random);
        anchor.before[i] *= 12.0;
    }
    const auto report = judge_promotion(anchor, {}, {});
    CHECK(report.probability_worse.value() < 0.5);
    CHECK(report.probability_auc_fell.value() >= 0.8);
    CHECK_FALSE(report.promoted);
    CHECK(report.text.find("refused: its anchor AUC fell") == 0);
}

TEST_CASE("what is no number is refused, what was left out is reported only", "[workbench]") {
    auto anchor = rows(100, 0.1, 0.1, 7);
    anchor.after[3] = std::numeric_limits<double>::quiet_NaN();
    const auto broken = judge_promotion(anchor, {}, {});
    CHECK_FALSE(broken.promoted);
    CHECK_FALSE(broken.finite);
    const auto forgotten = judge_promotion(rows(335, 0.2, 0.1, 8), {}, rows(500, -1.0, 0.1, 9));
    CHECK(forgotten.promoted);
    CHECK(forgotten.text.find("; left out: AUC ") != std::string::npos);
    CHECK(forgotten.retention_auc_after.value() < forgotten.retention_auc_before.value() - 0.05);
    CHECK(judge_promotion({}, {}, {}).promoted);  // nothing speaks against it
}

TEST_CASE("rows too few to judge refuse nothing but what is no number", "[workbench]") {
    JudgedRows one;
    one.add(1.0, 0.6, 0.5);
    const auto report = judge_promotion(one, {}, {});
    CHECK(report.promoted);
    CHECK_FALSE(report.probability_worse);
    CHECK_FALSE(report.probability_auc_fell);
    CHECK_FALSE(report.anchor_auc_before);
    CHECK(report.text.find("promoted: anchor AUC - -> -, too few rows to judge; log loss ") == 0);
    CHECK(report.text.find("too few rows to judge (1 anchor, 0 fresh rows)") != std::string::npos);
    CHECK(judge_promotion(rows(9, -3.0, 0.1, 11), {}, {}).promoted);
    one.after[0] = std::numeric_limits<double>::quiet_NaN();
    CHECK_FALSE(judge_promotion(one, {}, {}).promoted);
}

TEST_CASE("a log loss is judged where the hits are too few for an AUC", "[workbench]") {
    const auto report = judge_promotion(rows(20, -3.0, 0.1, 12), {}, {});
    CHECK_FALSE(report.promoted);
    CHECK_FALSE(report.probability_auc_fell);
}

TEST_CASE("fresh labels count beside an anchor that is small", "[workbench]") {
    CHECK_FALSE(judge_promotion(rows(5, 0.0, 0.1, 13), rows(10, -3.0, 0.1, 14), {}).promoted);
}

TEST_CASE("the same rows give the same figures", "[workbench]") {
    const auto one = judge_promotion(rows(200, 0.0, 0.3, 10), {}, {});
    const auto two = judge_promotion(rows(200, 0.0, 0.3, 10), {}, {});
    CHECK(one.probability_worse == two.probability_worse);
    CHECK(one.probability_auc_fell == two.probability_auc_fell);
}
