// Wakes a thread that waits in poll().
#pragma once

#include <chrono>

namespace cupel::controller {

/// An eventfd. notify() may be called from any thread.
class Wake {
  public:
    /// Throws Error when the system has no descriptor left.
    Wake();
    ~Wake();
    Wake(const Wake&) = delete;
    Wake& operator=(const Wake&) = delete;

    void notify() noexcept;
    /// Forgets what was notified so far.
    void clear() noexcept;
    /// Waits for a notification and clears it; returns at the deadline at the latest.
    void wait(std::chrono::steady_clock::time_point deadline) noexcept;
    /// Readable while there is something to clear.
    int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_ = -1;
};

/// The time to a deadline as poll() takes it: milliseconds, rounded up, a minute at most.
int poll_time(std::chrono::steady_clock::time_point deadline) noexcept;

}  // namespace cupel::controller
