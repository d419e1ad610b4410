// cupeld as a service: what systemd hears, and what the journal is written.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "catch.hpp"
#include "real_daemon.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// systemd's end of $NOTIFY_SOCKET.
class NotifySocket {
  public:
    NotifySocket() : path_((dir_ / "notify").string()) {
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("cannot bind " + path_);
        }
    }
    ~NotifySocket() { ::close(socket_); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;
    const std::string& path() const { return path_; }

    std::optional<std::string> try_next(milliseconds patience) const {
        pollfd entry{socket_, POLLIN, 0};
        if (::poll(&entry, 1, static_cast<int>(patience.count())) <= 0) {
            return std::nullopt;
        }
        char bytes[4096];
        const auto n = ::recv(socket_, bytes, sizeof bytes, 0);
        return std::string(bytes, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    }
    /// The next message that begins with `start`.
    std::string expect(const std::string& start) const {
        const auto deadline = Clock::now() + kPatience;
        while (Clock::now() < deadline) {
            const auto message = try_next(milliseconds(500));
            if (message && message->rfind(start, 0) == 0) {
                return *message;
            }
        }
        throw std::runtime_error("systemd did not hear " + start);
    }
    /// Everything that waits here.
    int drain() const {
        int heard = 0;
        while (try_next(milliseconds(0))) {
            ++heard;
        }
        return heard;
    }

  private:
    TempDir dir_;
    std::string path_;
    int socket_ = -1;
};

}  // namespace

TEST_CASE("systemd hears when commands are served, of a reload, and of the stop", "[system]") {
    const NotifySocket systemd;
    RealDaemon daemon;
    daemon.launch({{"NOTIFY_SOCKET", systemd.path()}});
    const std::string ready = systemd.expect("READY=1\n");
    CHECK(ready.find("STATUS=serving 1 campaigns of ") != std::string::npos);
    CHECK(daemon.process().expect_line("info control ", kPatience).find("tcp://") !=
          std::string::npos);
    daemon.process().send(SIGHUP);
    CHECK(systemd.expect("RELOADING=1").find("\nMONOTONIC_USEC=") != std::string::npos);
    systemd.expect("READY=1\n");
    daemon.process().send(SIGTERM);
    systemd.expect("STOPPING=1\n");
    CHECK(daemon.process().wait() == 0);
}

TEST_CASE("a daemon that cannot serve never says that it is ready", "[system]") {
    const NotifySocket systemd;
    DaemonSetup setup;
    setup.campaigns = "";
    setup.bus = "inbox = 0\n";
    setup.candidates = 1;
    RealDaemon daemon(setup);
    daemon.launch({{"NOTIFY_SOCKET", systemd.path()}});
    CHECK(daemon.process().wait() == 2);
    CHECK_FALSE(systemd.try_next(milliseconds(0)));
}

TEST_CASE("the watchdog hears in time, and nothing while the ledger hangs", "[system]") {
    constexpr milliseconds kWatchdog{2000};
    const NotifySocket systemd;
    RealDaemon daemon;
    daemon.start({{"NOTIFY_SOCKET", systemd.path()},
                  {"WATCHDOG_USEC", std::to_string(kWatchdog.count() * 1000)}});
    systemd.expect("READY=1");
    for (int beats = 0; beats < 3; ++beats) {
        const auto before = Clock::now();
        systemd.expect("WATCHDOG=1");
        CHECK(Clock::now() - before < kWatchdog);
    }
    zmq::context_t context;
    RawClient client = daemon.connect(context, "person");
    {
        // Somebody else holds the database: the ledger waits in its commit.
        SQLite::Database other(daemon.store().string(), SQLite::OPEN_READWRITE);
        other.exec("BEGIN IMMEDIATE");
        client.send_command("CAMPAIGN_PAUSE",
                            {{"cmd_id", "01J00000000000000000000001"}, {"campaign", "c"}});
        daemon.process().expect_line("the watchdog hears nothing until they do", kPatience);
        systemd.drain();
        CHECK_FALSE(systemd.try_next(kWatchdog / 4));
        other.exec("ROLLBACK");
    }
    systemd.expect("WATCHDOG=1");
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a watchdog that is meant for another process is not fed", "[system]") {
    const NotifySocket systemd;
    RealDaemon daemon;
    daemon.start(
        {{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "100000"}, {"WATCHDOG_PID", "1"}});
    systemd.expect("READY=1");
    CHECK_FALSE(systemd.try_next(milliseconds(300)));
    CHECK(daemon.stop() == 0);
}

