// erfc keeps its digits down to z = -37; below -30 the asymptotic series takes over.
#include "normal.hpp"

#include <cmath>

namespace cupel::acquisition {
namespace {

constexpr double kLogSqrtTwoPi = 0.91893853320467274178;

}  // namespace

double normal_density(double z) {
    return std::exp(-0.5 * z * z - kLogSqrtTwoPi);
}

double normal_cdf(double z) {
    return 0.5 * std::erfc(-z * 0.70710678118654752440);
}

double log_normal_cdf(double z) {
    if (z < -30.0) {
        return -0.5 * z * z - kLogSqrtTwoPi - std::log(-z) - 1.0 / (z * z);
    }
    return std::log(normal_cdf(z));
}

double inverse_mills(double z) {
    return z < -30.0 ? -z - 1.0 / z : normal_density(z) / normal_cdf(z);
}

}  // namespace cupel::acquisition
