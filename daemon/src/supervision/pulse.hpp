// When a thread last came round: what tells a busy one from one that hangs.
#pragma once

#include <atomic>
#include <chrono>

namespace cupel::controller {

/// beat() is for the thread itself, silent_for() for everybody.
class Pulse {
  public:
    void beat() noexcept { last_ = now(); }
    std::chrono::milliseconds silent_for() const noexcept {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Duration(now() - last_));
    }

  private:
    using Duration = std::chrono::steady_clock::duration;
    static Duration::rep now() noexcept {
        return std::chrono::steady_clock::now().time_since_epoch().count();
    }
    std::atomic<Duration::rep> last_{now()};
};

}  // namespace cupel::controller
