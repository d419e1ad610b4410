// The wire: what each frame does, and what no frame can do.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include <cupel/domain/sha256.hpp>

#include "bus_support.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::test;

TEST_CASE("a connection says HELLO before it acts, not before it looks", "[bus]") {
    BusBench bench;
    RawClient client = bench.connect();
    for (const char* kind : {"LIST_OFFERS", "PING", "STATUS"}) {
        CHECK(client.ask(kind).ok());
    }
    const Answered early = client.ask("SNAPSHOT");
    CHECK(early.error() == "HELLO_FIRST");
    CHECK(misfit("SNAPSHOT", early) == "");
    const Answered hello = client.ask("HELLO", {{"client", "robot"}, {"later", "field"}});
    REQUIRE(hello.ok());
    CHECK(misfit("HELLO", hello) == "");
    CHECK(hello.body["epoch"] == bench.ledger->epoch());
    CHECK(hello.body["campaigns"][0]["campaign"] == "c");
    CHECK(client.ask("SNAPSHOT").ok());
    // Once said, it is said: the name stays, and another connection has to say it for itself.
    CHECK(client.ask("HELLO", {{"client", "robot"}}).ok());
    CHECK(client.ask("HELLO", {{"client", "other"}}).error() == "BAD_MESSAGE");
    CHECK(bench.connect().ask("SNAPSHOT").error() == "HELLO_FIRST");
}

