// Lease arithmetic with a clock that stands still.
#include "campaign/leases.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::controller;
using namespace std::chrono_literals;

namespace {

const Instant kNow{std::chrono::hours(10)};
const Timestamp kWall = *try_parse_rfc3339("2026-11-24T12:00:00Z");
const LeaseTimes kTimes;

Lease claimed(LeaseClass kind) {
    return claim_lease(kTimes, kind, "L", 1, "robot", kNow, kWall);
}

}  // namespace

TEST_CASE("claim leases last as long as their class says", "[leases]") {
    CHECK(remaining_s(claimed(LeaseClass::Robot), kNow) == Approx(120));
    CHECK(remaining_s(claimed(LeaseClass::Person), kNow) == Approx(72 * 3600));
    CHECK(remaining_s(claimed(LeaseClass::Facility), kNow) == Approx(14 * 86400));
}

TEST_CASE("a work lease is the class ttl or one and a half times what is expected, up to a cap",
          "[leases]") {
    CHECK(work_ttl(kTimes, LeaseClass::Robot, std::nullopt) == Seconds(1800));
    CHECK(work_ttl(kTimes, LeaseClass::Robot, 60.0) == Seconds(1800));
    CHECK(work_ttl(kTimes, LeaseClass::Robot, 3600.0) == Seconds(5400));
    CHECK(work_ttl(kTimes, LeaseClass::Robot, 1e9) == Seconds(86400));
    CHECK(work_ttl(kTimes, LeaseClass::Person, std::nullopt) == Seconds(14 * 86400));
    CHECK(work_ttl(kTimes, LeaseClass::Facility, 1e9) == Seconds(180.0 * 86400));
}

TEST_CASE("a renewal keeps the length the work was known to need", "[leases]") {
    Lease lease = claimed(LeaseClass::Robot);
    begin_work(lease, kTimes, 3600.0, kNow, kWall);
    renew(lease, kTimes, std::nullopt, kNow + 1h, kWall + 1h);
    CHECK(remaining_s(lease, kNow + 1h) == Approx(5400));
}

TEST_CASE("a robot's silence expires, a person's is overdue once first", "[leases]") {
    Lease robot = claimed(LeaseClass::Robot);
    begin_work(robot, kTimes, std::nullopt, kNow, kWall);
    CHECK(check(robot, kNow + 1799s) == LeaseCheck::Live);
    CHECK(check(robot, kNow + 1800s) == LeaseCheck::Expired);
    Lease person = claimed(LeaseClass::Person);
    CHECK(check(person, kNow + 73h) == LeaseCheck::Expired);
    begin_work(person, kTimes, std::nullopt, kNow, kWall);
    CHECK(check(person, kNow + 336h) == LeaseCheck::Overdue);
    note_overdue(person, kNow + 336h, kWall + 336h);
    CHECK(check(person, kNow + 600h) == LeaseCheck::Live);
    CHECK(check(person, kNow + 672h) == LeaseCheck::Expired);
}

TEST_CASE("a restart gives one ttl of grace whatever the wall clock says", "[leases]") {
    Lease lease = claimed(LeaseClass::Robot);
    grant_grace(lease, kNow, kWall + 24h);
    CHECK(remaining_s(lease, kNow) == Approx(120));
    Lease back = claimed(LeaseClass::Robot);
    grant_grace(back, kNow, kWall - 24h);
    CHECK(remaining_s(back, kNow) == Approx(240));
}

TEST_CASE("restarts do not keep a silent worker's lease alive", "[leases]") {
    Lease person = claimed(LeaseClass::Person);
    begin_work(person, kTimes, std::nullopt, kNow, kWall);
    CHECK_FALSE(grant_grace(person, kNow, kWall + 240h));
    CHECK(remaining_s(person, kNow) == Approx(96 * 3600));
    CHECK_FALSE(grant_grace(person, kNow, kWall + 336h - 60s));
    CHECK(remaining_s(person, kNow) == Approx(3600));  // to come back
    // It ran out while nobody could have heard of it: once more, and that is written down.
    CHECK(grant_grace(person, kNow, kWall + 338h));
    CHECK(remaining_s(person, kNow) == Approx(336 * 3600));
}

TEST_CASE("renewals are noted once per half ttl", "[leases]") {
    const Lease lease = claimed(LeaseClass::Robot);
    CHECK_FALSE(worth_noting(lease, kNow + 59s));
    CHECK(worth_noting(lease, kNow + 60s));
}
