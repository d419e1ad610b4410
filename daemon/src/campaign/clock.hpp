// The port through which the daemon reads time; tests bring their own.
#pragma once

#include <chrono>

#include <cupel/domain/timestamp.hpp>

namespace cupel::controller {

/// Two clocks: `wall` for what is written down, `monotonic` for every deadline, so that a wall
/// clock that jumps ends no lease. Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Timestamp wall() const = 0;
    virtual std::chrono::steady_clock::time_point monotonic() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
  public:
    Timestamp wall() const override {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now());
    }
    std::chrono::steady_clock::time_point monotonic() const override {
        return std::chrono::steady_clock::now();
    }
};

}  // namespace cupel::controller
