// Every job once, every place in one range, and the first failure told.
#include <stdexcept>
#include <vector>

#include <cupel/domain/side_by_side.hpp>

#include "catch.hpp"

TEST_CASE("every job is done once, and the first exception is thrown again", "[domain]") {
    std::vector<int> times(17, 0);
    cupel::run_side_by_side(times.size(), 3, [&](std::size_t i) { ++times[i]; });
    CHECK(times == std::vector<int>(17, 1));
    CHECK_THROWS_WITH(
        cupel::run_side_by_side(4, 2, [](std::size_t) { throw std::runtime_error("broke"); }),
        "broke");
}

TEST_CASE("ranges cover every place once, however many threads there are", "[domain]") {
    for (const int threads : {0, 1, 2, 3, 8}) {
        for (const std::size_t count : {0U, 1U, 5U, 16U, 17U}) {
            std::vector<int> times(count, 0);
            std::vector<int> ranges(8, 0);
            cupel::run_in_ranges(
                count, threads, [&](std::size_t range, std::size_t first, std::size_t last) {
                    ++ranges.at(range);
                    for (std::size_t i = first; i < last; ++i) {
                        ++times[i];
                    }
                });
            CHECK(times == std::vector<int>(count, 1));
            for (const int calls : ranges) {
                CHECK(calls <= 1);
            }
        }
    }
}
