// The subscriber against a scripted peer that loses, repeats and forgets.
#include <atomic>

#include <cupel/client/subscriber.hpp>

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

/// A history that only the peer's thread and, between its answers, the test look at.
struct History {
    std::atomic<int> head{3};
    std::atomic<int> epoch{1};

    std::string epoch_name() const { return "E" + std::to_string(epoch); }
    codec::Header header(int seq) const {
        codec::Header header;
        header.kind = "NOTE";
        header.id = "event-" + std::to_string(seq);
        header.epoch = epoch_name();
        header.seq = seq;
        return header;
    }
    Scripted answer(const Asked& asked) const {
        const std::string& kind = asked.header.kind;
        const Json campaigns{{{"campaign", "demo"}, {"seq", head.load()}}};
        if (kind == "HELLO") {
            return Scripted::ok(
                {{"epoch", epoch_name()}, {"heartbeat_s", 5}, {"campaigns", campaigns}});
        }
        if (kind == "SNAPSHOT") {
            return Scripted::ok({{"epoch", epoch_name()}, {"campaigns", campaigns}});
        }
        if (kind == "REPLAY") {
            Json events = Json::array();
            const int from = asked.body.at("from").get<int>();
            const int last = std::min<int>(head, from + asked.body.at("limit").get<int>() - 1);
            for (int seq = from; seq <= last; ++seq) {
                events.push_back({{"header", Json::parse(codec::encode(header(seq)))},
                                  {"body", {{"campaign", "demo"}, {"n", seq}}}});
            }
            return Scripted::ok({{"events", events}, {"next", last + 1}});
        }
        return Scripted::ok();
    }
};

/// One subscriber of one scripted daemon.
class Scene {
  public:
    explicit Scene(std::chrono::milliseconds heartbeat = 5s, bool from_first = false)
        : peer([this](const Asked& asked) {
              pages += asked.header.kind == "REPLAY" ? 1 : 0;
              return history.answer(asked);
          }),
          subscriber(options(peer, heartbeat, from_first)) {}

    static SubscriberOptions options(const ScriptedPeer& peer,
                                     std::chrono::milliseconds heartbeat,
                                     bool from_first) {
        SubscriberOptions wanted;
        wanted.client.control = peer.control;
        wanted.client.name = "listener";
        wanted.client.patience = 5s;
        wanted.events = peer.events;
        wanted.campaigns = {"demo"};
        wanted.heartbeat = heartbeat;
        wanted.page = 2;
        wanted.jitter = 0ms;
        wanted.from_first = from_first;
        return wanted;
    }
    void publish(int seq) {
        peer.publish("c/demo/NOTE", history.header(seq), {{"campaign", "demo"}, {"n", seq}});
    }
    void beat() {
        codec::Header header;
        header.kind = "HEARTBEAT";
        header.id = "beat";
        header.epoch = history.epoch_name();
        peer.publish("h/beat",
                     header,
                     {{"epoch", history.epoch_name()}, {"heads", {{"demo", history.head.load()}}}});
    }
    /// The seq of the next event; 0 for a snapshot, -1 for nothing.
    std::int64_t next(std::chrono::milliseconds timeout = 10s) {
        const auto heard = subscriber.next(timeout);
        return !heard ? -1 : heard->snapshot_json.empty() ? heard->event.seq : 0;
    }

    History history;
    std::atomic<int> pages{0};  ///< that were asked for
    ScriptedPeer peer;
    Subscriber subscriber;
};

}  // namespace

TEST_CASE("a subscriber begins with the state and drops what it holds already", "[client]") {
    Scene scene;
    REQUIRE(scene.next() == 0);
    CHECK(scene.subscriber.applied().at("demo") == 3);
    scene.publish(2);
    scene.publish(3);
    scene.history.head = 4;
    scene.publish(4);
    CHECK(scene.next() == 4);
    CHECK(scene.subscriber.counts().dropped == 2);
    CHECK(scene.subscriber.counts().replays == 0);
    scene.peer.stop();
    CHECK(scene.peer.kinds() == std::vector<std::string>{"HELLO", "SNAPSHOT"});
}

TEST_CASE("a subscriber that wants everything begins with the first event", "[client]") {
    Scene scene(5s, true);
    CHECK(scene.next() == 1);
    CHECK(scene.next() == 2);
    CHECK(scene.next() == 3);
}

TEST_CASE("a gap is filled from the history, page by page, before the event that showed it",
          "[client]") {
    Scene scene;
    REQUIRE(scene.next() == 0);
    scene.history.head = 9;
    scene.publish(9);
    for (std::int64_t seq = 4; seq <= 9; ++seq) {
        CHECK(scene.next() == seq);
    }
    CHECK(scene.subscriber.counts().replays == 1);
    scene.publish(9);
    CHECK(scene.next(50ms) == -1);
}

TEST_CASE("of a long history one page is asked for at a time, when the one before was heard",
          "[client]") {
    Scene scene(5s, true);
    scene.history.head = 6;
    const auto pages = [&] { return scene.pages.load(); };
    for (const int page : {1, 2, 3}) {
        CHECK(scene.next() == 2 * page - 1);
        CHECK(pages() == page);
        CHECK(scene.next() == 2 * page);
        CHECK(pages() == page);
    }
    CHECK(scene.next(0ms) == -1);
    CHECK(scene.subscriber.counts().replays == 1);
}

