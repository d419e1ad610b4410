// A bucket of lines that fills slowly.
#include "flood_gate.hpp"

#include <algorithm>
#include <utility>

namespace cupel::controller {

bool FloodGate::pass(TimePoint now) {
    const std::chrono::duration<double> passed = now - refilled_;
    room_ = std::min<double>(kBurst, room_ + kPerSecond * passed.count());
    refilled_ = now;
    if (room_ >= 1.0) {
        room_ -= 1.0;
        return true;
    }
    if (left_out_++ == 0) {
        first_left_out_ = now;
    }
    last_left_out_ = now;
    return false;
}

std::optional<FloodGate::TimePoint> FloodGate::next() const {
    if (left_out_ == 0) {
        return std::nullopt;
    }
    return std::min<TimePoint>(last_left_out_ + kQuiet, first_left_out_ + kLongest);
}

std::optional<std::int64_t> FloodGate::due(TimePoint now) {
    const auto when = next();
    return when && now >= *when ? rest() : std::nullopt;
}

std::optional<std::int64_t> FloodGate::rest() {
    if (left_out_ == 0) {
        return std::nullopt;
    }
    return std::exchange(left_out_, 0);
}

}  // namespace cupel::controller
