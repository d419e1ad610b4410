// The client against a peer whose every answer is scripted, over real sockets.
#include <atomic>

#include <cupel/client/client.hpp>
#include <cupel/domain/sha256.hpp>

#include "catch.hpp"
#include "scripted_peer.hpp"

namespace {

using namespace cupel;
using namespace cupel::client;
using namespace std::chrono_literals;
using test::Asked;
using test::Json;
using test::Scripted;
using test::ScriptedPeer;
using Kinds = std::vector<std::string>;

ClientOptions fast(const std::string& control) {
    ClientOptions options;
    options.control = control;
    options.name = "robot";
    options.patience = 150ms;
    options.give_up = 20s;
    return options;
}

Claim claim() {
    return {make_ulid(), {"P1"}, LeaseClass::Robot};
}

/// OK for HELLO, `rest` for everything else.
ScriptedPeer::Script after_hello(ScriptedPeer::Script rest) {
    return [rest = std::move(rest)](const Asked& asked) {
        return asked.header.kind == "HELLO" ? Scripted::ok({{"epoch", "E1"}}) : rest(asked);
    };
}

}  // namespace

TEST_CASE("a client says HELLO once and then asks", "[client]") {
    ScriptedPeer peer(after_hello([](const Asked&) { return Scripted::ok({{"claims", 7}}); }));
    Client client(fast(peer.control));
    CHECK(Json::parse(client.ask(claim()).result_json).at("claims") == 7);
    client.ask(claim());
    CHECK(Json::parse(client.hello()).at("epoch") == "E1");
    peer.stop();
    CHECK(peer.kinds() == Kinds{"HELLO", "CLAIM", "CLAIM"});
    CHECK(peer.asked[0].body.at("client") == "robot");
    CHECK(client.reconnects() == 0);
}

TEST_CASE("a lost reply is asked for again with the same cmd_id and the same bytes", "[client]") {
    int claims = 0;
    ScriptedPeer peer(after_hello([&](const Asked&) {
        return ++claims == 1 ? Scripted::silence() : Scripted::ok({{"claims", claims}});
    }));
    Client client(fast(peer.control));
    CHECK(Json::parse(client.ask(claim()).result_json).at("claims") == 2);
    peer.stop();
    // A new connection is a new HELLO.
    REQUIRE(peer.kinds() == Kinds{"HELLO", "CLAIM", "HELLO", "CLAIM"});
    CHECK(peer.asked[1].body_text == peer.asked[3].body_text);
    CHECK(peer.asked[1].peer != peer.asked[3].peer);
    CHECK(client.reconnects() == 1);
}

TEST_CASE("a daemon that does not know the connection gets a HELLO and the command again",
          "[client]") {
    int claims = 0;
    ScriptedPeer peer(after_hello([&](const Asked&) {
        return ++claims == 2 ? Scripted::error("HELLO_FIRST", false) : Scripted::ok();
    }));
    Client client(fast(peer.control));
    client.ask(claim());
    client.ask(claim());
    peer.stop();
    CHECK(peer.kinds() == Kinds{"HELLO", "CLAIM", "CLAIM", "HELLO", "CLAIM"});
}

TEST_CASE("a daemon that goes away for good between HELLO and command is no refusal", "[client]") {
    std::atomic<bool> back{false};
    ScriptedPeer peer(after_hello([&](const Asked&) {
        return back ? Scripted::ok() : Scripted::error("HELLO_FIRST", false);
    }));
    auto options = fast(peer.control);
    options.give_up = 200ms;
    Client client(options);
    CHECK_THROWS_AS(client.ask(claim()), NoAnswer);
    back = true;
    client.ask(claim());
    peer.stop();
    CHECK(peer.kinds().at(peer.kinds().size() - 2) == "HELLO");
}

TEST_CASE("a retryable error is repeated, any other is thrown with its code", "[client]") {
    int claims = 0;
    ScriptedPeer peer(after_hello([&](const Asked&) {
        ++claims;
        return claims <= 2 ? Scripted::error("BUSY", true) : Scripted::error("STALE_LEASE", false);
    }));
    Client client(fast(peer.control));
    try {
        client.ask(claim());
        FAIL("not refused");
    } catch (const Refused& refused) {
        CHECK(refused.code() == "STALE_LEASE");
        CHECK_FALSE(refused.retryable());
        CHECK(std::string(refused.what()) == "STALE_LEASE: as scripted");
    }
    peer.stop();
    CHECK(peer.kinds() == Kinds{"HELLO", "CLAIM", "CLAIM", "CLAIM"});
    CHECK(client.reconnects() == 0);
}

