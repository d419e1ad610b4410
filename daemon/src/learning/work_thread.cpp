// A queue of closures and the thread that empties it.
#include "work_thread.hpp"

namespace cupel::controller {

void WorkThread::push(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
        return;
    }
    queue_.push_back(std::move(work));
    if (!thread_.joinable()) {
        thread_ = std::thread([this] { loop(); });
    }
    wake_.notify_one();
}

void WorkThread::stop() {
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        dropped.swap(queue_);
        wake_.notify_one();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void WorkThread::loop() {
    for (;;) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
        if (stopped_) {
            return;
        }
        const auto work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work();
    }
}

}  // namespace cupel::controller
