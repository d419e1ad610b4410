// A steady rate passes, a flood does not, and a pause is no credit beyond one second.
#include "bus/allowance.hpp"
#include "catch.hpp"

using cupel::controller::Allowance;
using std::chrono::milliseconds;

TEST_CASE("an allowance lasts for its rate and no longer", "[bus]") {
    Allowance allowance;
    auto now = Allowance::Instant{} + std::chrono::hours(1);
    const auto granted = [&](int asked) {
        int count = 0;
        for (int n = 0; n < asked; ++n) {
            count += allowance.take(10, now) ? 1 : 0;
        }
        return count;
    };
    CHECK(granted(100) == 10);
    now += milliseconds(100);
    CHECK(granted(100) == 1);
    now += std::chrono::hours(1);
    CHECK(granted(100) == 10);
    for (int n = 0; n < 50; ++n) {
        now += milliseconds(100);
        CHECK(granted(1) == 1);
    }
}

TEST_CASE("no rate is no bound", "[bus]") {
    Allowance allowance;
    int granted = 0;
    for (int n = 0; n < 1000; ++n) {
        granted += allowance.take(0, Allowance::Instant{}) ? 1 : 0;
    }
    CHECK(granted == 1000);
}
