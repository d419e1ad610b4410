// One parameter, fitted by Newton's method: the objective is concave.
#include "kept_promises.hpp"

#include <algorithm>
#include <cmath>

namespace cupel::acquisition {
namespace {

constexpr double kDeviation = 2.0;
constexpr double kLeast = 1e-6;  // no promise is certain
constexpr int kSteps = 30;

double log_odds(double probability) {
    const double p = std::clamp(probability, kLeast, 1.0 - kLeast);
    return std::log(p / (1.0 - p));
}

double logistic(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

}  // namespace

void KeptPromises::record(double probability, bool hit) {
    log_odds_.push_back(log_odds(probability));
    hit_.push_back(hit ? 1 : 0);
    offset_ = 0.0;
    for (int step = 0; step < kSteps; ++step) {
        double slope = -offset_ / (kDeviation * kDeviation);
        double curvature = 1.0 / (kDeviation * kDeviation);
        for (std::size_t i = 0; i < hit_.size(); ++i) {
            const double p = logistic(log_odds_[i] + offset_);
            slope += (hit_[i] != 0 ? 1.0 : 0.0) - p;
            curvature += p * (1.0 - p);
        }
        // A promise far off makes the curvature small and the step long.
        offset_ += std::clamp(slope / curvature, -1.0, 1.0);
    }
}

double KeptPromises::kept(double probability) const {
    return logistic(log_odds(probability) + offset_);
}

}  // namespace cupel::acquisition
