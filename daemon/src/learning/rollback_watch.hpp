// Does the serving model keep what it promises? A one-sided cumulative sum over finished batches.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cupel::controller {

/// A finished batch of experiments: what came of it and what its proposals' p had promised.
struct WatchedBatch {
    double hits = 0.0;      ///< labels, 0..1 each
    double expected = 0.0;  ///< sum of p
    double spread = 0.0;    ///< sum of p squared
};

/// Where the sum stands after a batch.
struct WatchFigures {
    double sum = 0.0;         ///< the alarm is at kThreshold
    double hits = 0.0;        ///< of the last batch
    double expected = 0.0;    ///< of the last batch, corrected for selection
    double correction = 1.0;  ///< what was made of sum p
    std::size_t rising = 0;   ///< batches since the sum was last nothing
    bool alarm = false;
    std::string text() const;  ///< one line for people
};

/// Page's cumulative sum (Biometrika 1954, 41, 100) of (sum p - hits), in standard deviations, less
/// an allowance. A policy picks what the model overrates, so that a good model too hits less often
/// than it says: sum p is multiplied by the ratio of hits to sum p in the last three batches,
/// shrunk towards 1 by four experiments.
class RollbackWatch {
  public:
    /// Set by simulation: no more than one false alarm in 200 batches of 4, 8 or 24 experiments,
    /// whether p is right, overrates by up to 60 %, or drifts. rollback_watch_tests.cpp simulates
    /// it again.
    static constexpr double kThreshold = 1.7;

    WatchFigures add(const WatchedBatch& batch);
    /// After an alarm was acted upon. What past batches say of selection stays.
    void restart() { sum_ = 0.0, rising_ = 0; }

  private:
    std::vector<WatchedBatch> last_;  ///< at most three
    double sum_ = 0.0;
    std::size_t rising_ = 0;
};

}  // namespace cupel::controller
