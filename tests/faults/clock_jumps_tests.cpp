// T8: a wall clock that jumps while leases of every class are alive ends none of them, whatever
// way and however far it goes, also over a restart; the leases still end when their time is up.
#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kYear = 24h * 365;
const std::vector<std::chrono::milliseconds> kJumps{
    1s, -1s, 1h, -1h, 24h, -24h, kYear, -kYear, 10 * kYear, -20 * kYear, 9 * kYear};

/// One claimed and one started proposal of each class.
std::vector<std::string> hold_one_of_each(Bench& bench) {
    std::vector<std::string> held;
    auto offers = bench.offers();
    for (const auto kind : {LeaseClass::Robot, LeaseClass::Person, LeaseClass::Facility}) {
        const std::string client = "client of " + std::string(to_string(kind));
        bench.claim(offers.back(), client, kind);
        held.push_back(offers.back());
        offers.pop_back();
        bench.start(offers.back(), client, kind);
        held.push_back(offers.back());
        offers.pop_back();
    }
    return held;
}

int endings(const Bench& bench) {
    return bench.count("LEASE_EXPIRED") + bench.count("LEASE_OVERDUE") +
           bench.count("UNKNOWN_RAISED");
}

void check_all_held(Bench& bench, const std::vector<std::string>& held) {
    CHECK(endings(bench) == 0);
    for (std::size_t i = 0; i < held.size(); ++i) {
        CHECK(bench.state(held[i]) == (i % 2 == 0 ? "CLAIMED" : "STARTED"));
    }
}

}  // namespace

TEST_CASE("a wall clock that jumps while leases are alive ends none of them", "[clock]") {
    Bench bench(R"({"open_offers": 8})");
    const auto held = hold_one_of_each(bench);
    for (const auto jump : kJumps) {
        bench.clock.jump_wall(jump);
        bench.ledger->drain();
        check_all_held(bench, held);
    }
    // They are alive all the same: the time that passes ends them.
    bench.clock.advance(121s);
    bench.ledger->drain();
    CHECK(bench.state(held[0]) == "OFFERED");
    CHECK(bench.state(held[1]) == "STARTED");
    bench.clock.advance(30min);
    bench.ledger->drain();
    CHECK(bench.state(held[1]) == "UNKNOWN");
    CHECK(bench.state(held[2]) == "CLAIMED");
}

TEST_CASE("a wall clock that jumps while the daemon is away ends no lease", "[clock]") {
    Bench bench(R"({"open_offers": 8})");
    const auto held = hold_one_of_each(bench);
    for (const auto jump : kJumps) {
        bench.ledger.reset();
        bench.clock.jump_wall(jump);
        bench.open();
        check_all_held(bench, held);
    }
    // Nor does a jump make one last: two of its ttl at most.
    bench.clock.advance(2 * 121s);
    bench.ledger->drain();
    CHECK(bench.state(held[0]) == "OFFERED");
    CHECK(bench.verify().ok());
}
