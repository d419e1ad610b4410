// How much of what another program says goes into the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace cupel::controller {

/// Lets a burst of lines pass, then so many a second, and counts the others: they are told as one
/// number when the flood has ended, and each minute while it lasts. For one thread.
class FloodGate {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// True for a line that may be logged now.
    bool pass(TimePoint now);
    /// How many lines were left out, where it is time to say so; they count as told then.
    std::optional<std::int64_t> due(TimePoint now);
    /// The same at once: nobody comes after to say it.
    std::optional<std::int64_t> rest();
    /// When to ask due() again; nothing while no line is left out.
    std::optional<TimePoint> next() const;

    static constexpr int kBurst = 200;    ///< lines at once: a long account of one mishap
    static constexpr int kPerSecond = 5;  ///< lines, in the long run
    static constexpr std::chrono::seconds kQuiet{1};  ///< without a line left out: it has ended
    static constexpr std::chrono::minutes kLongest{1};

  private:
    double room_ = kBurst;
    TimePoint refilled_{};
    std::int64_t left_out_ = 0;
    TimePoint first_left_out_{}, last_left_out_{};
};

}  // namespace cupel::controller
