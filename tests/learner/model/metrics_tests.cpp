// Figures of merit on cases worked out by hand.
#include <algorithm>
#include <cmath>

#include <cupel/learner/metrics.hpp>

#include "catch.hpp"

using namespace cupel::learner;

TEST_CASE("AUC counts pairs in order and ties as half", "[learner]") {
    CHECK(roc_auc({1, 0, 1, 0}, {4, 3, 2, 1}).value() == Approx(0.75));
    CHECK(roc_auc({1, 0}, {1, 1}).value() == Approx(0.5));
}

TEST_CASE("without both classes there is no AUC and no gain", "[learner]") {
    CHECK_FALSE(roc_auc({1, 1}, {1, 2}));
    CHECK_FALSE(roc_auc({}, {}));
    const PairedScores one_class{{1, 1}, {1.0, 2.0}, {2.0, 1.0}};
    CHECK_FALSE(paired_auc_gain({one_class}, 100, 1));
    // Beside a set that has both, it counts for nothing.
    const PairedScores both{{1, 0}, {2.0, 1.0}, {1.0, 2.0}};
    CHECK(paired_auc_gain({one_class, both}, 100, 1).value().mean == 1.0);
}

TEST_CASE("a better scorer has a paired interval above zero, itself one at zero", "[learner]") {
    PairedScores good;
    PairedScores same;
    for (int i = 0; i < 200; ++i) {
        good.labels.push_back(i % 2);
        good.a.push_back(i % 2 + 0.001 * i);
        good.b.push_back(i % 7);
    }
    same = good;
    same.b = same.a;
    const auto gain = paired_auc_gain({good}, 500, 1).value();
    CHECK(gain.low > 0.2);
    CHECK(gain.low <= gain.mean);
    CHECK(gain.mean <= gain.high);
    const auto none = paired_auc_gain({same}, 100, 1).value();
    CHECK(none.low == 0.0);
    CHECK(none.high == 0.0);
}

TEST_CASE("log loss, means and bootstrap probabilities", "[learner]") {
    CHECK(log_loss({1.0, 0.0}, {0.5, 0.5}) == Approx(std::log(2.0)));
    CHECK(log_loss({1.0}, {0.0}) == Approx(-std::log(1e-6)));
    CHECK(mean_error({1.0, 3.0}).mean == 2.0);
    CHECK(mean_error({1.0, 3.0}).se == Approx(1.0));
    CHECK(mean_error({1.0, 2.0, 3.0, 4.0}).se == Approx(std::sqrt(5.0 / 3.0 / 4.0)));
    CHECK(mean_error({1.0}).se == 0.0);
    CHECK(bootstrap_above_zero({0.1, 0.2, 0.3}, 100, 1) == 1.0);
    CHECK(bootstrap_above_zero({-0.1, -0.2}, 100, 1) == 0.0);
    const auto interval = mean_interval({0.0, 1.0, 2.0, 3.0}, 1000, 1);
    CHECK(interval.mean == 1.5);
    CHECK(interval.low < 1.0);
    CHECK(interval.high > 2.0);
    CHECK(mean_interval({}, 100, 1).high == 0.0);
}

TEST_CASE("probabilities that hold have no calibration error, a constant has no skill",
          "[learner]") {
    std::vector<double> labels, sharp, constant, turned;
    for (int i = 0; i < 300; ++i) {
        labels.push_back(i % 3 == 0 ? 1.0 : 0.0);
        sharp.push_back(labels.back());
        constant.push_back(1.0 / 3.0);
        turned.push_back(1.0 - labels.back());
    }
    CHECK(reliability_of(labels, sharp).ece == 0.0);
    CHECK(reliability_of(labels, sharp).brier_skill == 1.0);
    CHECK(reliability_of(labels, constant).brier_skill == Approx(0.0).margin(1e-9));
    std::vector<double> hits_first(300, 0.0);
    std::fill(hits_first.begin(), hits_first.begin() + 100, 1.0);
    CHECK(reliability_of(hits_first, constant).ece == Approx(0.0).margin(1e-9));
    CHECK(reliability_of(labels, constant).base_rate == Approx(1.0 / 3.0));
    CHECK(reliability_of(labels, turned).ece == Approx(1.0));
    CHECK(reliability_of({}, {}).count == 0);
    CHECK(reliability_of({1.0, 1.0}, {0.9, 0.9}).brier_skill == 0.0);
}
