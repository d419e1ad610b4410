// Bare TCP connections to the loopback, for whoever does not speak ZMTP, or badly.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace cupel::test {

/// Closed at its end; `ok()` false when it could not be had.
class Tcp {
  public:
    /// `endpoint`: "tcp://127.0.0.1:PORT".
    explicit Tcp(const std::string& endpoint) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port =
            htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const timeval patience{5, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (descriptor_ >= 0 &&
            ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(descriptor_);
            descriptor_ = -1;
        }
    }
    ~Tcp() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    Tcp(Tcp&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
    Tcp(const Tcp&) = delete;
    Tcp& operator=(const Tcp&) = delete;

    bool ok() const { return descriptor_ >= 0; }
    /// How many bytes were taken before the other side closed.
    std::size_t send(const std::string& bytes) const {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const ssize_t count =
                ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) {
                break;
            }
            sent += static_cast<std::size_t>(count);
        }
        return sent;
    }
    /// Reads until the other side closes; false when it does not within five seconds.
    bool closed_by_peer() const {
        char bytes[4096];
        for (;;) {
            const ssize_t count = ::recv(descriptor_, bytes, sizeof bytes, 0);
            if (count <= 0) {
                return count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
            }
        }
    }

    /// Everything until the other side closes.
    std::string read_all() const {
        std::string all;
        char bytes[4096];
        for (ssize_t count = 1; count > 0;) {
            count = ::recv(descriptor_, bytes, sizeof bytes, 0);
            all.append(bytes, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        }
        return all;
    }

  private:
    int descriptor_ = -1;
};

/// Asks for `wanted` open files for this process; how many it got.
inline rlim_t raise_open_files(rlim_t wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = std::min(limit.rlim_max, wanted);
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

}  // namespace cupel::test
