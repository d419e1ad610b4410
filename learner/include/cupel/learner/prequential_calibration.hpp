// Keeps promised probabilities true: learns from each outcome how far promises were off.
#pragma once

#include <vector>

#include <cupel/learner/score_scale.hpp>

namespace cupel::learner {

/// What was said of a logit before an experiment.
struct Promise {
    double mean = 0.0;
    double variance = 0.0;
};

/// Records what was promised before an experiment and what came of it, and scales the promises that
/// follow: a temperature and a base rate (ScoreScale). Until outcomes say otherwise the promises
/// stay as they are. It never changes the order of candidates. Values only: cheap to copy.
class PrequentialCalibration {
  public:
    /// `promise` as it stood before the outcome; a graded label, 0..1.
    void record(const Promise& promise, double label);
    /// Forgets every outcome.
    void clear();
    std::size_t outcomes() const noexcept { return means_.size(); }

    /// The scale that the outcomes so far speak for.
    ScoreScale scale() const;

  private:
    std::vector<double> means_, variances_, labels_;
};

}  // namespace cupel::learner
