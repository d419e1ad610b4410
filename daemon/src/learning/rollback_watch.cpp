// The sum and its scale.
#include "rollback_watch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace cupel::controller {
namespace {

constexpr std::size_t kLookBack = 3;  ///< batches that say how selection inflates p
constexpr double kShrink = 4.0;       ///< experiments' worth of belief that p is right
constexpr double kLeastCorrection = 0.25;
constexpr double kAllowance = 0.75;  ///< standard deviations a batch may fall short for nothing
constexpr double kFloor = 0.5;       ///< a single experiment is never worth an alarm
constexpr double kMisjudged = 0.2;   ///< relative error of sum p that no sample explains

}  // namespace

std::string WatchFigures::text() const {
    char line[160];
    std::snprintf(
        line,
        sizeof line,
        "%.1f hits where %.1f were expected (sum p x %.2f); cumulative sum %.2f, alarm at "
        "%.2f",
        hits,
        expected,
        correction,
        sum,
        RollbackWatch::kThreshold);
    return line;
}

WatchFigures RollbackWatch::add(const WatchedBatch& batch) {
    double hits = kShrink;
    double promised = kShrink;
    for (const auto& past : last_) {
        hits += past.hits;
        promised += past.expected;
    }
    WatchFigures figures;
    figures.correction = std::clamp(hits / promised, kLeastCorrection, 1.0);
    figures.hits = batch.hits;
    figures.expected = figures.correction * batch.expected;
    const double squares = figures.correction * figures.correction * batch.spread;
    const double variance = std::max(figures.expected - squares, 0.0) + kFloor +
                            std::pow(kMisjudged * figures.expected, 2.0);
    const double shortfall = (figures.expected - batch.hits) / std::sqrt(variance);
    sum_ = std::max(0.0, sum_ + shortfall - kAllowance);
    rising_ = sum_ > 0.0 ? rising_ + 1 : 0;
    figures.sum = sum_;
    figures.rising = rising_;
    figures.alarm = sum_ > kThreshold;
    last_.push_back(batch);
    if (last_.size() > kLookBack) {
        last_.erase(last_.begin());
    }
    return figures;
}

}  // namespace cupel::controller