TEST_CASE("the journal is told the level of each line and no time", "[system]") {
    DaemonSetup setup;
    setup.launcher = {
        "/bin/sh", "-c", "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/$$/fd/2) exec \"$@\"", "sh"};
    RealDaemon daemon(setup);
    daemon.launch();
    CHECK(daemon.process().expect_line("control tcp://", kPatience).rfind("<6>control ", 0) == 0);
    daemon.process().send(SIGHUP);
    CHECK(daemon.process().expect_line("read ", kPatience).rfind("<6>read ", 0) == 0);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a log in JSON says what each command was about", "[system]") {
    DaemonSetup setup;
    setup.campaigns = "[campaign.c]\npool = \"pool.jsonl\"\npolicy = \"random\"\n";
    setup.tables = "[log]\nformat = \"json\"\nlevel = \"debug\"\n";
    setup.candidates = 60;
    RealDaemon daemon(setup);
    daemon.launch();
    const auto line_with = [&](const std::string& text) {
        return Json::parse(daemon.process().expect_line(text, kPatience));
    };
    const std::string said = line_with("\"control tcp://")["text"].get<std::string>();
    daemon.control = said.substr(said.find("tcp://"));
    zmq::context_t context;
    RawClient client = daemon.connect(context, "robot\n1");
    const std::string offer = wait_for_offers(client).front();
    const Json claim{{"cmd_id", "01J00000000000000000000001"}, {"proposals", {offer}}};
    const Json given = client.ok("CLAIM", claim)["claims"][0];
    const Json claimed = line_with("\"event\":\"CLAIMED\"");
    CHECK(claimed["campaign"] == "c");
    CHECK(claimed["proposal"] == offer);
    CHECK(claimed["level"] == "info");
    CHECK(claimed["seq"].get<std::string>().find_first_not_of("0123456789") == std::string::npos);
    const Json done = line_with("\"CLAIM done\"");
    CHECK(done["client"] == "local:robot\n1");
    CHECK(done["kind"] == "CLAIM");
    CHECK(done["cmd_id"] == "01J00000000000000000000001");
    CHECK(done["proposal"] == offer);
    CHECK(done["command"] == claimed["command"]);
    CHECK(done.dump().find(given["lease"].get<std::string>()) == std::string::npos);
    // The same offer again, under another id.
    CHECK_FALSE(
        client.ask("CLAIM", {{"cmd_id", "01J00000000000000000000002"}, {"proposals", {offer}}})
            .ok());
    const Json refused = line_with("\"CLAIM refused: ");
    CHECK(refused["code"] == "NOT_OFFERED");
    CHECK(refused["cmd_id"] == "01J00000000000000000000002");
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a log in text keeps what a client wrote on its line", "[system]") {
    DaemonSetup setup;
    setup.campaigns = "[campaign.c]\npool = \"pool.jsonl\"\n";
    setup.tables = "[log]\nlevel = \"debug\"\n";
    setup.candidates = 1;
    RealDaemon daemon(setup);
    daemon.start();
    zmq::context_t context;
    RawClient client = daemon.connect(context, "robot\n<3>all is lost");
    const std::string line = daemon.process().expect_line("HELLO done", kPatience);
    CHECK(line.find(" debug HELLO done client=\"local:robot\\n<3>all is lost\" kind=HELLO "
                    "command=m1") != std::string::npos);
    CHECK(daemon.stop() == 0);
}
