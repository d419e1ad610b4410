// From a score to a probability: a temperature and a base rate, fitted where labels are known.
#pragma once

#include <vector>

namespace cupel::learner {

/// p = sigmoid(slope * score + offset). 1 / slope is the temperature of a logit; the offset moves
/// the base rate. A slope of 1 and an offset of 0 leave logits as they are.
struct ScoreScale {
    double slope = 1.0;
    double offset = 0.0;

    double logit(double score) const { return slope * score + offset; }
    double probability(double score) const;
    /// Of a Gaussian logit, averaged over it.
    double probability(double score, double variance) const;
};

/// What is believed before any label: Gaussians over slope and offset.
struct ScalePrior {
    double slope = 1.0, slope_deviation = 1.0;
    double offset = 0.0, offset_deviation = 3.0;
};

/// The most probable scale for graded labels in 0..1; the prior alone where there are none. The
/// slope never falls below 0.05: a scale may flatten scores, never turn them round. Where
/// `variances` are given, each score is a Gaussian and its probability the average over it.
/// Throws std::logic_error when the sizes differ.
ScoreScale fit_score_scale(const std::vector<double>& scores,
                           const std::vector<double>& labels,
                           const ScalePrior& prior = {},
                           const std::vector<double>& variances = {});

}  // namespace cupel::learner
