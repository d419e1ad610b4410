// Durations as people type and read them.
#include <cstdlib>
#include <ctime>

#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "time_text.hpp"

using namespace cupel;
using namespace cupel::cli;

TEST_CASE("durations are read with their unit", "[cli]") {
    CHECK(parse_duration("90s", "--expected") == 90.0);
    CHECK(parse_duration("45min", "--expected") == 2700.0);
    CHECK(parse_duration("1.5h", "--expected") == 5400.0);
    CHECK(parse_duration("3d", "--expected") == 259200.0);
    for (const char* bad : {"", "3", "d", "-1h", "3 weeks", "nand", "infd"}) {
        CHECK_THROWS_AS(parse_duration(bad, "--expected"), InputError);
    }
    CHECK(parse_duration("365d", "--expected") == 365 * 86400.0);
    CHECK_THROWS_WITH(parse_duration("366d", "--expected"),
                      "--expected: expected at most 365d, got \"366d\"");
    CHECK_THROWS_WITH(parse_duration("soon", "--expected"),
                      "--expected: expected a time as 90s, 45min, 12h or 3d, got \"soon\"");
}

TEST_CASE("durations are written in the unit that fits", "[cli]") {
    CHECK(duration_text(45) == "45 s");
    CHECK(duration_text(120) == "2 min");
    CHECK(duration_text(72 * 3600.0) == "72 h");
    CHECK(duration_text(14 * 86400.0) == "14 days");
}

TEST_CASE("times are written in local time", "[cli]") {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    CHECK(local_text(std::string("2026-11-27T23:04:05.000Z")) == "Fri 27 Nov 23:04");
    CHECK(local_text(std::string("soon")) == "soon");
}
