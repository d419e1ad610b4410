// What clients said of themselves since this start: programs, capabilities, how far they follow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "../campaign/leases.hpp"

namespace cupel::controller {

/// How far a subscriber said it is.
struct Position {
    std::int64_t seq = 0, behind = 0;
    Instant told_at{};
    bool alarmed = false;  ///< and has not caught up since
};

struct Session {
    std::string software, version;
    std::set<std::string> capabilities;
    std::map<std::string, Position> applied;  ///< by campaign
    Instant heard_at{};
};

/// By client. Without keys anybody can make up names, so there is a bound: beyond it the quarter
/// that was silent longest is forgotten, and says HELLO again. Not thread-safe.
class Sessions {
  public:
    explicit Sessions(std::size_t most = 4096) : most_(most) {}

    /// The session of a client that says something of itself, a new one for a new client. The
    /// reference holds until the next call.
    Session& hear(const std::string& client, Instant now);
    /// The session of a client that asks for something; null when it said nothing of itself.
    const Session* find(const std::string& client, Instant now);
    const std::map<std::string, Session>& all() const noexcept { return sessions_; }

  private:
    void forget_silent();

    std::size_t most_;
    std::map<std::string, Session> sessions_;
};

}  // namespace cupel::controller
