// Thresholds of finished tables.
#include <cupel/acquisition/replay_table.hpp>

#include "catch.hpp"

using namespace cupel::acquisition;

namespace {

ReplayTable outcomes(std::vector<double> y, std::vector<char> hit) {
    ReplayTable table;
    table.y = std::move(y);
    table.hit = std::move(hit);
    return table;
}

}  // namespace

TEST_CASE("hits above a value give a threshold between hit and miss", "[acquisition]") {
    const auto threshold = find_threshold(outcomes({3, 1, 8, 6}, {0, 0, 1, 1}));
    CHECK(threshold.value == Approx(4.5));
    CHECK(threshold.direction == 1.0);
    CHECK(threshold.exceptions == 0);
}

TEST_CASE("hits may lie below", "[acquisition]") {
    const auto threshold = find_threshold(outcomes({3, 1, 8, 6}, {0, 1, 0, 0}));
    CHECK(threshold.value == Approx(2.0));
    CHECK(threshold.direction == -1.0);
}

TEST_CASE("an exception does not move the threshold", "[acquisition]") {
    const auto threshold = find_threshold(outcomes({1, 2, 3, 4, 5, 6}, {0, 1, 0, 0, 1, 1}));
    CHECK(threshold.value == Approx(4.5));
    CHECK(threshold.exceptions == 1);
}
