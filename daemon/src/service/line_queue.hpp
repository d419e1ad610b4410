// Lines of a log on their way from any thread to the one that writes them.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

namespace cupel::controller {

/// Without a lock: whoever adds a line never waits for anybody, not even for a thread that the
/// system put aside. Beyond `most` lines that wait, new ones are dropped and counted.
class LineQueue {
  public:
    struct Line {
        std::string text;
        std::size_t dropped_before = 0;  ///< for want of room, since the line before this one
    };

    explicit LineQueue(std::size_t most) : most_(most) {}
    ~LineQueue();
    LineQueue(const LineQueue&) = delete;
    LineQueue& operator=(const LineQueue&) = delete;

    /// Any thread.
    void add(std::string text);
    /// Any thread. What is added later may be lost.
    void close();

    // The thread that writes.
    /// Waits for lines, and takes all there are, in order; none once the queue is closed and empty.
    std::vector<Line> take();
    /// So many of those taken are written or given up: there is room again.
    void make_room(std::size_t lines) { waiting_ -= lines; }
    /// Those dropped behind the last line taken, if no line was added since; they count as told.
    std::size_t take_dropped() { return dropped_.exchange(0); }

  private:
    struct Node {
        Line line;
        Node* next = nullptr;
    };

    void push(Node* node);

    const std::size_t most_;
    std::atomic<Node*> newest_ = nullptr;
    std::atomic<std::size_t> waiting_ = 0, dropped_ = 0;
    std::atomic<bool> closed_ = false;
};

}  // namespace cupel::controller
