// Leases: who holds a proposal, until when, and what happens when they fall silent. Pure functions.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <cupel/domain/proposal.hpp>

namespace cupel::controller {

using Instant = std::chrono::steady_clock::time_point;
using Seconds = std::chrono::duration<double>;

/// The numbers of one lease class.
struct LeaseClassTimes {
    Seconds claim{};     ///< CLAIM to START
    Seconds work{};      ///< after START, unless a longer time is expected
    Seconds work_cap{};  ///< longest deadline an `expected_s` can ask for
};

/// Claim 2 min / 72 h / 14 d, work 30 min / 14 d / 60 d, caps 24 h / 60 d / 180 d.
struct LeaseTimes {
    LeaseClassTimes robot{Seconds(120), Seconds(1800), Seconds(86400)};
    LeaseClassTimes person{Seconds(259200), Seconds(1209600), Seconds(5184000)};
    LeaseClassTimes facility{Seconds(1209600), Seconds(5184000), Seconds(15552000)};
    const LeaseClassTimes& of(LeaseClass kind) const noexcept;
};

/// A lease that someone holds, or held last: the fence of an ended lease says whose result is
/// current.
struct Lease {
    std::string id;  ///< ULID
    std::int64_t fence = 0;
    std::string holder;  ///< client
    LeaseClass kind = LeaseClass::Robot;
    bool working = false;  ///< after START
    Seconds ttl{};         ///< length of one renewal
    Instant deadline{};
    Timestamp wall_deadline{};  ///< the same, as written down; for people and for restarts
    int overdue = 0;            ///< ttls that ran out and were only noted
    Instant last_noted{};       ///< when a LEASE_RENEWED row was last written
    bool warned = false;        ///< LEASE_EXPIRING was said of this deadline
};

/// Length of a work lease: max(class ttl, 1.5 x expected), at most the cap.
Seconds work_ttl(const LeaseTimes& times, LeaseClass kind, std::optional<double> expected_s);
Lease claim_lease(const LeaseTimes& times,
                  LeaseClass kind,
                  std::string id,
                  std::int64_t fence,
                  std::string holder,
                  Instant now,
                  Timestamp wall);
/// Turns the claim lease into a work lease.
void begin_work(Lease& lease,
                const LeaseTimes& times,
                std::optional<double> expected_s,
                Instant now,
                Timestamp wall);
/// One more ttl from now, or longer when `expected_s` asks for it.
void renew(Lease& lease,
           const LeaseTimes& times,
           std::optional<double> expected_s,
           Instant now,
           Timestamp wall);
/// After a restart the daemon's own downtime expires nobody: a lease whose time ran out meanwhile
/// gets one ttl, any other what was left, at least an hour of it. True when it ran out: the new
/// deadline is to be written down, or restarts would keep a silent worker's lease alive for ever.
bool grant_grace(Lease& lease, Instant now, Timestamp wall);

enum class LeaseCheck { Live, Overdue, Expired };
/// A work lease of a person or facility is overdue once before it expires a ttl later.
LeaseCheck check(const Lease& lease, Instant now);
/// True when less than a quarter of the ttl is left and nobody was told of this deadline yet.
bool worth_warning(const Lease& lease, Instant now);
/// Notes that a lease ran out once: a second ttl begins.
void note_overdue(Lease& lease, Instant now, Timestamp wall);
/// True when a renewal deserves a row of its own: one per half ttl.
bool worth_noting(const Lease& lease, Instant now);
/// Seconds until the deadline, at least 0.
double remaining_s(const Lease& lease, Instant now);

}  // namespace cupel::controller
