// Who may enter, what each role may do, and what the others leave behind: real sockets, real CURVE.
#include <thread>

#include <cupel/controller/allow_list.hpp>
#include <cupel/domain/key_file.hpp>

#include "bus/zap.hpp"
#include "bus_support.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::test;
using controller::AllowList;

namespace {

using std::chrono::milliseconds;

/// Long enough for an answer on loopback many times over; what must not come has not come by then.
constexpr milliseconds kSilence{300};

KeyPair make_pair() {
    char public_key[41] = {};
    char secret_key[41] = {};
    REQUIRE(zmq_curve_keypair(public_key, secret_key) == 0);
    return {public_key, secret_key};
}

Access rights(const std::string& name, Role role, const std::string& campaign) {
    return {name, {role}, {campaign}, {LeaseClass::Robot}, 2};
}

/// A bus with CURVE, campaign "c", and one key for each kind of visitor.
class SecureBench {
  public:
    SecureBench() {
        list.allow(robot.public_key, rights("robot", Role::Worker, "c"));
        list.allow(watcher.public_key, rights("watcher", Role::Observer, "c"));
        list.allow(foreigner.public_key, rights("foreigner", Role::Worker, "d"));
        auto options = BusBench::fast();
        options.curve = true;
        options.secret_key = server.secret_key;
        options.allowed = std::make_shared<const AllowList>(list);
        bench = std::make_unique<BusBench>(options);
    }
    void revoke(const std::string& name) {
        REQUIRE(list.revoke(name));
        bench->bus->set_allow_list(std::make_shared<const AllowList>(list));
    }
    CurveKeys keys(const KeyPair& pair) const {
        return {server.public_key, pair.public_key, pair.secret_key};
    }
    RawClient connect(const KeyPair& pair) {
        return RawClient(bench->context, bench->bus->control_endpoint(), keys(pair));
    }
    RawClient hello(const KeyPair& pair) {
        RawClient client = connect(pair);
        client.ok("HELLO", {{"client", "whoever"}});
        return client;
    }
    zmq::socket_t subscribe(const KeyPair& pair, const Texts& topics, bool curve = true) {
        zmq::socket_t socket(bench->context, zmq::socket_type::sub);
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::reconnect_ivl, 10);
        if (curve) {
            keys(pair).apply(socket);
        }
        for (const auto& topic : topics) {
            socket.set(zmq::sockopt::subscribe, topic);
        }
        socket.connect(bench->bus->events_endpoint());
        return socket;
    }
    /// The count of that row of the audit, once there is one; 0 when none came.
    std::int64_t audited(const std::string& client, const std::string& code) {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < deadline) {
            controller::Store store(bench->dir / "cupel.db", controller::Store::Mode::Read);
            std::int64_t count = 0;
            for (const auto& row : store.refusals()) {
                count += row.client == client && row.code == code ? row.count : 0;
            }
            if (count > 0) {
                return count;
            }
            std::this_thread::yield();
        }
        return 0;
    }

    KeyPair server = make_pair(), robot = make_pair(), watcher = make_pair(),
            foreigner = make_pair();
    AllowList list;
    std::unique_ptr<BusBench> bench;
};

std::string stranger(const KeyPair& pair) {
    return "key " + pair.public_key.substr(0, 8);
}

/// The next message whose topic begins so; empty when none came in time.
Texts next_of(zmq::socket_t& socket, const std::string& topic, milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto frames = next_message(socket, milliseconds(20));
        if (frames && frames->front().rfind(topic, 0) == 0) {
            return *frames;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("the key says who it is, and the right one works from offer to result", "[auth]") {
    SecureBench secure;
    RawClient robot = secure.connect(secure.robot);
    const Json hello = robot.ok("HELLO", {{"client", "somebody else"}});
    CHECK(hello["roles"] == Json({"worker"}));
    auto events = secure.subscribe(secure.watcher, {"h/", "c/c/"});
    REQUIRE_FALSE(next_of(events, "h/beat", kPatience).empty());
    const std::string proposal = secure.bench->offers(robot).front();
    const Json claim =
        robot.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {proposal}}})["claims"][0];
    const Json proof{{"cmd_id", make_ulid()},
                     {"proposal", proposal},
                     {"lease", claim["lease"]},
                     {"fence", claim["fence"]},
                     {"outcome", "no_reaction"}};
    CHECK(robot.ok("RESULT", proof)["held"] == false);
    const Texts claimed = next_of(events, "c/c/CLAIMED", kPatience);
    REQUIRE(claimed.size() == 3);
    CHECK(Json::parse(claimed[2])["client"] == "robot");
    CHECK(secure.hello(secure.watcher).ok("STATUS")["authenticated"] == true);
}

