// The history of campaigns as it happens, without gaps: PUB is a hint, REPLAY fills what it lost.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <cupel/client/client.hpp>
#include <cupel/domain/event.hpp>

namespace cupel::client {

struct SubscriberOptions {
    ClientOptions client;                 ///< the connection that catches up
    std::string events = kDefaultEvents;  ///< endpoint of the daemon's `events` socket
    std::vector<std::string> campaigns;   ///< empty: every campaign
    /// Where to begin: the state now (a snapshot, then events), or every event from the first.
    bool from_first = false;
    /// Between two heartbeats; 0: as HELLO says.
    std::chrono::milliseconds heartbeat{0};
    int silent_intervals = 4;  ///< without a word, before everything is opened anew
    int page = 500;            ///< events of one REPLAY, 1..1000
    /// Drawn wait before a REPLAY, so that many subscribers that lost the same event do not ask at
    /// once.
    std::chrono::milliseconds jitter{100};
};

/// What a subscriber hears next.
struct Heard {
    /// A SNAPSHOT `result`: the state to begin from, anything heard before is void. Empty for an
    /// event.
    std::string snapshot_json;
    Event event;        ///< the next one of its campaign; `chain` stays empty
    std::string epoch;  ///< of the store that said it
};

/// What it took to hear everything.
struct SubscriberCounts {
    int snapshots = 0;
    int replays = 0;     ///< gaps and lost tails that were filled
    int reconnects = 0;  ///< silences that ended the connection
    int epochs = 0;      ///< changes of epoch after the first
    std::int64_t applied = 0;
    std::int64_t dropped = 0;  ///< events that were known already
};

/// Joins and catches up as the protocol page says. Not thread-safe: one thread calls it, and it
/// works only inside next(). libzmq queues what comes between two calls; what does not fit is
/// caught up.
class Subscriber {
  public:
    /// Opens nothing yet.
    explicit Subscriber(SubscriberOptions options);
    ~Subscriber();
    Subscriber(Subscriber&&) noexcept;
    Subscriber& operator=(Subscriber&&) noexcept;

    /// The next state or event; nothing when none came within `timeout`. Events of one campaign
    /// come each once, in order of seq, none left out. A daemon that is away is waited for: only
    /// InputError (endpoint, a history that cannot be read) and Refused (not our campaign) are
    /// thrown. A page of the history, or the word of how far we are at a heartbeat, may take up
    /// to the client's `patience` longer.
    std::optional<Heard> next(std::chrono::milliseconds timeout);
    /// Did it join, and has the daemon not been silent for too long since? @since 0.1
    bool joined() const noexcept;
    /// Campaign -> seq of the last event heard.
    const std::map<std::string, std::int64_t>& applied() const noexcept;
    const SubscriberCounts& counts() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::client
