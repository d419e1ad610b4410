// Work is done once, in order, by one thread; what waits at the end is run or dropped, as asked.
#include <algorithm>
#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "catch.hpp"
#include "supervision/work_queue.hpp"

using cupel::controller::WorkQueue;

TEST_CASE("work of many threads is done once each, in the order of its giver", "[work_queue]") {
    constexpr int kEach = 2000;
    std::vector<std::vector<int>> done(4);
    std::thread::id worker;
    bool alone = true;
    WorkQueue queue;
    queue.start();
    REQUIRE(queue.push([&] { worker = std::this_thread::get_id(); }));
    std::vector<std::thread> givers;
    for (auto& mine : done) {
        givers.emplace_back([&queue, &mine, &worker, &alone] {
            for (int i = 0; i < kEach; ++i) {
                queue.push([&mine, &worker, &alone, i] {
                    mine.push_back(i);
                    alone = alone && std::this_thread::get_id() == worker;
                });
            }
        });
    }
    for (auto& giver : givers) {
        giver.join();
    }
    queue.stop(WorkQueue::Rest::Run);
    CHECK(alone);
    for (const auto& mine : done) {
        REQUIRE(mine.size() == kEach);
        CHECK(std::is_sorted(mine.begin(), mine.end()));
    }
    CHECK_FALSE(queue.push([] {}));
}

TEST_CASE("what waits when a queue is stopped is run or dropped", "[work_queue]") {
    const auto [rest, expected] = GENERATE(
        table<WorkQueue::Rest, int>({{WorkQueue::Rest::Run, 3}, {WorkQueue::Rest::Drop, 1}}));
    std::promise<void> begun, may_end;
    std::atomic<int> done = 0;
    WorkQueue queue;
    queue.start();
    queue.push([&] {
        begun.set_value();
        may_end.get_future().wait();
        ++done;
    });
    queue.push([&] { ++done; });
    queue.push([&] { ++done; });
    begun.get_future().wait();
    std::thread stopping([&queue, how = rest] { queue.stop(how); });
    while (queue.push([] {})) {
        std::this_thread::yield();  // until it is stopped
    }
    may_end.set_value();
    stopping.join();
    CHECK(done == expected);
    queue.stop(WorkQueue::Rest::Run);
    CHECK(done == expected);
}

TEST_CASE("without a thread the owner does the work, that which it gives meanwhile too",
          "[work_queue]") {
    WorkQueue queue;
    std::string done;
    CHECK_FALSE(queue.run_all());
    queue.push([&] {
        done += "a";
        queue.push([&] { done += "b"; });
    });
    CHECK(done.empty());
    CHECK(queue.run_all());
    CHECK(done == "ab");
    queue.push([&] { done += "c"; });
    queue.stop(WorkQueue::Rest::Run);
    CHECK(done == "abc");
}
