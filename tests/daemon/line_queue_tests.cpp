// Lines from several threads, and more of them than anybody reads.
#include <map>
#include <thread>

#include "catch.hpp"
#include "service/line_queue.hpp"

using cupel::controller::LineQueue;

TEST_CASE("lines of each thread come out whole and in its order", "[line_queue]") {
    constexpr int kThreads = 4;
    constexpr int kLines = 5000;
    LineQueue queue(kThreads * kLines);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&queue, t] {
            for (int i = 0; i < kLines; ++i) {
                queue.add(std::to_string(t) + " " + std::to_string(i));
            }
        });
    }
    std::map<int, int> next;
    int taken = 0;
    int out_of_order = 0;
    while (taken < kThreads * kLines) {
        for (const auto& line : queue.take()) {
            const auto space = line.text.find(' ');
            out_of_order +=
                std::stoi(line.text.substr(space)) != next[std::stoi(line.text)]++ ? 1 : 0;
            ++taken;
        }
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(out_of_order == 0);
    CHECK(queue.take_dropped() == 0);
}

TEST_CASE("lines for which there is no room are counted where they are missing", "[line_queue]") {
    LineQueue queue(2);
    for (const char* const text : {"a", "b", "c", "d"}) {
        queue.add(text);
    }
    const auto first = queue.take();
    REQUIRE(first.size() == 2);
    CHECK(first[1].text == "b");
    CHECK(first[1].dropped_before == 0);
    queue.add("e");  // what was taken is not written yet
    queue.make_room(2);
    queue.add("f");
    const auto second = queue.take();
    REQUIRE(second.size() == 1);
    CHECK(second[0].text == "f");
    CHECK(second[0].dropped_before == 3);
    queue.add("g");
    queue.add("h");
    CHECK(queue.take_dropped() == 1);
    CHECK(queue.take_dropped() == 0);
}

TEST_CASE("a closed queue gives what it has, then nothing", "[line_queue]") {
    LineQueue queue(8);
    queue.add("last");
    queue.close();
    CHECK(queue.take().size() == 1);
    CHECK(queue.take().empty());
    CHECK(queue.take().empty());
}
