// Lease arithmetic; every function takes the time it decides by.
#include "leases.hpp"

#include <algorithm>

namespace cupel::controller {
namespace {

Timestamp later(Timestamp wall, Seconds by) {
    return wall + std::chrono::duration_cast<std::chrono::milliseconds>(by);
}

void set_deadline(Lease& lease, Seconds ttl, Instant now, Timestamp wall) {
    lease.ttl = ttl;
    lease.deadline = now + std::chrono::duration_cast<Instant::duration>(ttl);
    lease.wall_deadline = later(wall, ttl);
    lease.overdue = 0;
    lease.warned = false;
}

}  // namespace

const LeaseClassTimes& LeaseTimes::of(LeaseClass kind) const noexcept {
    switch (kind) {
        case LeaseClass::Robot:
            return robot;
        case LeaseClass::Person:
            return person;
        case LeaseClass::Facility:
            return facility;
    }
    return robot;
}

Seconds work_ttl(const LeaseTimes& times, LeaseClass kind, std::optional<double> expected_s) {
    const LeaseClassTimes& of_class = times.of(kind);
    const Seconds asked(1.5 * expected_s.value_or(0.0));
    return std::min(std::max(of_class.work, asked), std::max(of_class.work, of_class.work_cap));
}

Lease claim_lease(const LeaseTimes& times,
                  LeaseClass kind,
                  std::string id,
                  std::int64_t fence,
                  std::string holder,
                  Instant now,
                  Timestamp wall) {
    Lease lease;
    lease.id = std::move(id);
    lease.fence = fence;
    lease.holder = std::move(holder);
    lease.kind = kind;
    set_deadline(lease, times.of(kind).claim, now, wall);
    lease.last_noted = now;
    return lease;
}

void begin_work(Lease& lease,
                const LeaseTimes& times,
                std::optional<double> expected_s,
                Instant now,
                Timestamp wall) {
    lease.working = true;
    set_deadline(lease, work_ttl(times, lease.kind, expected_s), now, wall);
    lease.last_noted = now;
}

void renew(Lease& lease,
           const LeaseTimes& times,
           std::optional<double> expected_s,
           Instant now,
           Timestamp wall) {
    // A renewal without a new estimate keeps the length that the work was known to need.
    const Seconds ttl =
        expected_s && lease.working ? work_ttl(times, lease.kind, expected_s) : lease.ttl;
    set_deadline(lease, ttl, now, wall);
}

bool grant_grace(Lease& lease, Instant now, Timestamp wall) {
    constexpr Seconds kToComeBack(3600);
    const Seconds left = std::chrono::duration_cast<Seconds>(lease.wall_deadline - wall);
    const bool ran_out = left <= Seconds(0);
    const Seconds least = ran_out ? lease.ttl : std::min(lease.ttl, kToComeBack);
    // A wall clock set back must not turn into a lease of years: twice a ttl is the most.
    const Seconds grace = std::min(std::max(least, left), 2 * lease.ttl);
    lease.deadline = now + std::chrono::duration_cast<Instant::duration>(grace);
    lease.wall_deadline = later(wall, grace);
    lease.last_noted = now;
    return ran_out;
}

LeaseCheck check(const Lease& lease, Instant now) {
    if (now < lease.deadline) {
        return LeaseCheck::Live;
    }
    const bool second_chance = lease.working && lease.kind != LeaseClass::Robot;
    return second_chance && lease.overdue == 0 ? LeaseCheck::Overdue : LeaseCheck::Expired;
}

void note_overdue(Lease& lease, Instant now, Timestamp wall) {
    const int times = lease.overdue + 1;
    set_deadline(lease, lease.ttl, now, wall);
    lease.overdue = times;
}

bool worth_warning(const Lease& lease, Instant now) {
    const auto left = lease.deadline - now;
    return !lease.warned && left > Instant::duration::zero() && left < lease.ttl / 4;
}

bool worth_noting(const Lease& lease, Instant now) {
    return now - lease.last_noted >= lease.ttl / 2;
}

double remaining_s(const Lease& lease, Instant now) {
    return std::max(0.0, std::chrono::duration_cast<Seconds>(lease.deadline - now).count());
}

}  // namespace cupel::controller