TEST_CASE("without a key, with an unknown one or with a wrong server key nobody gets in",
          "[auth]") {
    SecureBench secure;
    const KeyPair unknown = make_pair();
    SECTION("no key") {
        RawClient client = secure.bench->connect();
        client.send_command("STATUS", Json::object());
        CHECK_FALSE(client.try_receive(kSilence));
        auto events = secure.subscribe(unknown, {"h/", "c/c/"}, false);
        CHECK(next_of(events, "", kSilence).empty());
        CHECK(secure.audited("unauthenticated", "NO_HANDSHAKE") > 0);
    }
    SECTION("an unknown key") {
        RawClient client = secure.connect(unknown);
        client.send_command("STATUS", Json::object());
        CHECK_FALSE(client.try_receive(kSilence));
        auto events = secure.subscribe(unknown, {"h/", "c/c/"});
        CHECK(next_of(events, "", kSilence).empty());
        CHECK(secure.audited(stranger(unknown), "UNKNOWN_KEY") > 0);
    }
    SECTION("a wrong server key") {
        RawClient client(secure.bench->context,
                         secure.bench->bus->control_endpoint(),
                         {unknown.public_key, secure.robot.public_key, secure.robot.secret_key});
        client.send_command("STATUS", Json::object());
        CHECK_FALSE(client.try_receive(kSilence));
        CHECK(secure.audited("unauthenticated", "NO_HANDSHAKE") > 0);
    }
    CHECK(secure.hello(secure.robot).ask("STATUS").ok());
}

TEST_CASE("a revoked key is heard no more, and a subscriber that is connected hears no more",
          "[auth]") {
    SecureBench secure;
    RawClient robot = secure.hello(secure.robot);
    auto mine = secure.subscribe(secure.robot, {"h/", "c/c/"});
    auto other = secure.subscribe(secure.watcher, {"h/", "c/c/"});
    REQUIRE_FALSE(next_of(mine, "h/beat", kPatience).empty());
    REQUIRE_FALSE(next_of(other, "h/beat", kPatience).empty());
    const auto revoked = std::chrono::steady_clock::now();
    secure.revoke("robot");
    CHECK(robot.ask("STATUS").error() == "NOT_ALLOWED");
    // Everyone else comes back by itself, through authentication, with its subscriptions.
    while (next_of(other, "h/welcome", kPatience).empty()) {
    }
    CHECK(std::chrono::steady_clock::now() - revoked < std::chrono::seconds(1));
    while (next_message(mine, milliseconds(0))) {
        // what was on its way before
    }
    CHECK_FALSE(next_of(other, "h/beat", kPatience).empty());
    CHECK(next_of(mine, "", kSilence).empty());
    CHECK(secure.audited(stranger(secure.robot), "NOT_ALLOWED") == 1);
    CHECK(secure.audited(stranger(secure.robot), "UNKNOWN_KEY") > 0);
}

TEST_CASE("another campaign is neither seen, heard nor touched", "[auth]") {
    SecureBench secure;
    RawClient robot = secure.hello(secure.robot);
    const std::string proposal = secure.bench->offers(robot).front();
    RawClient foreigner = secure.connect(secure.foreigner);
    CHECK(foreigner.ok("HELLO", {{"client", "f"}})["campaigns"].empty());
    CHECK(foreigner.ok("LIST_OFFERS")["offers"].empty());
    CHECK(foreigner.ok("SNAPSHOT")["campaigns"].empty());
    CHECK(foreigner.ok("STATUS")["campaigns"].empty());
    for (const auto& [kind, body] : std::vector<std::pair<std::string, Json>>{
             {"LIST_OFFERS", {{"campaign", "c"}}},
             {"SNAPSHOT", {{"campaign", "c"}}},
             {"REPLAY", {{"campaign", "c"}, {"from", 1}}},
             {"WHY", {{"proposal", proposal}}},
             {"CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {proposal}}}},
             {"DECLINE", {{"cmd_id", make_ulid()}, {"proposal", proposal}}},
             {"OBSERVE",
              {{"cmd_id", make_ulid()}, {"campaign", "c"}, {"outcome", "no_reaction"}}}}) {
        INFO(kind);
        CHECK(foreigner.ask(kind, body).error() == "NOT_ALLOWED");
    }
    auto events = secure.subscribe(secure.foreigner, {"h/", "c/c/", "c/"});
    REQUIRE_FALSE(next_of(events, "h/beat", kPatience).empty());
    robot.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {proposal}}});
    CHECK(next_of(events, "c/", kSilence).empty());
    CHECK(secure.audited("foreigner", "NOT_ALLOWED") > 0);
}

