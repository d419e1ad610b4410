// Commits wait for the disk, and nobody hears of them before.
#include <future>

#include "catch.hpp"
#include "ledger/announcements.hpp"
#include "ledger/store.hpp"

using cupel::controller::Announcements;
using cupel::controller::StoreError;

namespace {

/// A disk whose syncs end when the test says so.
class SlowDisk {
  public:
    /// One sync; waits until it is let through.
    void sync() {
        std::unique_lock lock(mutex_);
        ++begun_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return let_ >= begun_; });
    }
    void wait_for_sync(int number) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return begun_ >= number; });
    }
    void let_through(int syncs) {
        const std::lock_guard lock(mutex_);
        let_ += syncs;
        changed_.notify_all();
    }
    int syncs() {
        const std::lock_guard lock(mutex_);
        return begun_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int begun_ = 0;
    int let_ = 0;
};

struct Bench {
    SlowDisk disk;
    std::mutex mutex;
    std::vector<int> told;  ///< in order
    Announcements announcements{[this] { disk.sync(); },
                                [](const std::string&) { FAIL("the store is lost"); }};

    void commit(int number, bool wrote = true) {
        announcements.expect();
        announcements.put(wrote, [this, number] {
            const std::lock_guard lock(mutex);
            told.push_back(number);
        });
    }
    std::vector<int> heard() {
        const std::lock_guard lock(mutex);
        return told;
    }
};

}  // namespace

TEST_CASE("without a thread each commit is synced and told at once", "[announcements]") {
    Bench bench;
    bench.disk.let_through(1);
    bench.commit(1);
    CHECK(bench.heard() == std::vector{1});
    bench.commit(2, false);  // nothing to sync
    CHECK(bench.heard() == std::vector{1, 2});
    CHECK(bench.disk.syncs() == 1);
    CHECK_FALSE(bench.announcements.busy());
    bench.announcements.wait_until_told();
}

TEST_CASE("nothing is told before its sync, and commits that come meanwhile share the next",
          "[announcements]") {
    Bench bench;
    std::promise<void> idle;
    bench.announcements.start([&] { idle.set_value(); });
    bench.commit(1);
    bench.disk.wait_for_sync(1);
    bench.commit(2);
    bench.commit(3, false);  // what it saw may be of the commits before it
    bench.commit(4);
    CHECK(bench.heard().empty());
    CHECK(bench.announcements.busy());
    bench.disk.let_through(1);
    bench.disk.wait_for_sync(2);
    CHECK(bench.heard() == std::vector{1});
    bench.disk.let_through(1);
    idle.get_future().wait();
    CHECK(bench.heard() == std::vector{1, 2, 3, 4});
    CHECK(bench.disk.syncs() == 2);
    CHECK_FALSE(bench.announcements.busy());
}

TEST_CASE("who has read what is committed waits until it is told", "[announcements]") {
    Bench bench;
    bench.announcements.start([] {});
    bench.announcements.expect();  // the commit is under way: another connection may see it already
    auto reader = std::async(std::launch::async, [&] { bench.announcements.wait_until_told(); });
    bench.announcements.put(true, [] {});
    bench.disk.wait_for_sync(1);
    CHECK(reader.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    SECTION("of those that failed nobody is told") {
        bench.announcements.expect();
        bench.announcements.abandon();
    }
    SECTION("of those that come later it need not know") {
        bench.commit(2);
    }
    bench.disk.let_through(2);
    reader.wait();
    bench.announcements.stop();
    bench.announcements.wait_until_told();
}

TEST_CASE("what waits is told before the end", "[announcements]") {
    Bench bench;
    bench.announcements.start([] {});
    bench.commit(1);
    bench.disk.wait_for_sync(1);
    bench.commit(2);
    bench.disk.let_through(2);
    bench.announcements.stop();
    CHECK(bench.heard() == std::vector{1, 2});
    bench.disk.let_through(1);
    bench.commit(3);  // as without a thread
    CHECK(bench.heard() == std::vector{1, 2, 3});
}

TEST_CASE("after a sync that failed nothing is told", "[announcements]") {
    struct Lost {
        std::string problem;
    };
    bool told = false;
    Announcements announcements(
        [] { throw StoreError("cupel.db-wal: cannot be synced: Input/output error"); },
        [](const std::string& problem) { throw Lost{problem}; });
    announcements.expect();
    try {
        announcements.put(true, [&] { told = true; });
        FAIL("it went on");
    } catch (const Lost& lost) {
        CHECK(lost.problem == "cupel.db-wal: cannot be synced: Input/output error");
    }
    CHECK_FALSE(told);
}

TEST_CASE("a disk that does not answer is noticed", "[announcements]") {
    Bench bench;
    bench.announcements.start([] {});
    CHECK(bench.announcements.silent_for() == std::chrono::milliseconds(0));
    bench.commit(1);
    bench.disk.wait_for_sync(1);
    while (bench.announcements.silent_for() == std::chrono::milliseconds(0)) {
        std::this_thread::yield();  // until a millisecond has passed
    }
    bench.disk.let_through(1);
    bench.announcements.stop();
    CHECK(bench.announcements.silent_for() == std::chrono::milliseconds(0));
}
