// How often a training says that it goes on.
#include <chrono>

#include "catch.hpp"
#include "progress_pace.hpp"

using cupel::workbench::ProgressPace;
using namespace std::chrono_literals;

namespace {
constexpr ProgressPace::TimePoint kStart{std::chrono::hours(1)};
}

TEST_CASE("a quick training speaks at each tenth", "[progress_pace]") {
    ProgressPace pace;
    int lines = 0;
    for (int step = 0; step < 1000; ++step) {
        lines += pace.is_due(step / 1000.0, kStart + step * 1ms) ? 1 : 0;
    }
    CHECK(lines == 10);
}

TEST_CASE("a slow training speaks each ten seconds", "[progress_pace]") {
    ProgressPace pace;
    int lines = 0;
    auto last = kStart;
    for (int epoch = 0; epoch < 1200; ++epoch) {
        const auto now = kStart + epoch * 1s;
        if (pace.is_due(epoch / 100'000.0, now)) {
            CHECK(now - last <= 10s);
            last = now;
            ++lines;
        }
    }
    CHECK(lines == 120);
}
