// How many may be connected at once, and who has to go when there are more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace cupel::controller {

/// Counts the connections of all sockets of the bus. Owned by the io thread.
///
/// libzmq accepts whoever comes and has no limit of its own; out of descriptors it spins, and the
/// store can open nothing any more. A connection too many is therefore shut down as soon as it is
/// heard of: the oldest that has not shaken hands yet, or the last that came when all have. Whoever
/// only opens connections thus pushes out his own, and nobody who works.
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

    std::size_t count() const noexcept { return known_.size(); }
    std::int64_t refused() const noexcept { return refused_; }

  private:
    using Key = std::pair<Entrance, int>;
    bool has_spoken(int descriptor) const;

    int most_;
    std::uint64_t handshake_;
    Entrance entrances_ = 0;
    std::uint64_t numbers_ = 0;
    std::map<Key, std::uint64_t> known_;   ///< who is here, by number in order of coming
    std::map<std::uint64_t, Key> silent_;  ///< those whose handshake was not seen yet
    std::int64_t refused_ = 0;
};

/// So many connections of `wished` leave the store, the files and the children their descriptors
/// under this process's limit.
int affordable_connections(int wished);

}  // namespace cupel::controller
