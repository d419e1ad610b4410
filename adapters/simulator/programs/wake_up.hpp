// Waits until there may be something to do.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <cupel/client/subscriber.hpp>

#include "bench_options.hpp"

namespace cupel::simulator {

/// With an events endpoint: until the history says something; without one, or when it is silent,
/// for a while. Owned by one thread.
class WakeUp {
  public:
    explicit WakeUp(const BenchOptions& options);
    /// Returns soon after something happened that may concern a worker; never later than the
    /// polling interval.
    void wait();

  private:
    std::optional<client::Subscriber> subscriber_;
};

}  // namespace cupel::simulator
