// shutdown() ends a connection that libzmq owns: it sees the end and closes the descriptor itself.
#include "connections.hpp"

#include <algorithm>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace cupel::controller {
namespace {

/// For the store and its logs, files that come and go, the children's pipes, libzmq itself, and
/// connections that were accepted and not yet sent away.
constexpr int kKeptDescriptors = 160;
constexpr int kFewest = 8;

}  // namespace

int affordable_connections(int wished) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return wished;
    }
    const auto most = static_cast<std::int64_t>(limit.rlim_cur) - kKeptDescriptors;
    return static_cast<int>(std::clamp<std::int64_t>(most, kFewest, std::max(wished, kFewest)));
}

void Connections::came(Entrance entrance, int descriptor) {
    went(entrance, descriptor);  // its end may have gone unheard
    const std::uint64_t number = ++numbers_;
    known_.emplace(Key{entrance, descriptor}, number);
    silent_.emplace(number, Key{entrance, descriptor});
}

void Connections::went(Entrance entrance, int descriptor) {
    const auto entry = known_.find({entrance, descriptor});
    if (entry != known_.end()) {
        silent_.erase(entry->second);
        known_.erase(entry);
    }
}

void Connections::close(Entrance entrance) {
    for (auto entry = known_.begin(); entry != known_.end();) {
        if (entry->first.first == entrance) {
            silent_.erase(entry->second);
            entry = known_.erase(entry);
        } else {
            ++entry;
        }
    }
}

void Connections::enforce() {
    while (known_.size() > static_cast<std::size_t>(most_)) {
        // Whoever has spoken since is not looked at again: each step forgets one or ends one.
        while (!silent_.empty() && has_spoken(silent_.begin()->second.second)) {
            silent_.erase(silent_.begin());
        }
        Key victim;
        if (!silent_.empty()) {
            victim = silent_.begin()->second;
        } else {
            const auto last = std::max_element(
                known_.begin(), known_.end(), [](const auto& one, const auto& other) {
                    return one.second < other.second;
                });
            victim = last->first;
        }
        ::shutdown(victim.second, SHUT_RDWR);
        ++refused_;
        went(victim.first, victim.second);
    }
}

bool Connections::has_spoken(int descriptor) const {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return true;  // a local socket: no bytes are counted there
    }
    return info.tcpi_bytes_received >= handshake_;
}

}  // namespace cupel::controller
