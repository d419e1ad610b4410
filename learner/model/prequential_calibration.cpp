// Outcomes in, a scale out.
#include <cupel/learner/prequential_calibration.hpp>

namespace cupel::learner {
namespace {

// Picks come from the top of the pool: they tell the base rate well and the temperature badly, so
// the temperature is held near 1. Chosen on development seeds
// (learner/bench/calibration-results.md).
constexpr ScalePrior kPrior{1.0, 0.25, 0.0, 2.0};

}  // namespace

void PrequentialCalibration::record(const Promise& promise, double label) {
    means_.push_back(promise.mean);
    variances_.push_back(promise.variance);
    labels_.push_back(label);
}

void PrequentialCalibration::clear() {
    means_.clear();
    variances_.clear();
    labels_.clear();
}

ScoreScale PrequentialCalibration::scale() const {
    return fit_score_scale(means_, labels_, kPrior, variances_);
}

}  // namespace cupel::learner
