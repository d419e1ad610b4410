// cupeld whose standard error is a full pipe that nobody reads.
#include <csignal>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "history.hpp"
#include "real_daemon.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// Longer than an end takes anywhere, shorter than for ever.
constexpr std::chrono::seconds kEnd{60};

DaemonSetup talkative() {
    DaemonSetup setup;
    setup.tables = "[log]\nlevel = \"debug\"\n";
    return setup;
}

/// No journal beside the database: its last connection was closed in order.
bool closed_properly(const RealDaemon& daemon) {
    return std::filesystem::exists(daemon.store()) &&
           !std::filesystem::exists(daemon.store().string() + "-wal");
}

}  // namespace

TEST_CASE("cupeld serves and ends with 0 when nobody reads what it says", "[system][log]") {
    RealDaemon daemon(talkative());
    daemon.start();
    daemon.process().fill_output();
    zmq::context_t context;
    RawClient client = daemon.connect(context, "person");
    const std::string offer = wait_for_offers(client).front();
    client.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {offer}}});
    daemon.process().send(SIGTERM);
    REQUIRE(daemon.process().closes_output(kEnd));
    CHECK(daemon.process().wait() == 0);
    CHECK(closed_properly(daemon));
    CHECK(breach_of_history(daemon.store()) == "");
    CHECK(states_stored(daemon.store()).at(offer) == "CLAIMED");
}

TEST_CASE("a second signal ends cupeld at once when nobody reads what it says", "[system][log]") {
    RealDaemon daemon(talkative());
    daemon.start();
    daemon.process().fill_output();
    zmq::context_t context;
    RawClient client = daemon.connect(context, "person");
    {
        // Somebody else holds the database, so that stopping in order takes its time.
        SQLite::Database other(daemon.store().string(), SQLite::OPEN_READWRITE);
        other.setBusyTimeout(5000);  // cupeld itself may be writing just now
        other.exec("BEGIN IMMEDIATE");
        client.send_command("CAMPAIGN_PAUSE", {{"cmd_id", make_ulid()}, {"campaign", "c"}});
        daemon.process().send(SIGTERM);
        daemon.process().send(SIGINT);
        CHECK(daemon.process().closes_output(kEnd));
    }
    CHECK(daemon.process().wait() == 1);
}

TEST_CASE("what keeps cupeld from serving ends it also when nobody reads the line",
          "[system][log]") {
    TempDir dir;
    const std::string gate = (dir / "gate").string();
    REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
    DaemonSetup setup;
    setup.launcher = {"/bin/sh", "-c", "read go < " + gate + "; exec \"$@\"", "sh"};
    setup.bus = "inbox = 0\n";
    RealDaemon daemon(setup);
    daemon.launch();
    daemon.process().fill_output();
    std::ofstream(gate) << "go\n";
    CHECK(daemon.process().closes_output(kEnd));
    CHECK(daemon.process().wait() == 2);
}

TEST_CASE("who reads the log of cupeld again learns how many lines are missing, and where",
          "[system][log]") {
    RealDaemon daemon(talkative());
    daemon.start();
    daemon.process().fill_output();
    zmq::context_t context;
    RawClient client = daemon.connect(context, "person");
    constexpr int kPings = 12'000;  // a line each, and a few more than wait for a reader
    constexpr int kWindow = 500;
    for (int sent = 0, answered = 0; answered < kPings; ++answered) {
        for (; sent < kPings && sent - answered < kWindow; ++sent) {
            client.send_command("PING", Json::object());
        }
        REQUIRE(client.receive().ok());
    }
    const std::string said =
        daemon.process().expect_line("lines of the log are missing here", kPatience);
    CHECK(said.find(" warning ") != std::string::npos);
    const std::string before = " warning ";
    const int missing = std::stoi(said.substr(said.find(before) + before.size()));
    daemon.process().send(SIGTERM);
    std::string rest;
    CHECK(daemon.process().finish(rest) == 0);
    int read = 0;
    for (std::size_t at = 0; (at = rest.find("PING done", at)) != std::string::npos; ++at) {
        ++read;
    }
    // Of everything said while nobody read, each line was either read or counted.
    INFO(read << " read, " << missing << " missing");
    CHECK(missing > 0);
    CHECK(read + missing >= kPings);
    CHECK(read + missing < kPings + 100);
}
