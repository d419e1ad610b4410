// Equal-mass bins on cases worked out by hand.
#include <algorithm>

#include <cupel/domain/calibration_error.hpp>

#include "catch.hpp"

using cupel::calibration_error;

TEST_CASE("probabilities that come true have no error, turned ones the whole", "[domain]") {
    std::vector<double> outcomes, turned;
    for (int i = 0; i < 300; ++i) {
        outcomes.push_back(i % 3 == 0 ? 1.0 : 0.0);
        turned.push_back(1.0 - outcomes.back());
    }
    CHECK(calibration_error(outcomes, outcomes) == 0.0);
    CHECK(calibration_error(turned, outcomes) == Approx(1.0));
    CHECK(calibration_error({}, {}) == 0.0);
}

TEST_CASE("a constant at the base rate shows no error, however its rows are ordered", "[domain]") {
    // Hits listed before misses, as evaluations list them.
    std::vector<double> outcomes(500, 0.0);
    std::fill(outcomes.begin(), outcomes.begin() + 100, 1.0);
    CHECK(calibration_error(std::vector<double>(500, 0.2), outcomes) == Approx(0.0).margin(1e-12));
    CHECK(calibration_error(std::vector<double>(500, 0.3), outcomes) == Approx(0.1));
}

TEST_CASE("the order of equal probabilities does not move the error", "[domain]") {
    std::vector<double> p, outcomes;
    for (int i = 0; i < 400; ++i) {
        p.push_back(i % 4 == 0 ? 0.7 : 0.2);
        outcomes.push_back(i % 5 == 0 ? 1.0 : 0.0);
    }
    const double listed = calibration_error(p, outcomes);
    std::reverse(p.begin(), p.end());
    std::reverse(outcomes.begin(), outcomes.end());
    CHECK(calibration_error(p, outcomes) == Approx(listed));
    CHECK(listed == Approx(0.25 * 0.5));  // 0.7 came true with 0.2, and 0.2 with 0.2
}
