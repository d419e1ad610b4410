// When a long piece of work says how far it is.
#pragma once

#include <chrono>

namespace cupel::workbench {

/// At each tenth, so that the reader is never flooded, and after each ten seconds, so that who
/// waits knows that the work goes on however slow it is. For one thread at a time.
class ProgressPace {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds kLongestSilence{10};

    /// True when a line is due for this part of the work, done `now`; it counts as said then.
    bool is_due(double fraction, TimePoint now) {
        const int tenth = static_cast<int>(fraction * 10.0);
        if (tenth == tenth_ && now < said_ + kLongestSilence) {
            return false;
        }
        tenth_ = tenth;
        said_ = now;
        return true;
    }

  private:
    int tenth_ = -1;
    TimePoint said_{};
};

}  // namespace cupel::workbench