TEST_CASE("who sends what is no subscription hears nothing of others, and they go on hearing",
          "[auth]") {
    SecureBench secure;
    auto events = secure.subscribe(secure.watcher, {"h/", "c/c/"});
    REQUIRE_FALSE(next_of(events, "h/beat", kPatience).empty());
    // Behind such a message libzmq would take the next subscription for another peer's.
    std::vector<zmq::socket_t> mallory;
    for (int i = 0; i < 4; ++i) {
        auto& socket = mallory.emplace_back(secure.bench->context, zmq::socket_type::xsub);
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::reconnect_ivl, 10);
        secure.keys(secure.foreigner).apply(socket);
        socket.connect(secure.bench->bus->events_endpoint());
    }
    for (int round = 0; round < 50; ++round) {
        for (auto& socket : mallory) {
            send_message(socket, {std::string("\x01") + "c/d/"});
            send_message(socket, round % 2 == 0 ? Texts{"\x05x"} : Texts{"\x01h/", "more"});
            send_message(socket, {std::string("\x00c/d/", 5)});
        }
    }
    CHECK(secure.audited("foreigner", "NOT_ALLOWED") > 0);
    RawClient robot = secure.hello(secure.robot);
    std::vector<std::string> claimed;
    Texts heard;
    while (heard.empty()) {  // the line is opened anew meanwhile
        const auto offers = secure.bench->offers(robot);
        REQUIRE_FALSE(offers.empty());
        claimed.push_back(offers.front());
        const Json claim = robot.ok(
            "CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {claimed.back()}}})["claims"][0];
        robot.ok("RELEASE",
                 {{"cmd_id", make_ulid()},
                  {"proposal", claimed.back()},
                  {"lease", claim["lease"]},
                  {"fence", claim["fence"]}});
        heard = next_of(events, "c/c/", kSilence);
    }
    for (auto& socket : mallory) {
        CHECK(next_of(socket, "c/c/", milliseconds(20)).empty());
    }
    // Nor is it let in again.
    auto again = secure.subscribe(secure.foreigner, {"h/"});
    CHECK(next_of(again, "h/", kSilence).empty());
}

TEST_CASE("a connection that names itself is refused: its name could be another's", "[auth]") {
    SecureBench secure;
    zmq::socket_t named(secure.bench->context, zmq::socket_type::dealer);
    named.set(zmq::sockopt::linger, 0);
    named.set(zmq::sockopt::routing_id, "robot-7");
    secure.keys(secure.robot).apply(named);
    named.connect(secure.bench->bus->control_endpoint());
    send_message(named, {"", RawClient::header("PING", "1"), "{}"});
    const auto reply = next_message(named, kPatience);
    REQUIRE(reply);
    CHECK(Json::parse(reply->at(2))["code"] == "BAD_MESSAGE");
    CHECK(Json::parse(reply->at(2))["text"].get<std::string>().find("ZMQ_IDENTITY") !=
          std::string::npos);
}

TEST_CASE("a blob frame of the promised size passes with keys too, a longer one is told so",
          "[auth]") {
    SecureBench secure;
    RawClient robot = secure.hello(secure.robot);
    const std::string most(8u << 20, 'x');
    const Json put{{"sha256", sha256_hex(most)}, {"index", 0}, {"count", 1}};
    CHECK(robot.ok("BLOB_PUT", put, {most})["complete"] == true);
    CHECK(robot.ask("BLOB_PUT", put, {most + "y"}).error() == "TOO_LARGE");
}

TEST_CASE("a role that does not cover a command is told so, and it is written down", "[auth]") {
    SecureBench secure;
    RawClient robot = secure.hello(secure.robot);
    RawClient watcher = secure.hello(secure.watcher);
    const std::string proposal = secure.bench->offers(robot).front();
    const Json claim{{"cmd_id", make_ulid()}, {"proposals", {proposal}}};
    CHECK(watcher.ask("CLAIM", claim).error() == "NOT_ALLOWED");
    CHECK(robot.ask("CAMPAIGN_PAUSE", {{"cmd_id", make_ulid()}, {"campaign", "c"}}).error() ==
          "NOT_ALLOWED");
    Json person = claim;
    person["lease_class"] = "person";
    CHECK(robot.ask("CLAIM", person).error() == "NOT_ALLOWED");
    const auto offers = secure.bench->offers(robot);
    CHECK(robot
              .ask("CLAIM",
                   {{"cmd_id", make_ulid()}, {"proposals", {offers[0], offers[1], offers[2]}}})
              .error() == "TOO_MANY_CLAIMS");
    CHECK(secure.audited("watcher", "NOT_ALLOWED") == 1);
}

TEST_CASE("a second authentication in one process is refused", "[auth]") {
    boost::asio::io_context io;
    zmq::context_t context{1};
    controller::Zap first(io, context, [](const std::string&) {});
    first.bind();
    controller::Zap second(io, context, [](const std::string&) {});
    CHECK_THROWS_AS(second.bind(), controller::BusError);
}
