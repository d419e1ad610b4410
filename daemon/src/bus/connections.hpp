// How many may be connected at once, what each may take, and who has to go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace cupel::controller {

/// What connections may take of this process's memory before a whole message has come of it.
struct UnfinishedBytes {
    std::uint64_t of_one = 144u << 20;     ///< two of the longest message: one may wait, whole
    std::uint64_t of_all = 192u << 20;     ///< of everybody together
    std::uint64_t suspicious = 64u << 10;  ///< so much waits in no honest connection for long
};

/// The connections of all sockets of the bus, by their descriptors. Owned by the io thread.
///
/// libzmq accepts whoever comes and has no limit of its own; out of descriptors it spins, and the
/// store can open nothing any more. A connection too many is therefore shut down as soon as it is
/// heard of: the oldest that has not shaken hands yet, or the newest of whoever has most when all
/// have. Whoever only opens connections thus pushes out his own, and nobody who works.
///
/// libzmq also keeps a message of several frames until its last one comes, however many those are,
/// and every topic that somebody asked for. Who sends bytes without end is ended here too, and whom
/// to end for his topics is known here.
class Connections {
  public:
    using Entrance = int;  ///< one life of one socket

    /// `handshake`: bytes that a peer has sent when its handshake is behind it.
    Connections(int most, std::uint64_t handshake) : most_(most), handshake_(handshake) {}

    Entrance open() { return ++entrances_; }
    /// Its connections end with the socket.
    void close(Entrance entrance);
    void came(Entrance entrance, int descriptor);
    void went(Entrance entrance, int descriptor);
    /// Sends away whoever is too many.
    void enforce();

    /// A whole message came over it; from whom, where keys tell.
    void heard(int descriptor, const std::string& key);
    /// One topic more was asked for over it; how many there were since it came. 0: it is not known,
    /// or was ended.
    int count_topic(int descriptor);
    /// One that had been asked for is asked for no more.
    void forget_topic(int descriptor);
    /// Ends a connection; what it had sent before may still be read.
    void end(int descriptor);
    /// To be called now and then: ends connections that sent more than `most` since their last
    /// whole message, the greediest first; with `short_of_memory` the greediest of the suspicious
    /// in any case. True while any is suspicious.
    bool end_unfinished(const UnfinishedBytes& most, bool short_of_memory);

    std::size_t count() const noexcept { return known_.size(); }
    std::int64_t refused() const noexcept { return refused_; }
    /// Ended for messages without an end.
    std::int64_t endless() const noexcept { return endless_; }

  private:
    using Key = std::pair<Entrance, int>;
    struct Known {
        std::uint64_t number = 0;  ///< in order of coming
        std::string owner;         ///< its key, once a message told
        int topics = 0;
        bool heard = true;          ///< a whole message since the last look
        std::uint64_t settled = 0;  ///< bytes that had come when it was last heard
    };
    /// Bytes that came over it; nothing for a local socket, which does not count them.
    static std::optional<std::uint64_t> received(int descriptor);
    bool has_spoken(int descriptor) const;
    Known* find(int descriptor);
    Key last_of_the_greediest() const;
    void shut_down(const Key& key);

    int most_;
    std::uint64_t handshake_;
    Entrance entrances_ = 0;
    std::uint64_t numbers_ = 0;
    std::map<Key, Known> known_;
    std::unordered_map<int, Key> by_descriptor_;
    std::map<std::uint64_t, Key> silent_;  ///< those whose handshake was not seen yet, by number
    std::int64_t refused_ = 0;
    std::int64_t endless_ = 0;
};

/// So many connections of `wished` leave the store, the files and the children their descriptors
/// under this process's limit.
int affordable_connections(int wished);

}  // namespace cupel::controller
