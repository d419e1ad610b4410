// One thread, poll() and byte buffers.
#include "faulty_proxy.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cupel::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kGreeting = 64;
constexpr unsigned kMore = 1;
constexpr unsigned kLong = 2;
constexpr unsigned kCommand = 4;

/// The bytes of one message as they came, and its frames.
struct Message {
    std::string bytes;
    std::vector<std::string> frames;
    bool command = false;  ///< of ZMTP itself
};

/// Cuts a stream of bytes into messages.
class Parser {
  public:
    void add(const char* bytes, std::size_t count) { buffer_.append(bytes, count); }
    bool next(Message& message) {
        if (greeting_left_ > 0 && !buffer_.empty()) {
            // As it comes, as a command: each side waits for the beginning of the other's.
            const std::size_t count = std::min(greeting_left_, buffer_.size());
            message = {buffer_.substr(0, count), {}, true};
            buffer_.erase(0, count);
            greeting_left_ -= count;
            return true;
        }
        for (;;) {
            if (buffer_.size() < 2) {
                return false;
            }
            const auto flags = static_cast<unsigned char>(buffer_[0]);
            const std::size_t head = (flags & kLong) != 0 ? 9 : 2;
            if (buffer_.size() < head) {
                return false;
            }
            std::uint64_t length = 0;
            for (std::size_t i = 1; i < head; ++i) {
                length = length << 8 | static_cast<unsigned char>(buffer_[i]);
            }
            if (buffer_.size() < head + length) {
                return false;
            }
            open_.bytes += buffer_.substr(0, head + length);
            open_.frames.push_back(buffer_.substr(head, length));
            open_.command = (flags & kCommand) != 0;
            buffer_.erase(0, head + length);
            if ((flags & kMore) == 0) {
                message = std::exchange(open_, {});
                return true;
            }
        }
    }

  private:
    std::size_t greeting_left_ = kGreeting;
    std::string buffer_;
    Message open_;
};

/// What goes one way through one connection.
struct Stream {
    struct Waiting {
        std::string bytes;
        Clock::time_point due;
        bool blocks;  ///< what comes after it waits as well
    };
    Parser parser;
    std::deque<Waiting> waiting;
    std::string out;
    bool cut_when_sent = false;

    void put(std::string bytes) {
        const bool blocked = std::any_of(
            waiting.begin(), waiting.end(), [](const Waiting& entry) { return entry.blocks; });
        if (blocked) {
            waiting.push_back({std::move(bytes), Clock::time_point{}, true});
            return;
        }
        out += bytes;
        // What was late goes behind the first that overtook it.
        for (const auto& late : waiting) {
            out += late.bytes;
        }
        waiting.clear();
    }
    void release_due(Clock::time_point now) {
        while (!waiting.empty() && waiting.front().due <= now) {
            out += waiting.front().bytes;
            waiting.pop_front();
        }
    }
};

struct Connection {
    int client = -1, server = -1;
    Stream to_server, to_client;
    bool dead = false;
};

void make_quick(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

}  // namespace