TEST_CASE("an error that stays retryable is thrown when the time is up", "[client]") {
    ScriptedPeer peer(after_hello([](const Asked&) { return Scripted::error("BUSY", true); }));
    auto options = fast(peer.control);
    options.give_up = 300ms;
    Client client(options);
    try {
        client.ask(claim());
        FAIL("not refused");
    } catch (const Refused& refused) {
        CHECK(refused.retryable());
    }
}

TEST_CASE("a closed port is no answer, and what is no endpoint is said to be none", "[client]") {
    ClientOptions options;
    options.patience = 50ms;
    options.give_up = 120ms;
    SECTION("nobody there") {
        std::string closed;
        {
            ScriptedPeer gone([](const Asked&) { return Scripted::silence(); });
            closed = gone.control;
        }
        options.control = closed;
        Client client(options);
        CHECK_THROWS_AS(client.ask(Ping{}), NoAnswer);
        CHECK_THROWS_WITH(client.ask(Ping{}), Catch::Contains(closed));
    }
    SECTION("no endpoint") {
        options.control = "nonsense";
        Client client(options);
        CHECK_THROWS_AS(client.ask(Ping{}), InputError);
    }
}

TEST_CASE("PING and STATUS go without HELLO", "[client]") {
    ScriptedPeer peer([](const Asked&) { return Scripted::ok(); });
    Client client(fast(peer.control));
    client.ask(Ping{});
    client.ask(Status{});
    peer.stop();
    CHECK(peer.kinds() == Kinds{"PING", "STATUS"});
}

TEST_CASE("a small blob travels with its command, a large one in parts before it", "[client]") {
    ScriptedPeer peer(after_hello([](const Asked&) { return Scripted::ok(); }));
    Client client(fast(peer.control));
    Result result;
    result.cmd_id = make_ulid();
    result.proposal = "P1";
    SECTION("small") {
        client.ask(result, {"data_x"});
        peer.stop();
        REQUIRE(peer.kinds() == Kinds{"HELLO", "RESULT"});
        CHECK(peer.asked[1].blobs == std::vector<std::string>{"data_x"});
    }
    SECTION("72 MiB of small ones: together they would fill what the daemon has for everybody") {
        auto patient = fast(peer.control);
        patient.patience = 20s;
        client = Client(patient);
        std::vector<std::string> blobs;
        for (char letter = 'a'; letter <= 'i'; ++letter) {
            blobs.emplace_back(8u << 20, letter);
        }
        client.ask(result, blobs);
        peer.stop();
        Kinds kinds(74, "BLOB_PUT");
        kinds.front() = "HELLO";
        kinds.back() = "RESULT";
        REQUIRE(peer.kinds() == kinds);
        for (std::size_t i = 1; i <= 72; ++i) {
            REQUIRE(peer.asked[i].blobs.size() == 1);
            CHECK(peer.asked[i].blobs.front() == std::string(1u << 20, "abcdefghi"[(i - 1) / 8]));
        }
        CHECK(peer.asked.back().blobs.empty());
    }
    SECTION("9 MiB, of which a slow line has sent a part for good") {
        auto patient = fast(peer.control);
        patient.patience = 20s;
        client = Client(patient);
        std::string large(9u << 20, 'x');
        large[5u << 20] = 'y';
        client.ask(result, {large});
        peer.stop();
        Kinds kinds(11, "BLOB_PUT");
        kinds.front() = "HELLO";
        kinds.back() = "RESULT";
        REQUIRE(peer.kinds() == kinds);
        std::string together;
        for (std::size_t i = 1; i <= 9; ++i) {
            CHECK(peer.asked[i].body.at("sha256") == sha256_hex(large));
            CHECK(peer.asked[i].body.at("index") == i - 1);
            CHECK(peer.asked[i].body.at("count") == 9);
            together += peer.asked[i].blobs.at(0);
        }
        CHECK(together == large);
        CHECK(peer.asked.back().blobs.empty());
    }
}
