// Whoever takes memory without end is ended; whoever works notices nothing.
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>

#include "bus_support.hpp"
#include "catch.hpp"
#include "tcp.hpp"
#include "zmtp.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

constexpr std::size_t kEnough = std::size_t{1} << 30;  ///< bytes; far beyond any bound

/// Sends `bytes` again and again until the other side ends the connection; how many it took.
std::size_t send_until_ended(const Tcp& connection, const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < kEnough) {
        const std::size_t taken = connection.send(bytes);
        sent += taken;
        if (taken < bytes.size()) {
            break;
        }
    }
    return sent;
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

controller::BusOptions small_bounds() {
    controller::BusOptions options = BusBench::fast();
    options.unfinished.of_one = 1u << 20;
    options.unfinished.suspicious = 4u << 10;
    return options;
}

}  // namespace

TEST_CASE("a message without an end ends its connection", "[bus][flood]") {
    BusBench bench(small_bounds());
    RawClient worker = bench.hello("worker");
    for (const auto& endpoint : {bench.bus->control_endpoint(), bench.bus->events_endpoint()}) {
        const bool events = endpoint == bench.bus->events_endpoint();
        const Tcp stranger(endpoint);
        stranger.send(zmtp_handshake(events ? "SUB" : "DEALER"));
        const auto part = zmtp_frame(std::string(events ? 500 : 60'000, 'x'), true);
        CHECK(send_until_ended(stranger, part) < kEnough);
        CHECK(worker.ask("PING").ok());
    }
}

TEST_CASE("a message of frames without content ends by the memory it takes", "[bus][flood]") {
    controller::BusOptions options = BusBench::fast();
    options.unfinished.of_one = kEnough;
    options.unfinished.of_all = kEnough;
    options.unfinished_memory = 32u << 20;
    BusBench bench(options);
    RawClient worker = bench.hello("worker");
    const Tcp stranger(bench.bus->control_endpoint());
    stranger.send(zmtp_handshake());
    // Each takes two bytes on the wire and some seventy in memory.
    CHECK(send_until_ended(stranger, repeated(zmtp_frame("", true), 10'000)) < kEnough / 4);
    CHECK(worker.ask("PING").ok());
}

TEST_CASE("a long message with an end arrives, and its sender may send the next", "[bus][flood]") {
    // One message is never ended, whenever it is looked at; the second only if the first still
    // counts.
    controller::BusOptions options = small_bounds();
    options.unfinished.of_one = 12u << 20;
    BusBench bench(options);
    RawClient sender = bench.hello("sender");
    for (const char letter : {'a', 'b'}) {
        const std::string file(8u << 20, letter);
        CHECK(sender
                  .ok("BLOB_PUT",
                      {{"sha256", sha256_hex(file)}, {"index", 0}, {"count", 1}},
                      {file})["complete"]
                  .get<bool>());
    }
}

TEST_CASE("a message of very many frames is refused, and its sender may go on", "[bus][flood]") {
    BusBench bench(BusBench::fast());
    RawClient sender = bench.hello("sender");
    std::vector<std::string> frames{"", RawClient::header("LIST_OFFERS", "many"), "{}"};
    frames.resize(100'000);
    sender.send(frames);
    const auto refused = sender.try_receive(kPatience);
    REQUIRE(refused);
    CHECK(refused->body["code"] == "TOO_LARGE");
    CHECK(sender.ask("PING").ok());
}

TEST_CASE("a subscriber that asks for very many topics is ended", "[bus][flood]") {
    controller::BusOptions options = BusBench::fast();
    options.topics_of_one = 50;
    BusBench bench(options);
    for (const bool known : {true, false}) {
        const Tcp greedy(bench.bus->events_endpoint());
        greedy.send(zmtp_handshake("SUB"));
        for (int i = 0; i < 60; ++i) {
            const std::string topic = known ? "c/c" + std::to_string(i) + "/" : "x/" + make_ulid();
            greedy.send(zmtp_frame("\1" + topic, false));
        }
        CHECK(greedy.closed_by_peer());
    }
    Listener listener = bench.listen({"h/"});
    CHECK(listener.next().front() == "h/beat");
}

TEST_CASE("pages that nobody reads are not piled up either", "[bus][flood]") {
    controller::BusOptions options = BusBench::fast();
    options.unread_of_one = 1u << 20;
    BusBench bench(options);
    RawClient writer = bench.hello("writer");
    for (int i = 0; i < 20; ++i) {
        writer.ok("OBSERVE",
                  {{"cmd_id", make_ulid()},
                   {"campaign", "c"},
                   {"candidate",
                    {{"core", {{"formula", "Au25"}, {"metals", {{"Au", 25}}}}},
                     {"ligands", Json::array()}}},
                   {"outcome", "crystals_unsolved"},
                   {"evidence", {{"spectrum", std::string(200'000, 'x')}}}});
    }
    zmq::socket_t greedy(bench.context, zmq::socket_type::dealer);
    greedy.set(zmq::sockopt::linger, 0);
    greedy.set(zmq::sockopt::rcvhwm, 1);
    greedy.connect(bench.bus->control_endpoint());
    send_message(greedy, {"", RawClient::header("HELLO", "h"), R"({"client": "greedy"})"});
    const int many = 40;
    for (int i = 0; i < many; ++i) {
        send_message(greedy,
                     {"",
                      RawClient::header("REPLAY", std::to_string(i)),
                      R"({"campaign": "c", "from": 1})"});
    }
    int busy = 0;
    int pages = 0;
    for (int i = 0; i < many + 1; ++i) {
        const auto reply = next_message(greedy, kPatience);
        REQUIRE(reply);
        const Json body = Json::parse(reply->at(2));
        busy += body.value("code", "") == "BUSY" ? 1 : 0;
        pages += body.contains("events") ? 1 : 0;
    }
    CHECK(busy > 0);
    CHECK(pages > 0);
    CHECK(writer.ok("REPLAY", {{"campaign", "c"}, {"from", 1}})["events"].size() > 10);
}

TEST_CASE("an answer stays one line, whatever was asked", "[bus]") {
    BusBench bench(BusBench::fast());
    RawClient client = bench.connect();
    const Answered answered = client.ask("PI\nNG");
    CHECK(answered.error() == "BAD_MESSAGE");
    CHECK(answered.body["text"].get<std::string>().find('\n') == std::string::npos);
}
