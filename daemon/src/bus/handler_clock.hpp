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
    /// none of ours. Of them only the processor's time counts for `longest`.
    std::chrono::microseconds longest_put_aside{0};
};

/// Measures from its making to its end.
class HandlerClock {
  public:
    HandlerClock(HandlerTimes& times, const char* name)
        : times_(times), name_(name), before_(usage()), start_(std::chrono::steady_clock::now()) {}
    ~HandlerClock() {
        auto took = std::chrono::duration_cast<std::chrono::microseconds>(so_far());
        if (took <= times_.longest && took <= times_.longest_put_aside) {
            return;
        }
        const Usage after = usage();
        if (after.put_aside != before_.put_aside) {
            times_.longest_put_aside = std::max(times_.longest_put_aside, took);
            took = std::min(took, after.processor - before_.processor);
        }
        if (took > times_.longest) {
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
    struct Usage {
        long put_aside;  ///< involuntary switches: waiting for a lock or a disk is not among them
        std::chrono::microseconds processor;
    };
    /// Of this thread.
    static Usage usage() {
        rusage used{};
        ::getrusage(RUSAGE_THREAD, &used);
        const auto of = [](const timeval& time) {
            return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
        };
        return {used.ru_nivcsw, of(used.ru_utime) + of(used.ru_stime)};
    }

    HandlerTimes& times_;
    const char* name_;
    Usage before_;
    std::chrono::steady_clock::time_point start_;
};

}  // namespace cupel::controller
