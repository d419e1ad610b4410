// Promises that were too high come down, and the order of candidates stays.
#include <random>

#include <cupel/learner/laplace_head.hpp>
#include <cupel/learner/prequential_calibration.hpp>

#include "catch.hpp"

using namespace cupel::learner;

TEST_CASE("without outcomes promises stay as they are", "[learner]") {
    const PrequentialCalibration calibration;
    CHECK(calibration.outcomes() == 0);
    CHECK(calibration.scale().probability(0.7, 2.0) == Approx(expected_sigmoid(0.7, 2.0)));
}

TEST_CASE("a hundred outcomes bring promises of twice the truth down to it", "[learner]") {
    PrequentialCalibration calibration;
    std::mt19937_64 random(11);
    double promised = 0.0;
    double came = 0.0;
    for (int i = 0; i < 100; ++i) {
        const double mean = -1.0 + 2.0 * (i % 10) / 10.0;
        const double truth = sigmoid(mean - 1.5);
        const double label = static_cast<double>(random() % 100000) / 1e5 < truth ? 1.0 : 0.0;
        promised += expected_sigmoid(mean, 0.5);
        came += label;
        calibration.record({mean, 0.5}, label);
    }
    REQUIRE(promised > 1.8 * came);
    const auto scale = calibration.scale();
    double now = 0.0;
    for (int i = 0; i < 100; ++i) {
        now += scale.probability(-1.0 + 2.0 * (i % 10) / 10.0, 0.5);
    }
    CHECK(now == Approx(came).margin(2.0));
    CHECK(scale.slope > 0.0);
    CHECK(scale.probability(1.0, 0.5) > scale.probability(0.0, 0.5));
    calibration.clear();
    CHECK(calibration.scale().offset == 0.0);
}
