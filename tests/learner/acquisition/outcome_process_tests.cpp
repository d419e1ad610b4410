// How far a model is off, learned from outcomes.
#include <cmath>

#include <cupel/acquisition/outcome_process.hpp>

#include "catch.hpp"
#include "normal.hpp"

using namespace cupel::acquisition;

namespace {

/// Candidates of two groups, even and odd, that are alike within a group.
double by_group(std::size_t a, std::size_t b) {
    return a % 2 == b % 2 ? 1.0 : 0.0;
}
/// Every candidate is like itself alone.
double alone(std::size_t a, std::size_t b) {
    return a == b ? 1.0 : 0.0;
}

}  // namespace

TEST_CASE("one hit moves its like as worked out by hand", "[acquisition]") {
    // Units of the probit: logits over 1.702, offset 2, tilt 0.25 of the logit itself.
    const double m = -1.0 / 1.702;
    const double k = 4.0 / (1.702 * 1.702) + 0.0625 * m * m;
    OutcomeProcess process({-1.0, -1.0}, {});
    CHECK(process.probabilities({1})[0] == Approx(normal_cdf(m / std::sqrt(1.0 + k))));
    process.observe(0, true);
    // Moments of the latent value after one hit (Rasmussen & Williams 2006, 3.58).
    const double z = m / std::sqrt(1.0 + k), r = inverse_mills(z);
    const double mean = m + k * r / std::sqrt(1.0 + k);
    const double variance = k - k * k * r * (z + r) / (1.0 + k);
    CHECK(process.probabilities({1})[0] ==
          Approx(normal_cdf(mean / std::sqrt(1.0 + variance))).epsilon(1e-3));
}

TEST_CASE("what explains the outcomes counts most", "[acquisition]") {
    OutcomeProcess process(std::vector<double>(24, 0.0), {alone, by_group});
    for (std::size_t i = 0; i < 20; ++i) {
        process.observe(i, i % 2 == 0);
    }
    const auto grouped = process.probabilities({20, 21});
    CHECK(grouped[0] > 0.85);
    CHECK(grouped[1] < 0.15);
}

TEST_CASE("outcomes that nothing explains move the base rate alone", "[acquisition]") {
    OutcomeProcess process(std::vector<double>(44, 0.0), {by_group});
    for (std::size_t i = 0; i < 40; ++i) {
        process.observe(i, i % 4 < 1 || i % 8 == 5);  // 15 of 40, as often in either group
    }
    const auto rest = process.probabilities({40, 41});
    CHECK(rest[0] == Approx(15.0 / 40.0).margin(0.08));
    CHECK(rest[1] == Approx(15.0 / 40.0).margin(0.08));
}