TEST_CASE("a worker goes from offer to result, and a subscriber sees each step once, in order",
          "[bus]") {
    BusBench bench;
    RawClient robot = bench.hello("robot");
    const std::string proposal = bench.offers(robot).front();
    Listener listener = bench.listen({"c/c/"});
    const auto joined = robot.ok("SNAPSHOT")["campaigns"][0]["seq"].get<std::int64_t>();

    const auto acted = [&](const std::string& kind, const Json& body, const Texts& blobs = {}) {
        const Answered answered = robot.ask(kind, body, blobs);
        CHECK(misfit(kind, answered) == "");
        REQUIRE(answered.ok());
        return answered.body;
    };
    const Json claim =
        acted("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {proposal}}})["claims"][0];
    const auto with_lease = [&](Json body) {
        body["cmd_id"] = make_ulid();
        body["proposal"] = proposal;
        body["lease"] = claim["lease"];
        body["fence"] = claim["fence"];
        return body;
    };
    acted("START", with_lease({}));
    acted("PROGRESS", with_lease({{"stage", "stirring"}}));
    const std::string note = "a note in a file";
    const Json blobs{{{"name", "note.txt"},
                      {"type", "text/plain"},
                      {"sha256", sha256_hex(note)},
                      {"length", note.size()}}};
    acted("RESULT", with_lease({{"outcome", "no_reaction"}, {"blobs", blobs}}), {note});
    const Answered got = robot.ask("BLOB_GET", {{"sha256", sha256_hex(note)}});
    CHECK(got.blobs == Texts{note});

    Json published = Json::array();
    std::vector<std::string> kinds;
    while (kinds.empty() || kinds.back() != "VERDICT") {
        const Texts frames = listener.next();
        REQUIRE(frames.size() == 3);
        published.push_back({{"header", Json::parse(frames[1])}, {"body", Json::parse(frames[2])}});
        const Json& header = published.back()["header"];
        CHECK(codec::schema_violation("header-1", frames[1]).value_or("") == "");
        kinds.push_back(header["kind"].get<std::string>());
        CHECK(frames[0] == "c/c/" + kinds.back());
        CHECK(header["seq"] == joined + static_cast<std::int64_t>(published.size()));
        CHECK(header["epoch"] == bench.ledger->epoch());
    }
    CHECK(std::count(kinds.begin(), kinds.end(), "CLAIMED") == 1);
    CHECK(std::count(kinds.begin(), kinds.end(), "STARTED") == 1);
    CHECK(std::count(kinds.begin(), kinds.end(), "RESULT_RECEIVED") == 1);
    const Json replayed = robot.ok(
        "REPLAY", {{"campaign", "c"}, {"from", joined + 1}, {"limit", published.size()}})["events"];
    CHECK(replayed == published);
}

TEST_CASE("a command that is sent twice has one effect and two equal answers", "[bus]") {
    BusBench bench;
    RawClient robot = bench.hello("robot");
    const Json claim{{"cmd_id", make_ulid()}, {"proposals", {bench.offers(robot).front()}}};
    const Json first = robot.ok("CLAIM", claim);
    RawClient again = bench.hello("robot");
    CHECK(again.ok("CLAIM", claim) == first);
    CHECK(bench.hello("another").ask("CLAIM", claim).error() == "NOT_OFFERED");
}

TEST_CASE("heartbeats carry the epoch and the head of every campaign", "[bus]") {
    BusBench bench;
    RawClient client = bench.hello("person");
    client.ok("CAMPAIGN_NEW",
              {{"cmd_id", make_ulid()},
               {"campaign", "second"},
               {"config", Json::parse(bench.campaign_keys())}});
    bench.offers(client);
    Listener listener = bench.listen({"h/"});
    const Texts beat = listener.next();
    REQUIRE(beat.size() == 3);
    CHECK(beat[0] == "h/beat");
    CHECK(Json::parse(beat[1])["kind"] == "HEARTBEAT");
    const Json body = Json::parse(beat[2]);
    CHECK(body["epoch"] == bench.ledger->epoch());
    CHECK(body["heads"].size() == 2);
    CHECK(body["heads"]["second"].get<std::int64_t>() >= 1);
}

TEST_CASE("what is not ours is answered where it can be, counted, and hurts nobody", "[bus]") {
    BusBench bench;
    RawClient client = bench.hello("robot");
    const std::string header = RawClient::header("PING", "p");
    const std::vector<Texts> garbage{
        {"junk"},
        {"", ""},
        {"", header},
        {"not empty", header, "{}"},
        {"", "{", "{}"},
        {"", "[]", "{}"},
        {"", R"({"cupel":"one","kind":"PING","id":"p"})", "{}"},
        {"", R"({"cupel":1,"kind":"PING","id":""})", "{}"},
        {"", R"({"cupel":1,"kind":"PING"})", "{}"},
        {"", std::string(5000, ' ') + header, "{}"},
        {"", header, ""},
        {"", header, "null"},
        {"", header, std::string("\xff\xfe\x00{", 4)},
        {"", header, std::string(200'000, '[')},
        {"", RawClient::header("EXPLODE", "p"), "{}"},
        {"", RawClient::header("CLAIM", "p"), R"({"cmd_id":7,"proposals":{}})"},
        {"", RawClient::header("REPLAY", "p"), R"({"campaign":"c","from":-1e300})"},
    };
    for (const auto& frames : garbage) {
        client.send(frames);
        const Answered answered = client.receive();
        INFO(frames.back().substr(0, 60));
        CHECK(answered.error() == "BAD_MESSAGE");
        CHECK(misfit("PING", answered) == "");
    }
    client.send({"", RawClient::header("PING", "p"), std::string(300u << 10, ' ') + "{}"});
    CHECK(client.receive().error() == "TOO_LARGE");
    Texts many{"", RawClient::header("PING", "p"), "{}"};
    many.resize(200, "blob");
    client.send(many);
    CHECK(client.receive().error() == "TOO_LARGE");
    const Json status = client.ok("STATUS")["bus"];
    CHECK(status["bad_messages"] == static_cast<int>(garbage.size()));
    CHECK(status["waiting"] == 0);
    CHECK(status["longest_handler_ms"].get<double>() > 0.0);
}

TEST_CASE("a client in a loop is told to wait, and nobody else", "[bus]") {
    controller::BusOptions options = BusBench::fast();
    options.rate = 20;
    BusBench bench(options);
    RawClient fast = bench.hello("loop");
    RawClient slow = bench.hello("person");
    for (int n = 0; n < 200; ++n) {
        fast.send_command("PING", Json::object());
    }
    int refused = 0;
    for (int n = 0; n < 200; ++n) {
        const Answered answered = fast.receive();
        refused += answered.ok() ? 0 : 1;
        CHECK((answered.ok() || answered.error() == "BUSY"));
    }
    CHECK(refused > 0);
    CHECK(slow.ask("PING").ok());
    bool served = false;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!served && std::chrono::steady_clock::now() < deadline) {
        served = fast.ask("PING").ok();
    }
    CHECK(served);
}

TEST_CASE("files that nobody reads are not piled up for a client that asks for more", "[bus]") {
    BusBench bench(BusBench::fast());
    RawClient sender = bench.connect();
    sender.ok("HELLO", {{"client", "sender"}});
    const std::string file(8u << 20, 'x');
    sender.ok("BLOB_PUT", {{"sha256", sha256_hex(file)}, {"index", 0}, {"count", 1}}, {file});
    zmq::socket_t greedy(bench.context, zmq::socket_type::dealer);
    greedy.set(zmq::sockopt::linger, 0);
    greedy.set(zmq::sockopt::rcvhwm, 1);
    greedy.connect(bench.bus->control_endpoint());
    send_message(greedy, {"", RawClient::header("HELLO", "h"), R"({"client": "greedy"})"});
    const int many = 20;
    for (int i = 0; i < many; ++i) {
        send_message(greedy,
                     {"",
                      RawClient::header("BLOB_GET", std::to_string(i)),
                      Json{{"sha256", sha256_hex(file)}}.dump()});
    }
    int busy = 0;
    int read = 0;
    for (int i = 0; i < many + 1; ++i) {
        const auto reply = next_message(greedy, kPatience);
        REQUIRE(reply);
        busy += Json::parse(reply->at(2)).value("code", "") == "BUSY" ? 1 : 0;
        read += reply->size() == 4 ? 1 : 0;
    }
    CHECK(busy > 0);
    CHECK(read >= 2);
    // Who has read gets the next.
    send_message(
        greedy,
        {"", RawClient::header("BLOB_GET", "last"), Json{{"sha256", sha256_hex(file)}}.dump()});
    std::optional<Texts> last = next_message(greedy, kPatience);
    while (last && last->size() != 4) {
        send_message(
            greedy,
            {"", RawClient::header("BLOB_GET", "last"), Json{{"sha256", sha256_hex(file)}}.dump()});
        last = next_message(greedy, kPatience);
    }
    REQUIRE(last);
    CHECK(last->at(3) == file);
}

TEST_CASE("a peer that vanishes is noticed: its connection is asked for a sign now and then",
          "[bus]") {
    BusBench bench(BusBench::fast());
    RawClient client = bench.connect();
    client.ok("PING");
    const std::string& endpoint = bench.bus->control_endpoint();
    char port[8];
    std::snprintf(port, sizeof port, ":%04X", std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
    // proc(5): of a connection that is quiet timer 2 runs where it has keepalive.
    const auto keepalive_runs = [&] {
        std::ifstream connections("/proc/net/tcp");
        for (std::string line; std::getline(connections, line);) {
            std::istringstream words(line);
            std::string number, local, remote, state, queues, timer;
            words >> number >> local >> remote >> state >> queues >> timer;
            if (local.find(port) != std::string::npos && state == "01") {
                return timer.rfind("02:", 0) == 0;
            }
        }
        return false;
    };
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!keepalive_runs() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    CHECK(keepalive_runs());
}

TEST_CASE("another major version is told which ones we speak", "[bus]") {
    BusBench bench;
    RawClient client = bench.connect();
    client.send({"", RawClient::header("HELLO", "h", 2), R"({"client":"robot"})"});
    const Answered answered = client.receive();
    CHECK(answered.error() == "UNSUPPORTED_VERSION");
    CHECK(answered.body["min"] == 1);
    CHECK(answered.body["max"] == 1);
    CHECK(misfit("HELLO", answered) == "");
    CHECK(client.ask("SNAPSHOT").error() == "HELLO_FIRST");
}

TEST_CASE("a frame beyond the limit drops its peer and nobody else", "[bus]") {
    controller::BusOptions options = BusBench::fast();
    options.max_frame = 1u << 20;
    BusBench bench(options);
    RawClient good = bench.hello("good");
    {
        RawClient bad = bench.hello("bad");
        bad.send_command("RESULT", Json::object(), {std::string((1u << 20) + 1, 'x')});
        CHECK_FALSE(bad.try_receive(std::chrono::milliseconds(300)));
    }
    CHECK(good.ask("SNAPSHOT").ok());
    CHECK(good.ok("STATUS")["bus"]["bad_messages"] == 0);
}

TEST_CASE("a subscriber that does not read holds up nobody", "[bus]") {
    controller::BusOptions options = BusBench::fast();
    options.event_backlog = 10;
    BusBench bench(options);
    RawClient client = bench.hello("robot");
    Listener sleeper = bench.listen({"c/c/"});
    Listener reader = bench.listen({"h/"});
    client.ok("SNAPSHOT");  // both subscriptions were granted before this was answered
    // Far more than the buffers between two sockets hold.
    Event event;
    event.campaign = "c";
    event.kind = "NOISE";
    event.body_json = Json{{"text", std::string(20'000, 'x')}}.dump();
    for (int burst = 0; burst < 40; ++burst) {
        bench.bus->publish(std::vector<Event>(100, event));
        CHECK(client.ask("PING").ok());
    }
    CHECK(reader.next().front() == "h/beat");
    int seen = 0;
    while (sleeper.try_next(std::chrono::milliseconds(200))) {
        ++seen;
    }
    CHECK(seen > 0);
    CHECK(seen < 4000);
}

TEST_CASE("only known topics are granted", "[bus]") {
    BusBench bench;
    Listener greedy = bench.listen({""});
    Listener other = bench.listen({"x/", "c/d/"});
    Listener all = bench.listen({"c/", "h/"});
    RawClient client = bench.hello("robot");
    const std::string proposal = bench.offers(client).front();
    client.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {proposal}}});
    bool claimed = false;
    bool beat = false;
    while (!claimed || !beat) {
        const Texts frames = all.next();
        claimed = claimed || frames.front() == "c/c/CLAIMED";
        beat = beat || frames.front() == "h/beat";
    }
    CHECK_FALSE(greedy.try_next(std::chrono::milliseconds(0)));
    CHECK_FALSE(other.try_next(std::chrono::milliseconds(0)));
}

TEST_CASE("who asks for very many topics gets all of them looked at, and holds up nobody",
          "[bus]") {
    controller::BusOptions options = BusBench::fast();
    options.topics_of_one = 100'000;
    BusBench bench(options);
    RawClient client = bench.hello("person");
    constexpr int kUnknown = 20'000;  // more than one turn of the io thread
    Texts topics;
    for (int i = 0; i < kUnknown; ++i) {
        topics.push_back("x/" + std::to_string(i));
    }
    topics.push_back("h/");
    Listener greedy = bench.listen(topics);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    Json refused = 0;
    while (refused != kUnknown && std::chrono::steady_clock::now() < deadline) {
        refused = client.ok("STATUS")["bus"]["refused_subscriptions"];
    }
    CHECK(refused == kUnknown);
    CHECK(greedy.next().front() == "h/beat");
}

namespace {

/// Never answers WHY.
class SilentLearner final : public controller::LearningService {
  public:
    void attach(controller::Post post, controller::AlarmSink alarm) override {
        inner_.attach(std::move(post), std::move(alarm));
    }
    void open(const controller::LearningTask& task,
              controller::Done<controller::OpenedModel> done) override {
        inner_.open(task, std::move(done));
    }
    void observe(const std::string& campaign,
                 std::vector<controller::LearnerLabel> labels,
                 controller::Done<controller::OpenedModel> done) override {
        inner_.observe(campaign, std::move(labels), std::move(done));
    }
    void train(const std::string& campaign,
               bool full,
               std::vector<controller::LearnerLabel> labels,
               controller::Done<controller::TrainedModel> done) override {
        inner_.train(campaign, full, std::move(labels), std::move(done));
    }
    void suggest(controller::SuggestRequest request,
                 controller::Done<controller::Suggestion> done) override {
        inner_.suggest(std::move(request), std::move(done));
    }
    void why(const std::string&,
             const Candidate&,
             const std::string&,
             controller::Done<std::string>) override {}
    void stop() override {}

  private:
    FakeLearner inner_;
};

}  // namespace

TEST_CASE("commands beyond what may wait are refused as BUSY and can be sent again", "[bus]") {
    controller::BusOptions options = BusBench::fast();
    options.inbox = 3;
    BusBench bench(options, std::make_unique<SilentLearner>());
    RawClient client = bench.hello("robot");
    const std::string proposal = bench.offers(client).front();
    for (int i = 0; i < 3; ++i) {
        client.send_command("WHY", {{"proposal", proposal}});
    }
    const Answered busy = client.ask("PING");
    CHECK(busy.error() == "BUSY");
    CHECK(busy.body["retryable"] == true);
}

TEST_CASE("a stopping daemon answers what came in and offers nothing new", "[bus]") {
    BusBench bench;
    RawClient client = bench.hello("robot");
    const auto before = bench.offers(client);
    bench.ledger->request_stop();
    for (const auto& proposal : before) {
        client.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {proposal}}});
    }
    CHECK(client.ok("LIST_OFFERS")["offers"].empty());
    bench.ledger->stop();
    CHECK(client.ask("PING").error() == "SHUTTING_DOWN");
    CHECK(client.ask("SNAPSHOT").error() == "SHUTTING_DOWN");
}
