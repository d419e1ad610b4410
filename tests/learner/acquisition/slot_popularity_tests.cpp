// The popularity baseline.
#include <cmath>

#include "catch.hpp"
#include "slot_popularity.hpp"
#include "synthetic_tables.hpp"

using namespace cupel::acquisition;

TEST_CASE("popularity multiplies smoothed hit rates of the labels", "[acquisition]") {
    auto table = cupel::test::full_table({2, 2}, {}, 0.0, [](const auto&) { return 0.0; });
    table.numbers = {{"t", {90.0, 90.0, 105.0, 105.0}}};
    SlotPopularity popularity(table);
    popularity.add(0, true);   // a0 b0 90
    popularity.add(1, false);  // a1 b0 90
    popularity.add(2, false);  // a0 b1 105
    // p0 = 1/3. Row 0: a0 1 of 2, b0 1 of 2, 90 degrees 1 of 2.
    CHECK(popularity.score(0) == Approx(3 * std::log((1 + 2.0 / 3) / 4)));
    // Row 3: a1 0 of 1, b1 0 of 1, 105 degrees 0 of 1.
    CHECK(popularity.score(3) == Approx(3 * std::log((2.0 / 3) / 3)));
    CHECK(popularity.hit_rate(3) == Approx((2.0 / 3) / 3));
}

TEST_CASE("popularity counts what is already in the batch as tried", "[acquisition]") {
    const auto table = cupel::test::full_table({3, 3}, {}, 0.0, [](const auto&) { return 0.0; });
    SlotPopularity popularity(table);
    popularity.add(0, true);   // a0 b0
    popularity.add(8, false);  // a2 b2
    // a0 b1 first; a0 is now 1 of 2, so a1 b0 beats a0 b2's tie only by order, then others follow.
    const auto batch = popularity.choose({3, 1, 6, 4}, 3);
    REQUIRE(batch.size() == 3);
    CHECK(batch[0] == 3);
    CHECK(batch[1] == 1);
    CHECK(popularity.choose({3}, 5) == std::vector<std::size_t>{3});
}

TEST_CASE("a condition of many values is counted by fifths", "[acquisition]") {
    auto table = cupel::test::full_table({10}, {}, 0.0, [](const auto&) { return 0.0; });
    table.slots.clear();
    table.numbers = {{"t", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}};
    SlotPopularity popularity(table);
    popularity.add(0, true);
    popularity.add(9, false);
    // The neighbour of the hit is of its fifth, that of the miss of the miss's.
    CHECK(popularity.hit_rate(1) == Approx((1 + 2 * 0.5) / 3));
    CHECK(popularity.hit_rate(8) == Approx((2 * 0.5) / 3));
    CHECK(popularity.hit_rate(4) == Approx(0.5));

    // Equal values are of one fifth; up to eight values each counts for itself.
    table.numbers = {{"t", {1, 1, 1, 1, 1, 6, 7, 8, 9, 10}}};
    SlotPopularity few(table);
    few.add(0, true);
    few.add(5, false);
    CHECK(few.hit_rate(4) == Approx((1 + 2 * 0.5) / 3));
    CHECK(few.hit_rate(6) == Approx(0.5));
}