TEST_CASE("a store that is replaced between two pages is begun anew", "[client]") {
    Scene scene;
    REQUIRE(scene.next() == 0);
    scene.history.head = 9;
    scene.publish(9);
    CHECK(scene.next() == 4);
    CHECK(scene.next() == 5);
    scene.history.epoch = 2;
    CHECK(scene.next() == 0);
    CHECK(scene.subscriber.counts().epochs == 1);
    CHECK(scene.subscriber.applied().at("demo") == 9);
}

TEST_CASE("a lost tail shows in two heartbeats, not in one", "[client]") {
    Scene scene;
    REQUIRE(scene.next() == 0);
    scene.history.head = 5;
    scene.beat();
    CHECK(scene.next(200ms) == -1);
    CHECK(scene.subscriber.counts().replays == 0);
    scene.beat();
    CHECK(scene.next() == 4);
    CHECK(scene.next() == 5);
    CHECK(scene.subscriber.counts().replays == 1);
}

TEST_CASE("each heartbeat is answered with how far we are, also when nothing happened",
          "[client]") {
    Scene scene;
    REQUIRE(scene.next() == 0);
    scene.beat();
    scene.beat();
    scene.history.head = 4;
    scene.publish(4);
    CHECK(scene.next() == 4);
    scene.peer.stop();
    REQUIRE(scene.peer.kinds() == std::vector<std::string>{"HELLO", "SNAPSHOT", "PING", "PING"});
    CHECK(scene.peer.asked[3].body.at("applied") == Json{{"demo", 3}});
}

TEST_CASE("another epoch makes everything heard before void", "[client]") {
    Scene scene;
    REQUIRE(scene.next() == 0);
    scene.history.epoch = 2;
    scene.history.head = 2;
    SECTION("shown by a heartbeat") {
        scene.beat();
    }
    SECTION("shown by an event") {
        scene.publish(2);
    }
    const auto heard = scene.subscriber.next(10s);
    REQUIRE(heard);
    CHECK(heard->epoch == "E2");
    CHECK_FALSE(heard->snapshot_json.empty());
    CHECK(scene.subscriber.applied().at("demo") == 2);
    CHECK(scene.subscriber.counts().epochs == 1);
}

TEST_CASE("a campaign that is new in a heartbeat is asked for once, and heard when it is ours",
          "[client]") {
    History history;
    std::atomic<bool> made{false};
    const KeyPair server = test::make_key_pair();
    const KeyPair own = test::make_key_pair();
    ScriptedPeer peer(
        [&](const Asked& asked) {
            Scripted scripted = history.answer(asked);
            if (asked.header.kind == "HELLO" && made) {
                scripted.body["campaigns"].push_back({{"campaign", "later"}, {"seq", 2}});
            }
            return scripted;
        },
        server.secret_key);
    auto options = Scene::options(peer, 5s, false);
    options.campaigns.clear();
    options.client.server_key = server.public_key;
    options.client.public_key = own.public_key;
    options.client.secret_key = own.secret_key;
    Subscriber subscriber(options);
    codec::Header header;
    header.kind = "HEARTBEAT";
    header.epoch = history.epoch_name();
    Json heads{{"demo", 3}, {"foreign", 7}};
    const auto beat = [&] { peer.publish("h/beat", header, {{"epoch", "E1"}, {"heads", heads}}); };
    const auto hear = [&](const std::string& campaign, int seq) {
        const auto heard = subscriber.next(10s);
        REQUIRE(heard);
        CHECK(heard->event.campaign == campaign);
        CHECK(heard->event.seq == seq);
    };
    const auto publish = [&](int seq) {
        history.head = seq;
        peer.publish("c/demo/NOTE", history.header(seq), {{"n", seq}});
    };
    REQUIRE(subscriber.next(10s));
    for (int n = 0; n < 3; ++n) {
        beat();
    }
    publish(4);
    hear("demo", 4);
    made = true;
    heads["later"] = 2;
    beat();
    hear("later", 1);
    hear("later", 2);
    beat();
    publish(5);
    hear("demo", 5);
    peer.stop();
    const auto kinds = peer.kinds();
    CHECK(std::count(kinds.begin(), kinds.end(), "HELLO") == 3);  // at first, and once for each
    CHECK(std::count(kinds.begin(), kinds.end(), "SNAPSHOT") == 1);
}

TEST_CASE("silence ends the connection, and nothing is missed over it", "[client]") {
    Scene scene(50ms);
    REQUIRE(scene.next() == 0);
    scene.history.head = 5;  // both published while nobody could hear
    CHECK(scene.next() == 4);
    CHECK(scene.next() == 5);
    CHECK(scene.subscriber.counts().reconnects >= 1);
    CHECK(scene.subscriber.counts().snapshots == 1);
}

TEST_CASE("a subscriber waits for a daemon that is not there and returns in time", "[client]") {
    SubscriberOptions options;
    {
        ScriptedPeer gone([](const Asked&) { return Scripted::silence(); });
        options = Scene::options(gone, 20ms, false);
    }
    Subscriber subscriber(options);
    const auto begun = std::chrono::steady_clock::now();
    CHECK_FALSE(subscriber.next(200ms));
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
    CHECK(subscriber.counts().reconnects >= 1);
}

TEST_CASE("garbage among the events is passed over", "[client]") {
    Scene scene;
    REQUIRE(scene.next() == 0);
    codec::Header header = scene.history.header(4);
    scene.peer.publish("c/demo/NOTE", header, Json(42));
    scene.peer.publish("h/beat", header, Json::array());
    scene.history.head = 4;
    scene.publish(4);
    CHECK(scene.next() == 4);
}
