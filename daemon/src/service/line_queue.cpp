// A stack that is taken whole and turned round (R. K. Treiber, IBM Research Report RJ 5118, 1986).
#include "line_queue.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace cupel::controller {

LineQueue::~LineQueue() {
    for (Node* node = newest_; node != nullptr;) {
        const std::unique_ptr<Node> owned(std::exchange(node, node->next));
    }
}

void LineQueue::add(std::string text) {
    if (waiting_.fetch_add(1) >= most_) {
        --waiting_;
        ++dropped_;
        return;
    }
    push(new Node{{std::move(text), dropped_.exchange(0)}, nullptr});
}

void LineQueue::close() {
    closed_ = true;
    push(new Node);  // an empty line, which ends the waiting
}

void LineQueue::push(Node* node) {
    Node* before = newest_;
    do {
        node->next = before;
    } while (!newest_.compare_exchange_weak(before, node));
    // From here on the node may be taken and gone.
    if (before == nullptr) {
        newest_.notify_one();
    }
}

std::vector<LineQueue::Line> LineQueue::take() {
    if (!closed_) {
        newest_.wait(nullptr);
    }
    std::vector<Line> lines;
    for (Node* node = newest_.exchange(nullptr); node != nullptr;) {
        const std::unique_ptr<Node> owned(std::exchange(node, node->next));
        if (!owned->line.text.empty()) {
            lines.push_back(std::move(owned->line));
        }
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

}  // namespace cupel::controller