struct FaultyProxy::Impl {
    Impl(const std::string& server, Judge given, bool narrow_buffers)
        : judge(std::move(given)), narrow(narrow_buffers) {
        upstream =
            loopback(static_cast<std::uint16_t>(std::stoi(server.substr(server.rfind(':') + 1))));
        listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener, 64) != 0 ||
            ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
            ::pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) {
            throw std::runtime_error("the proxy cannot listen");
        }
        endpoint = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        thread = std::thread([this] { loop(); });
    }
    ~Impl() {
        stopping = true;
        poke();
        thread.join();
        for (auto& connection : connections) {
            close(connection);
        }
        ::close(listener);
        ::close(wake[0]);
        ::close(wake[1]);
    }

    void poke() {
        const char byte = 0;
        if (::write(wake[1], &byte, 1) < 0) {
            // It is awake already.
        }
    }

    static void close(Connection& connection) {
        ::close(connection.client);
        ::close(connection.server);
    }

    void accept_one() {
        const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) {
            return;
        }
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (narrow) {
            const int small = 1;  // the kernel takes its least
            ::setsockopt(server, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        }
        if (::connect(server, reinterpret_cast<sockaddr*>(&upstream), sizeof upstream) != 0) {
            ::close(client);
            ::close(server);
            return;
        }
        make_quick(client);
        make_quick(server);
        Connection& connection = connections.emplace_back();
        connection.client = client;
        connection.server = server;
    }

    void deal(Connection& connection, Way way, Stream& stream, Message message) {
        const Fault fault = judge && !message.command ? judge(way, message.frames) : Fault{};
        faults += fault.kind == Fault::Kind::Pass ? 0 : 1;
        switch (fault.kind) {
            case Fault::Kind::Pass:
                stream.put(std::move(message.bytes));
                return;
            case Fault::Kind::Drop:
                return;
            case Fault::Kind::Twice:
                stream.put(message.bytes);
                stream.put(std::move(message.bytes));
                return;
            case Fault::Kind::Late:
                stream.waiting.push_back(
                    {std::move(message.bytes), Clock::now() + fault.delay, false});
                return;
            case Fault::Kind::Slow:
                stream.waiting.push_back(
                    {std::move(message.bytes), Clock::now() + fault.delay, true});
                return;
            case Fault::Kind::Cut:
                connection.dead = true;
                return;
            case Fault::Kind::PassThenCut:
                stream.put(std::move(message.bytes));
                stream.cut_when_sent = true;
                return;
        }
    }

    void read_from(Connection& connection, int descriptor, Way way, Stream& stream) {
        char bytes[65536];
        const ssize_t count = ::read(descriptor, bytes, narrow ? 2048 : sizeof bytes);
        if (count == 0 || (count < 0 && errno != EAGAIN)) {
            connection.dead = true;
            return;
        }
        if (count < 0) {
            return;
        }
        stream.parser.add(bytes, static_cast<std::size_t>(count));
        for (Message message; !connection.dead && stream.parser.next(message);) {
            deal(connection, way, stream, std::move(message));
        }
    }

    static void write_to(Connection& connection, int descriptor, Stream& stream) {
        if (!stream.out.empty()) {
            const ssize_t count =
                ::send(descriptor, stream.out.data(), stream.out.size(), MSG_NOSIGNAL);
            if (count < 0 && errno != EAGAIN) {
                connection.dead = true;
                return;
            }
            stream.out.erase(0, count > 0 ? static_cast<std::size_t>(count) : 0);
        }
        if (stream.out.empty() && stream.cut_when_sent) {
            connection.dead = true;
        }
    }

    /// Milliseconds until something that waits is due; -1 when nothing does.
    int patience(Clock::time_point now) const {
        auto earliest = Clock::time_point::max();
        for (const auto& connection : connections) {
            for (const Stream* stream : {&connection.to_server, &connection.to_client}) {
                if (!stream->waiting.empty()) {
                    earliest = std::min(earliest, stream->waiting.front().due);
                }
            }
        }
        if (earliest == Clock::time_point::max()) {
            return -1;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(earliest - now).count();
        return static_cast<int>(std::max<long long>(left, 0));
    }

    void loop() {
        while (!stopping) {
            std::vector<pollfd> entries{{listener, POLLIN, 0}, {wake[0], POLLIN, 0}};
            for (auto& connection : connections) {
                const auto events = [](bool reads, const Stream& writes) {
                    return static_cast<short>((reads ? POLLIN : 0) |
                                              (writes.out.empty() ? 0 : POLLOUT));
                };
                entries.push_back({connection.client, events(true, connection.to_client), 0});
                entries.push_back({connection.server, events(!stalled, connection.to_server), 0});
            }
            ::poll(entries.data(), entries.size(), patience(Clock::now()));
            char bytes[64];
            while (::read(wake[0], bytes, sizeof bytes) > 0) {
            }
            if (widening.exchange(false)) {
                // A line that is free again is not slow as well, nor are those made after it.
                narrow = false;
                for (auto& connection : connections) {
                    const int wide = 1 << 20;
                    ::setsockopt(connection.server, SOL_SOCKET, SO_RCVBUF, &wide, sizeof wide);
                }
            }
            std::size_t at = 2;
            for (auto& connection : connections) {
                const short from_client = entries[at].revents;
                const short from_server = entries[at + 1].revents;
                at += 2;
                serve(connection, from_client, from_server);
            }
            cutting = false;
            connections.remove_if([](Connection& connection) {
                if (connection.dead) {
                    close(connection);
                }
                return connection.dead;
            });
            if ((entries[0].revents & POLLIN) != 0) {
                accept_one();
            }
        }
    }

    void serve(Connection& connection, short from_client, short from_server) {
        constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
        if (cutting) {
            connection.dead = true;
            return;
        }
        if ((from_client & kReadable) != 0) {
            read_from(connection, connection.client, Way::ToServer, connection.to_server);
        }
        if ((from_server & kReadable) != 0 && !stalled) {
            read_from(connection, connection.server, Way::ToClient, connection.to_client);
        }
        const auto now = Clock::now();
        connection.to_server.release_due(now);
        connection.to_client.release_due(now);
        write_to(connection, connection.server, connection.to_server);
        write_to(connection, connection.client, connection.to_client);
    }

    Judge judge;
    bool narrow;
    sockaddr_in upstream{};
    int listener = -1;
    int wake[2] = {-1, -1};
    std::string endpoint;
    std::list<Connection> connections;
    std::atomic<bool> stopping{false}, stalled{false}, cutting{false}, widening{false};
    std::atomic<long> faults{0};
    std::thread thread;
};

FaultyProxy::FaultyProxy(const std::string& server, Judge judge, bool narrow)
    : impl_(std::make_unique<Impl>(server, std::move(judge), narrow)) {}
FaultyProxy::~FaultyProxy() = default;

const std::string& FaultyProxy::endpoint() const {
    return impl_->endpoint;
}

void FaultyProxy::stall(bool on) {
    impl_->stalled = on;
    impl_->widening = !on;
    impl_->poke();
}

void FaultyProxy::cut() {
    impl_->cutting = true;
    impl_->poke();
}

long FaultyProxy::faults() const {
    return impl_->faults;
}

}  // namespace cupel::test
