// shutdown() ends a connection that libzmq owns: it sees the end and closes the descriptor itself.
#include "connections.hpp"

#include <algorithm>
#include <functional>

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
    const Key key{entrance, descriptor};
    const std::uint64_t number = ++numbers_;
    known_[key].number = number;
    by_descriptor_[descriptor] = key;
    silent_.emplace(number, key);
}

void Connections::went(Entrance entrance, int descriptor) {
    const Key key{entrance, descriptor};
    const auto entry = known_.find(key);
    if (entry == known_.end()) {
        return;
    }
    silent_.erase(entry->second.number);
    known_.erase(entry);
    const auto place = by_descriptor_.find(descriptor);
    if (place != by_descriptor_.end() && place->second == key) {
        by_descriptor_.erase(place);
    }
}

void Connections::close(Entrance entrance) {
    for (auto entry = known_.begin(); entry != known_.end();) {
        const Key key = (entry++)->first;
        if (key.first == entrance) {
            went(entrance, key.second);
        }
    }
}

Connections::Known* Connections::find(int descriptor) {
    const auto place = by_descriptor_.find(descriptor);
    return place == by_descriptor_.end() ? nullptr : &known_.at(place->second);
}

void Connections::heard(int descriptor, const std::string& key) {
    if (Known* known = find(descriptor)) {
        known->heard = true;
        if (known->owner.empty()) {
            known->owner = key;
        }
    }
}

int Connections::count_topic(int descriptor) {
    Known* known = find(descriptor);
    return known == nullptr ? 0 : ++known->topics;
}

void Connections::forget_topic(int descriptor) {
    if (Known* known = find(descriptor); known != nullptr && known->topics > 0) {
        --known->topics;
    }
}

void Connections::shut_down(const Key& key) {
    ::shutdown(key.second, SHUT_RDWR);
    went(key.first, key.second);
}

void Connections::end(int descriptor) {
    const auto place = by_descriptor_.find(descriptor);
    if (place != by_descriptor_.end()) {
        shut_down(Key(place->second));
    }
}

bool Connections::end_unfinished(const UnfinishedBytes& most, bool short_of_memory) {
    std::uint64_t together = 0;
    std::multimap<std::uint64_t, Key, std::greater<>> greediest;
    for (auto& [key, known] : known_) {
        const auto bytes = received(key.second);
        if (!bytes) {
            continue;
        }
        if (std::exchange(known.heard, false)) {
            known.settled = *bytes;
        }
        const std::uint64_t unfinished = *bytes - std::min(*bytes, known.settled);
        if (unfinished > most.suspicious) {
            together += unfinished;
            greediest.emplace(unfinished, key);
        }
    }
    for (const auto& [unfinished, key] : greediest) {
        if (unfinished <= most.of_one && together <= most.of_all && !short_of_memory) {
            return true;
        }
        short_of_memory = false;  // one at a time: it may have been enough
        together -= unfinished;
        ++endless_;
        shut_down(key);
    }
    return false;
}

Connections::Key Connections::last_of_the_greediest() const {
    std::map<std::string, std::size_t> counts;
    for (const auto& [key, known] : known_) {
        ++counts[known.owner];
    }
    const auto worse = [&](const auto& one, const auto& other) {
        const auto rank = [&](const Known& known) {
            return std::make_pair(counts.at(known.owner), known.number);
        };
        return rank(one.second) < rank(other.second);
    };
    return std::max_element(known_.begin(), known_.end(), worse)->first;
}

void Connections::enforce() {
    while (known_.size() > static_cast<std::size_t>(most_)) {
        // Whoever has spoken since is not looked at again: each step forgets one or ends one.
        while (!silent_.empty() && has_spoken(silent_.begin()->second.second)) {
            silent_.erase(silent_.begin());
        }
        ++refused_;
        shut_down(silent_.empty() ? last_of_the_greediest() : Key(silent_.begin()->second));
    }
}

std::optional<std::uint64_t> Connections::received(int descriptor) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return std::nullopt;
    }
    return info.tcpi_bytes_received;
}

bool Connections::has_spoken(int descriptor) const {
    const auto bytes = received(descriptor);
    return !bytes || *bytes >= handshake_;
}

}  // namespace cupel::controller
