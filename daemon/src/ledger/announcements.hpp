// What commits have to tell, held back until the disk has them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cupel::controller {

/// SQLite commits without waiting for the disk; events and replies wait here instead. While one
/// commit is synced the next transaction is applied, and commits that come together share a sync.
/// One thread commits; wait_until_told() and silent_for() are for any.
class Announcements {
  public:
    using Tell = std::function<void()>;

    /// `sync` makes durable whatever is committed, and throws StoreError when it cannot: then
    /// nobody knows what the disk has, nothing is told any more, and `lost` is called with the
    /// reason. It must not return.
    Announcements(std::function<void()> sync, std::function<void(const std::string&)> lost);
    ~Announcements() { stop(); }
    Announcements(const Announcements&) = delete;
    Announcements& operator=(const Announcements&) = delete;

    /// From here on a thread syncs and tells, and calls `idle` whenever it has told everything.
    /// Before, and after stop(), put() does both itself.
    void start(std::function<void()> idle);
    /// Tells what there is and ends the thread. Idempotent.
    void stop();

    /// Before a commit, so that whoever reads what it wrote waits for it; put() or abandon()
    /// follows.
    void expect();
    /// `tell` runs once everything committed so far is durable, in order. `wrote`: the commit
    /// has something to sync.
    void put(bool wrote, Tell tell);
    /// The commit failed.
    void abandon();
    /// `tell` runs, in order, once what is committed now is durable; from the committing thread.
    void after_all(Tell tell);

    /// Something is on its way to the disk. Thread-safe.
    bool busy() const noexcept { return busy_; }
    /// Returns when everything that was expected before the call is told.
    void wait_until_told();
    /// How long the disk has kept the thread waiting.
    std::chrono::milliseconds silent_for() const;

  private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Letter {
        bool wrote = false;
        Tell tell;  ///< empty: the commit failed
    };

    void add(Letter letter);
    void sync();
    void deliver(std::vector<Letter> letters);
    void loop();

    std::function<void()> sync_;
    std::function<void(const std::string&)> lost_;
    std::function<void()> idle_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Letter> letters_;
    std::int64_t expected_ = 0;
    std::int64_t told_ = 0;
    bool ended_ = false;
    std::atomic<bool> busy_ = false;
    std::atomic<Instant> since_{};  ///< of the sync that runs; else the beginning of time
    std::thread thread_;
};

}  // namespace cupel::controller
