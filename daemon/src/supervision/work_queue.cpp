// One lock, one condition.
#include "work_queue.hpp"

#include <utility>

namespace cupel::controller {

void WorkQueue::start() {
    thread_ = std::thread([this] { loop(); });
}

bool WorkQueue::push(Work work) {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
        return false;
    }
    queue_.push_back(std::move(work));
    wake_.notify_one();
    return true;
}

std::optional<WorkQueue::Work> WorkQueue::pop() {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
        return std::nullopt;
    }
    Work work = std::move(queue_.front());
    queue_.pop_front();
    return work;
}

bool WorkQueue::run_all() {
    bool any = false;
    while (const auto work = pop()) {
        (*work)();
        any = true;
    }
    return any;
}

void WorkQueue::stop(Rest rest) {
    std::deque<Work> dropped;  // ends without the lock: what it holds may be anything
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        if (rest == Rest::Drop) {
            dropped.swap(queue_);
        }
        wake_.notify_one();
    }
    if (thread_.joinable()) {
        thread_.join();
    } else {
        run_all();
    }
}

void WorkQueue::loop() {
    for (;;) {
        run_all();
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
    }
}

}  // namespace cupel::controller
