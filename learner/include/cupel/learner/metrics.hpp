// Figures of merit: area under the ROC curve, log loss, paired bootstrap intervals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cupel::learner {

/// Area under the ROC curve (ties count half); nothing when one class is missing.
std::optional<double> roc_auc(const std::vector<int>& labels, const std::vector<double>& scores);
/// Mean negative log likelihood of graded labels in 0..1; probabilities are clipped at 1e-6.
double log_loss(const std::vector<double>& labels, const std::vector<double>& probabilities);
/// How far probabilities hold.
struct Reliability {
    std::size_t count = 0;
    double base_rate = 0.0;    ///< share of the labels that are 1
    double brier = 0.0;        ///< mean squared error
    double brier_skill = 0.0;  ///< 1 - brier / (brier of the base rate); 0 when all labels agree
    double nll = 0.0;          ///< log_loss()
    double ece = 0.0;          ///< calibration_error()
};
/// Labels in 0..1 beside probabilities; empty input gives zeros.
Reliability reliability_of(const std::vector<double>& labels,
                           const std::vector<double>& probabilities);
struct MeanError {
    double mean = 0.0, se = 0.0;
};
/// Mean and its standard error, sqrt(sum of squares / (n - 1) / n); 0 for a single value, of which
/// nothing is known.
MeanError mean_error(const std::vector<double>& values);

/// One test set scored twice.
struct PairedScores {
    std::vector<int> labels;
    std::vector<double> a, b;
};
struct Interval {
    double mean = 0.0, low = 0.0, high = 0.0;
};
/// Gain of `a` over `b` in AUC, mean over the sets that hold both classes, with a 95 % interval
/// from `draws` resamplings of the pairs (the same pairs for both); nothing when no set does.
std::optional<Interval> paired_auc_gain(const std::vector<PairedScores>& sets,
                                        int draws,
                                        std::uint64_t seed);
/// The mean of `differences` with a 95 % interval from `draws` resamplings; zeros when empty.
Interval mean_interval(const std::vector<double>& differences, int draws, std::uint64_t seed);
/// Probability (0..1) that the mean of `differences` is above 0, by bootstrap.
double bootstrap_above_zero(const std::vector<double>& differences, int draws, std::uint64_t seed);

}  // namespace cupel::learner
