// Pauses between attempts.
#include <chrono>

#include "catch.hpp"
#include "supervision/backoff.hpp"

using cupel::controller::Backoff;
using std::chrono::milliseconds;

TEST_CASE("the pause doubles up to the longest, and starts again after a success", "[backoff]") {
    Backoff backoff(milliseconds(100), milliseconds(500));
    const Backoff::TimePoint now{std::chrono::hours(1)};
    CHECK(backoff.failures() == 0);
    CHECK(backoff.next() <= now);  // the first attempt waits for nothing
    for (const int expected : {100, 200, 400, 500, 500}) {
        CHECK(backoff.fail(now) == milliseconds(expected));
        CHECK(backoff.next() == now + milliseconds(expected));
    }
    CHECK(backoff.failures() == 5);
    backoff.succeed();
    CHECK(backoff.failures() == 0);
    CHECK(backoff.fail(now) == milliseconds(100));
}

TEST_CASE("no number of failures makes the pause overflow", "[backoff]") {
    Backoff backoff(milliseconds(1'000), milliseconds(60'000));
    for (int failure = 0; failure < 100; ++failure) {
        const auto pause = backoff.fail({});
        CHECK(pause >= milliseconds(1'000));
        CHECK(pause <= milliseconds(60'000));
    }
    CHECK(backoff.fail({}) == milliseconds(60'000));
}
