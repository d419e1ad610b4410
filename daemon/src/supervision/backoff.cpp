// Doubling, without an overflow after many failures.
#include "backoff.hpp"

#include <algorithm>

namespace cupel::controller {
namespace {

constexpr int kMostDoublings = 20;

}  // namespace

std::chrono::milliseconds Backoff::fail(TimePoint now) {
    const auto pause = std::min(longest_, first_ * (1 << std::min(failures_, kMostDoublings)));
    ++failures_;
    next_ = now + pause;
    return pause;
}

}  // namespace cupel::controller
