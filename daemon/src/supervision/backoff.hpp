// How long to wait before what failed is tried again.
#pragma once

#include <chrono>

namespace cupel::controller {

/// The pause doubles with each failure in a row, up to the longest. For one thread.
class Backoff {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
        : first_(first), longest_(longest) {}

    /// The pause that begins now.
    std::chrono::milliseconds fail(TimePoint now);
    void succeed() { failures_ = 0; }
    /// Since it last succeeded.
    int failures() const { return failures_; }
    /// The end of the newest pause; in the past when there was none.
    TimePoint next() const { return next_; }

  private:
    std::chrono::milliseconds first_, longest_;
    int failures_ = 0;
    TimePoint next_;
};

}  // namespace cupel::controller
