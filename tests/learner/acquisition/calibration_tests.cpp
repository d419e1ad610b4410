// Calibration of a pool's probabilities.
#include <algorithm>

#include "calibration.hpp"
#include "catch.hpp"

using cupel::acquisition::calibration_of;

TEST_CASE("probabilities that come true are calibrated and skilful", "[acquisition]") {
    std::vector<double> p;
    std::vector<char> hit;
    for (int i = 0; i < 1500; ++i) {
        p.push_back(i < 1000 ? 0.1 : 0.8);
        hit.push_back(i < 1000 ? i % 10 == 0 : i % 5 != 0);
    }
    const auto calibration = calibration_of(p, hit);
    CHECK(calibration.ece.value() == Approx(0.0).margin(1e-9));
    // Brier 0.113 against 0.222 of the base rate 1/3.
    CHECK(calibration.brier_skill.value() == Approx(1.0 - 170.0 / (1500.0 * 2.0 / 9.0)));
}

TEST_CASE("the calibration error is the mean gap of a constant", "[acquisition]") {
    const auto calibration =
        calibration_of(std::vector<double>(30, 0.5), std::vector<char>(30, char{0}));
    CHECK(calibration.ece.value() == Approx(0.5));
    CHECK(calibration.brier_skill.value() == 0.0);
}

TEST_CASE("rows that look alike have no calibration error for being listed hits first",
          "[acquisition]") {
    std::vector<char> hit(100, char{0});
    std::fill(hit.begin(), hit.begin() + 20, char{1});
    CHECK(calibration_of(std::vector<double>(100, 0.2), hit).ece.value() ==
          Approx(0.0).margin(1e-9));
}

TEST_CASE("nothing left to predict has no figures", "[acquisition]") {
    CHECK_FALSE(calibration_of({}, {}).ece);
    CHECK_FALSE(calibration_of({}, {}).brier_skill);
}
