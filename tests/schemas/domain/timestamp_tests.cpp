// Wall time to text and back.
#include <random>

#include <cupel/domain/timestamp.hpp>

#include "catch.hpp"

using namespace cupel;

TEST_CASE("known instants have their known text", "[domain]") {
    CHECK(to_rfc3339(Timestamp{}) == "1970-01-01T00:00:00.000Z");
    CHECK(to_rfc3339(Timestamp{std::chrono::milliseconds{951782400123}}) ==
          "2000-02-29T00:00:00.123Z");
    CHECK(to_rfc3339(Timestamp{std::chrono::milliseconds{-1}}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("every instant survives the way through text", "[domain]") {
    std::mt19937_64 random(7);
    std::uniform_int_distribution<std::int64_t> ms(-62'000'000'000'000, 250'000'000'000'000);
    for (int i = 0; i < 5000; ++i) {
        const Timestamp time{std::chrono::milliseconds{ms(random)}};
        REQUIRE(try_parse_rfc3339(to_rfc3339(time)) == time);
    }
}

TEST_CASE("texts that are no instant are refused", "[domain]") {
    CHECK(try_parse_rfc3339("2026-11-24T13:15:00Z").has_value());
    for (const char* text : {"",
                             "2026-11-24",
                             "2026-11-24T13:15:00",
                             "2026-11-24T13:15:00+01:00",
                             "2026-13-24T13:15:00Z",
                             "2026-02-29T13:15:00Z",
                             "2026-11-24T24:15:00Z",
                             "2026-11-24T13:15:0xZ"}) {
        CAPTURE(text);
        CHECK_FALSE(try_parse_rfc3339(text).has_value());
    }
}
