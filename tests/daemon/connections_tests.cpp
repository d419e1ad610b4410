// Who has to go when there are too many, or when one asks for too much.
#include <array>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus/connections.hpp"
#include "catch.hpp"

using cupel::controller::Connections;

namespace {

/// A connection with both its ends here.
class Pair {
  public:
    Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) == 0); }
    ~Pair() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    int descriptor() const { return ends_[0]; }
    bool ended() const {
        pollfd peer{ends_[1], POLLIN | POLLRDHUP, 0};
        ::poll(&peer, 1, 0);
        return (peer.revents & POLLRDHUP) != 0;
    }

  private:
    std::array<int, 2> ends_{};
};

}  // namespace

TEST_CASE("of many connections the newest of the key that has most goes", "[bus]") {
    Connections connections(3, 0);
    const auto entrance = connections.open();
    const Pair first, second, third, other;
    for (const Pair* pair : {&first, &second, &third}) {
        connections.came(entrance, pair->descriptor());
        connections.heard(pair->descriptor(), "greedy");
    }
    connections.came(entrance, other.descriptor());
    connections.heard(other.descriptor(), "newcomer");
    connections.enforce();
    CHECK(third.ended());
    CHECK_FALSE(first.ended());
    CHECK_FALSE(second.ended());
    CHECK_FALSE(other.ended());
    CHECK(connections.count() == 3);
    CHECK(connections.refused() == 1);
}

TEST_CASE("topics are counted for each connection, and for none that was ended", "[bus]") {
    Connections connections(9, 0);
    const auto entrance = connections.open();
    const Pair one, other;
    connections.came(entrance, one.descriptor());
    connections.came(entrance, other.descriptor());
    CHECK(connections.count_topic(one.descriptor()) == 1);
    CHECK(connections.count_topic(one.descriptor()) == 2);
    CHECK(connections.count_topic(other.descriptor()) == 1);
    connections.forget_topic(one.descriptor());
    CHECK(connections.count_topic(one.descriptor()) == 2);
    connections.end(one.descriptor());
    CHECK(one.ended());
    CHECK(connections.count_topic(one.descriptor()) == 0);
    // The same descriptor, another connection.
    connections.went(entrance, one.descriptor());
    connections.came(entrance, one.descriptor());
    CHECK(connections.count_topic(one.descriptor()) == 1);
}
