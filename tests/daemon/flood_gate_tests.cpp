// What of a flood of lines is logged, and when the rest is told.
#include <chrono>

#include "catch.hpp"
#include "learning/flood_gate.hpp"

using cupel::controller::FloodGate;
using namespace std::chrono_literals;

namespace {

constexpr FloodGate::TimePoint kStart{std::chrono::hours(1)};

/// How many of so many lines pass at this moment.
int passing(FloodGate& gate, int lines, FloodGate::TimePoint now) {
    int passed = 0;
    for (int line = 0; line < lines; ++line) {
        passed += gate.pass(now) ? 1 : 0;
    }
    return passed;
}

}  // namespace

TEST_CASE("a burst of lines passes whole and nothing is left to tell", "[flood_gate]") {
    FloodGate gate;
    CHECK(passing(gate, FloodGate::kBurst, kStart) == FloodGate::kBurst);
    CHECK_FALSE(gate.next());
    CHECK_FALSE(gate.due(kStart + 1h));
    CHECK_FALSE(gate.rest());
    CHECK(passing(gate, FloodGate::kBurst, kStart + 1h) == FloodGate::kBurst);
}

TEST_CASE("what a flood left out is told once, when it has ended", "[flood_gate]") {
    FloodGate gate;
    CHECK(passing(gate, 10'000, kStart) == FloodGate::kBurst);
    CHECK_FALSE(gate.due(kStart + 999ms));
    REQUIRE(gate.next() == kStart + 1s);
    CHECK(gate.due(kStart + 1s) == 10'000 - FloodGate::kBurst);
    CHECK_FALSE(gate.due(kStart + 2s));
    CHECK_FALSE(gate.next());
}

TEST_CASE("a flood that lasts is told each minute, and few of its lines pass", "[flood_gate]") {
    FloodGate gate;
    int passed = 0, told = 0;
    std::int64_t left_out = 0;
    for (auto now = kStart; now < kStart + 10min; now += 100ms) {
        passed += passing(gate, 100, now);
        if (const auto lines = gate.due(now)) {
            ++told;
            left_out += *lines;
        }
    }
    CHECK(passed <= FloodGate::kBurst + 600 * FloodGate::kPerSecond);
    CHECK(passed >= FloodGate::kPerSecond * 600);
    CHECK(told == 9);
    left_out += gate.rest().value_or(0);
    CHECK(passed + left_out == 600'000);
}
