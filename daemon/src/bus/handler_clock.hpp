// How long the handlers of the io thread take: no one may take long, or everybody waits.
#pragma once

#include <algorithm>
#include <chrono>

namespace cupel::controller {

/// Owned by the io thread.
struct HandlerTimes {
    std::chrono::microseconds longest{0};
    const char* slowest = "";  ///< name of that handler
};

/// Measures from its making to its end.
class HandlerClock {
  public:
    HandlerClock(HandlerTimes& times, const char* name)
        : times_(times), name_(name), start_(std::chrono::steady_clock::now()) {}
    ~HandlerClock() {
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - start_);
        if (took > times_.longest) {
            times_.longest = took;
            times_.slowest = name_;
        }
    }
    HandlerClock(const HandlerClock&) = delete;
    HandlerClock& operator=(const HandlerClock&) = delete;
    std::chrono::steady_clock::duration so_far() const {
        return std::chrono::steady_clock::now() - start_;
    }

  private:
    HandlerTimes& times_;
    const char* name_;
    std::chrono::steady_clock::time_point start_;
};

}  // namespace cupel::controller
