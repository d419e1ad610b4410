// How long the handlers of the io thread take: no one may take long, or everybody waits.
#pragma once

#include <algorithm>
#include <chrono>

#include <sys/resource.h>

namespace cupel::controller {

/// Owned by the io thread.
struct HandlerTimes {
    std::chrono::microseconds longest{0};
    const char* slowest = "";  ///< name of that handler
    /// Longest of those that the system put aside for another process meanwhile: what that took is
    /// none of ours, and cannot be told apart.
    std::chrono::microseconds longest_put_aside{0};
};

/// Measures from its making to its end.
class HandlerClock {
  public:
    HandlerClock(HandlerTimes& times, const char* name)
        : times_(times),
          name_(name),
          put_aside_(times_put_aside()),
          start_(std::chrono::steady_clock::now()) {}
    ~HandlerClock() {
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(so_far());
        if (took <= times_.longest && took <= times_.longest_put_aside) {
            return;
        }
        if (times_put_aside() != put_aside_) {
            times_.longest_put_aside = std::max(times_.longest_put_aside, took);
        } else if (took > times_.longest) {
            times_.longest = took;
            times_.slowest = name_;
        }
    }
    HandlerClock(const HandlerClock&) = delete;
    HandlerClock& operator=(const HandlerClock&) = delete;
    /// Whoever has more to do than this goes on when the others have had theirs.
    bool turn_is_over() const { return so_far() >= kTurn; }

  private:
    static constexpr std::chrono::milliseconds kTurn{2};

    std::chrono::steady_clock::duration so_far() const {
        return std::chrono::steady_clock::now() - start_;
    }
    /// Involuntary switches of this thread: waiting for a lock or a disk is not among them.
    static long times_put_aside() {
        rusage usage{};
        ::getrusage(RUSAGE_THREAD, &usage);
        return usage.ru_nivcsw;
    }

    HandlerTimes& times_;
    const char* name_;
    long put_aside_;
    std::chrono::steady_clock::time_point start_;
};

}  // namespace cupel::controller
