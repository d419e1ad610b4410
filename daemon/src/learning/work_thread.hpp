// A thread that runs what it is given, one after the other.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace cupel::controller {

/// Starts with the first push(). Thread-safe; stop() must not be called from the thread itself.
class WorkThread {
  public:
    WorkThread() = default;
    ~WorkThread() { stop(); }
    WorkThread(const WorkThread&) = delete;
    WorkThread& operator=(const WorkThread&) = delete;

    /// Ignored after stop().
    void push(std::function<void()> work);
    /// Finishes what runs, drops what waits, joins. Idempotent.
    void stop();

  private:
    void loop();
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace cupel::controller
