// How far hit probabilities were off so far, learned from the outcomes of what was picked.
#pragma once

#include <vector>

namespace cupel::acquisition {

/// Picks that hit are put down to their labels, and the share of hits among the rest is taken for
/// too small or too large. An offset of the log odds with a prior of 0 +- 2, fitted to every
/// promise and its outcome, moves it. It never changes the order of experiments.
class KeptPromises {
  public:
    /// `probability` as it stood before the outcome.
    void record(double probability, bool hit);
    /// What a promise is worth by the outcomes so far; without any, itself.
    double kept(double probability) const;

  private:
    double offset_ = 0.0;
    std::vector<double> log_odds_;
    std::vector<char> hit_;
};

}  // namespace cupel::acquisition
