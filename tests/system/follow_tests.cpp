// cupel log --follow: every event once, also across a daemon that dies and comes back.
#include "catch.hpp"
#include "real_daemon.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

Json claim(const std::string& proposal, const std::string& cmd_id) {
    return {{"cmd_id", cmd_id}, {"proposals", {proposal}}};
}

}  // namespace

TEST_CASE("a log that is followed survives the daemon, and says so", "[system]") {
    RealDaemon daemon;
    daemon.start();
    zmq::context_t context;
    std::vector<std::string> offers;
    std::string first;
    {
        RawClient client = daemon.connect(context, "robot");
        offers = wait_for_offers(client, 2);
    }
    ChildProcess log({(bin_dir() / "cupel").string(),
                      "log",
                      "--follow",
                      "--campaign",
                      "c",
                      "--connect",
                      daemon.control});
    CHECK(log.expect_line("CAMPAIGN_CREATED", kPatience).find("c #1 ") != std::string::npos);
    log.expect_line("OFFERED " + offers[1].substr(20), kPatience);
    {
        RawClient client = daemon.connect(context, "robot");
        client.ok("CLAIM", claim(offers[0], "01J00000000000000000000001"));
    }
    log.expect_line("CLAIMED " + offers[0].substr(20), kPatience);
    daemon.process().kill();
    log.expect_line("cupel: cupeld is gone", kPatience);
    daemon.start();
    log.expect_line("cupel: cupeld is back", kPatience);
    {
        RawClient client = daemon.connect(context, "robot");
        client.ok("CLAIM", claim(offers[1], "01J00000000000000000000002"));
    }
    const std::string line = log.expect_line("CLAIMED ", kPatience);
    CHECK(line.find(offers[1].substr(20)) != std::string::npos);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a log in JSON is followed without gaps", "[system]") {
    RealDaemon daemon;
    daemon.start();
    zmq::context_t context;
    RawClient client = daemon.connect(context, "person");
    wait_for_offers(client, 2);
    ChildProcess log(
        {(bin_dir() / "cupel").string(), "log", "--follow", "--json", "--connect", daemon.control});
    std::int64_t seq = 0;
    const auto next = [&] {
        const auto line = log.read_line(kPatience);
        REQUIRE(line);
        const Json event = Json::parse(*line);
        CHECK(event["header"]["seq"] == ++seq);
        return event["header"]["kind"].get<std::string>();
    };
    CHECK(next() == "CAMPAIGN_CREATED");
    for (int turn = 0; turn < 10; ++turn) {
        const std::string command = turn % 2 == 0 ? "CAMPAIGN_PAUSE" : "CAMPAIGN_RESUME";
        client.ok(
            command,
            {{"cmd_id", "01J0000000000000000000000" + std::to_string(turn)}, {"campaign", "c"}});
        const std::string wanted = turn % 2 == 0 ? "CAMPAIGN_PAUSED" : "CAMPAIGN_RESUMED";
        while (next() != wanted) {
        }
    }
    CHECK(daemon.stop() == 0);
}
