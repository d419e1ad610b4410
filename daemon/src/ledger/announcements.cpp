// One sync for all that was committed when it began.
#include "announcements.hpp"

#include <algorithm>
#include <utility>

#include "fault_point.hpp"
#include "store.hpp"

namespace cupel::controller {

Announcements::Announcements(std::function<void()> sync,
                             std::function<void(const std::string&)> lost)
    : sync_(std::move(sync)), lost_(std::move(lost)) {}

void Announcements::start(std::function<void()> idle) {
    idle_ = std::move(idle);
    ended_ = false;
    thread_ = std::thread([this] { loop(); });
}

void Announcements::stop() {
    if (!thread_.joinable()) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

void Announcements::expect() {
    const std::lock_guard lock(mutex_);
    ++expected_;
}

void Announcements::put(bool wrote, Tell tell) {
    add({wrote, std::move(tell)});
}

void Announcements::abandon() {
    add({});
}

void Announcements::after_all(Tell tell) {
    expect();
    put(false, std::move(tell));
}

void Announcements::add(Letter letter) {
    if (!thread_.joinable()) {
        std::vector<Letter> one;
        one.push_back(std::move(letter));
        deliver(std::move(one));
        return;
    }
    const std::lock_guard lock(mutex_);
    busy_ = true;
    letters_.push_back(std::move(letter));
    if (letters_.size() == 1) {
        changed_.notify_all();
    }
}

void Announcements::sync() {
    since_ = std::chrono::steady_clock::now();
    try {
        sync_();
    } catch (const StoreError& error) {
        lost_(error.what());
    }
    since_ = Instant{};
    fault_point(FaultPoint::Durable);
}

void Announcements::deliver(std::vector<Letter> letters) {
    if (std::any_of(
            letters.begin(), letters.end(), [](const Letter& letter) { return letter.wrote; })) {
        sync();
    }
    for (const auto& letter : letters) {
        if (letter.tell) {
            letter.tell();
        }
    }
    const std::lock_guard lock(mutex_);
    told_ += static_cast<std::int64_t>(letters.size());
    changed_.notify_all();
}

void Announcements::loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ended_ || !letters_.empty(); });
        if (letters_.empty()) {
            return;
        }
        std::vector<Letter> letters = std::exchange(letters_, {});
        lock.unlock();
        deliver(std::move(letters));
        lock.lock();
        if (letters_.empty()) {
            busy_ = false;
            lock.unlock();
            idle_();
            lock.lock();
        }
    }
}

void Announcements::wait_until_told() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, until = expected_] { return told_ >= until; });
}

std::chrono::milliseconds Announcements::silent_for() const {
    const Instant since = since_;
    if (since == Instant{}) {
        return std::chrono::milliseconds(0);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 since);
}

}  // namespace cupel::controller
