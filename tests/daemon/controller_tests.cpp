// The daemon inside another program: starts alone, shares nothing, stops clean.
#include <fstream>

#include <cupel/controller.hpp>

#include "bus_support.hpp"
#include "catch.hpp"
#include "daemon.hpp"

using namespace cupel;
using namespace cupel::controller;
using namespace cupel::test;

namespace {

Services fakes() {
    return {std::make_unique<FakeLearner>(), std::make_unique<FakeStructures>(), {}};
}

}  // namespace

TEST_CASE("isolated controllers run side by side and leave nothing behind", "[controller]") {
    zmq::context_t context{1};
    Controller one(Config::isolated());
    Controller two(Config::isolated());
    CHECK(one.control_endpoint().empty());
    one.start();
    two.start();
    CHECK(one.control_endpoint() != two.control_endpoint());
    RawClient first(context, one.control_endpoint());
    RawClient second(context, two.control_endpoint());
    CHECK(first.ok("STATUS")["epoch"] != second.ok("STATUS")["epoch"]);
    one.request_stop();
    one.stop();
    one.stop();
    CHECK(second.ask("STATUS").ok());
}

TEST_CASE("a daemon serves on ipc as well", "[controller]") {
    const TempDir dir;
    Config config = Config::isolated();
    config.bus.control = "ipc://" + (dir / "control").string();
    config.bus.events = "ipc://" + (dir / "events").string();
    zmq::context_t context{1};
    const Daemon daemon(config, fakes(), Log{});
    CHECK(RawClient(context, config.bus.control).ask("STATUS").ok());
    // libzmq would take the place of the first one without a word.
    CHECK_THROWS_WITH(Daemon(config, fakes(), Log{}), Catch::Contains("is in use"));
    CHECK(RawClient(context, config.bus.control).ask("STATUS").ok());
}

TEST_CASE("two daemons want one port: the second says so and starts nothing", "[controller]") {
    Controller first(Config::isolated());
    first.start();
    Config config = Config::isolated();
    SECTION("control") {
        config.bus.control = first.control_endpoint();
        Controller second(config);
        CHECK_THROWS_WITH(
            second.start(),
            "bus.control: " + first.control_endpoint() + " is in use; is another cupeld running?");
    }
    SECTION("events") {
        config.bus.events = first.events_endpoint();
        Controller second(config);
        CHECK_THROWS_AS(second.start(), BusError);
    }
}

TEST_CASE("two daemons want one store: the second says so", "[controller]") {
    const TempDir dir;
    Config config = Config::isolated();
    config.store.path = dir / "cupel.db";
    {
        const Daemon first(config, fakes(), Log{});
        CHECK_THROWS_WITH(
            Daemon(config, fakes(), Log{}),
            (dir / "cupel.db").string() + " is in use by another cupeld; stop it first");
    }
    CHECK_NOTHROW(Daemon(config, fakes(), Log{}));
}

TEST_CASE("a controller refuses to be reached from outside without authentication",
          "[controller]") {
    Config config = Config::isolated();
    config.bus.control = "tcp://0.0.0.0:*";
    Controller controller(config);
    CHECK_THROWS_AS(controller.start(), InputError);
}

TEST_CASE("a campaign of the configuration is made once and found again", "[controller]") {
    const TempDir dir;
    std::ofstream(dir / "pool.jsonl") << "";
    Config config = Config::isolated();
    config.store.path = dir / "store" / "cupel.db";
    config.campaigns["a"] = Json{{"pool", (dir / "pool.jsonl").string()}}.dump();
    zmq::context_t context{1};
    std::string epoch;
    for (int start = 0; start < 2; ++start) {
        const Daemon daemon(config, fakes(), Log{});
        RawClient client(context, daemon.bus().control_endpoint());
        client.ok("HELLO", {{"client", "person"}});
        const Json snapshot = client.ok("SNAPSHOT");
        CHECK(snapshot["campaigns"].size() == 1);
        CHECK((epoch.empty() || snapshot["epoch"] == epoch));
        epoch = snapshot["epoch"].get<std::string>();
        const Json events =
            client.ok("REPLAY", {{"campaign", "a"}, {"from", 1}, {"limit", 1}})["events"];
        CHECK(events[0]["header"]["kind"] == "CAMPAIGN_CREATED");
    }
}

TEST_CASE("a campaign that was made with other keys keeps them, and the log says so",
          "[controller]") {
    const TempDir dir;
    std::ofstream(dir / "pool.jsonl") << "";
    Config config = Config::isolated();
    config.store.path = dir / "cupel.db";
    Json keys{{"pool", (dir / "pool.jsonl").string()}, {"budget_cost", 5}, {"requires", {"xrd"}}};
    std::vector<std::string> lines;
    const Log log([&lines](const LogLine& line) {
        if (line.level == LogLevel::Warning) {
            lines.push_back(line.text);
        }
    });
    config.campaigns["a"] = keys.dump();
    { const Daemon daemon(config, fakes(), log); }
    { const Daemon daemon(config, fakes(), log); }
    CHECK(lines.empty());
    keys.erase("budget_cost");
    keys["requires"] = {"xrd", "glovebox"};
    keys["review"] = true;
    config.campaigns["a"] = keys.dump();
    { const Daemon daemon(config, fakes(), log); }
    CHECK(lines ==
          std::vector<std::string>{
              "campaign.a: it was made with another value of budget_cost, requires, review, "
              "and keeps what it was made with; use another name for other keys"});
}

TEST_CASE("a reload makes new campaigns and names what has to wait", "[controller]") {
    const TempDir dir;
    std::ofstream(dir / "pool.jsonl") << "";
    Config config = Config::isolated();
    Daemon daemon(config, fakes(), Log{});
    config.campaigns["late"] = Json{{"pool", (dir / "pool.jsonl").string()}}.dump();
    config.structure.at_once = 1;
    CHECK(daemon.reload(config) ==
          std::vector<std::string>{"structure.at_once: 1 needs a restart; 2 stays",
                                   "campaign.late: made"});
    zmq::context_t context{1};
    RawClient client(context, daemon.bus().control_endpoint());
    CHECK(client.ok("STATUS")["campaigns"][0]["campaign"] == "late");
}
