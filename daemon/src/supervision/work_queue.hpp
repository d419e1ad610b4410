// A queue of work and the thread that does it, in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace cupel::controller {

/// Without start() nothing runs by itself: run_all() does the work in the caller's thread. push()
/// is thread-safe; the others are for the owner.
class WorkQueue {
  public:
    using Work = std::function<void()>;
    /// What becomes of the work that waits when the queue is stopped.
    enum class Rest { Run, Drop };

    WorkQueue() = default;
    /// Drops what waits.
    ~WorkQueue() { stop(Rest::Drop); }
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    void start();
    /// False, and nothing taken, when the queue is stopped.
    bool push(Work work);
    /// Runs what is queued, here and now. True when there was anything.
    bool run_all();
    /// Finishes what runs and joins; without a thread the rest is run here. Idempotent. Not to be
    /// called from the work itself.
    void stop(Rest rest);

  private:
    std::optional<Work> pop();
    void loop();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Work> queue_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace cupel::controller
