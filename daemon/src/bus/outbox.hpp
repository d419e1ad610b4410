// Values from any thread for one that takes them all at once.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace cupel::controller {

/// Thread-safe. Whoever fills an empty one wakes its reader; the others need not.
template <typename Value>
class Outbox {
  public:
    /// True when it was empty.
    bool push(Value value) {
        const std::lock_guard lock(mutex_);
        values_.push_back(std::move(value));
        return values_.size() == 1;
    }
    /// Everything, in order of its coming.
    std::vector<Value> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(values_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<Value> values_;
};

}  // namespace cupel::controller
