// cupeld as a process: starts from a file, answers, ends by signal, comes back after a kill.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>

#include <SQLiteCpp/SQLiteCpp.h>

#include <cupel/controller.hpp>
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "child_process.hpp"
#include "raw_client.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// A folder with a configuration, and the daemon that serves it.
class Served {
  public:
    Served() {
        std::ofstream(dir_ / "pool.jsonl")
            << R"({"core":{"metals":{"Au":25},"anions":{},"hydrides":0},"charge":0,)"
            << R"("ligands":[{"smiles":"[S-]C","donors":["S"],"count":18}]})" << '\n';
        write("control = \"tcp://127.0.0.1:*\"\nevents = \"tcp://127.0.0.1:*\"\n");
    }
    void write(const std::string& bus) const {
        std::ofstream(dir_ / "cupeld.toml") << "[bus]\n"
                                            << bus << "[learner]\nkind = \"popularity\"\n"
                                            << "[campaign.c]\npool = \"pool.jsonl\"\n";
    }
    std::unique_ptr<ChildProcess> run() const {
        return std::make_unique<ChildProcess>(std::vector<std::string>{
            (bin_dir() / "cupeld").string(), "--config", (dir_ / "cupeld.toml").string()});
    }
    /// Starts it and waits until it says where it is.
    void start() {
        daemon = run();
        control = endpoint("info control ");
        events = endpoint("info events ");
    }
    RawClient connect(const std::string& name) {
        RawClient client(context_, control);
        client.ok("HELLO", {{"client", name}});
        return client;
    }
    const TempDir& dir() const { return dir_; }

    std::unique_ptr<ChildProcess> daemon;
    std::string control, events;

  private:
    std::string endpoint(const std::string& before) const {
        const std::string line = daemon->expect_line(before, kPatience);
        return line.substr(line.find(before) + before.size());
    }
    TempDir dir_;
    zmq::context_t context_{1};
};

/// The last line a program printed, and how it ended.
std::pair<int, std::string> end_of(ChildProcess& process) {
    std::string output;
    const int status = process.finish(output);
    while (!output.empty() && output.back() == '\n') {
        output.pop_back();
    }
    return {status, output};
}

std::vector<std::int64_t> seqs(RawClient& client) {
    std::vector<std::int64_t> found;
    for (std::int64_t from = 1;;) {
        const Json page = client.ok("REPLAY", {{"campaign", "c"}, {"from", from}});
        if (page["events"].empty()) {
            return found;
        }
        for (const auto& event : page["events"]) {
            found.push_back(event["header"]["seq"].get<std::int64_t>());
        }
        from = page["next"].get<std::int64_t>();
    }
}

/// How often a kind of event stands in the history.
std::size_t count_events(RawClient& client, const std::string& kind) {
    const Json page = client.ok("REPLAY", {{"campaign", "c"}, {"from", 1}, {"limit", 1000}});
    return static_cast<std::size_t>(
        std::count_if(page["events"].begin(), page["events"].end(), [&](const Json& event) {
            return event["header"]["kind"] == kind;
        }));
}

}  // namespace

TEST_CASE("cupeld serves until a signal and ends with 0", "[system]") {
    const int signal = GENERATE(SIGTERM, SIGINT);
    Served served;
    served.start();
    CHECK(served.connect("person").ask("SNAPSHOT").ok());
    served.daemon->send(signal);
    const auto [status, output] = end_of(*served.daemon);
    CHECK(status == 0);
    CHECK(output.find("stopped") != std::string::npos);
}

TEST_CASE("a killed cupeld comes back with everything that it answered", "[system]") {
    Served served;
    served.start();
    std::string epoch;
    const std::string pause = make_ulid();
    const Json command{{"cmd_id", pause}, {"campaign", "c"}, {"reason", "before the kill"}};
    {
        RawClient client = served.connect("person");
        epoch = client.ok("SNAPSHOT")["epoch"].get<std::string>();
        client.ok("CAMPAIGN_PAUSE", command);
        served.daemon->kill();
    }
    served.start();
    RawClient client = served.connect("person");
    const Json snapshot = client.ok("SNAPSHOT");
    CHECK(snapshot["epoch"] == epoch);
    CHECK(snapshot["campaigns"][0]["state"] == "PAUSED");
    CHECK(client.ok("QUERY_CMD", {{"cmd_id", pause}})["known"] == true);
    CHECK(client.ask("CAMPAIGN_PAUSE", command).ok());  // once more: the stored answer
    // The model that the killed one was training may be told of meanwhile.
    CHECK(count_events(client, "CAMPAIGN_PAUSED") == 1);
    const auto found = seqs(client);
    CHECK_FALSE(found.empty());
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i] == static_cast<std::int64_t>(i) + 1);
    }
    served.daemon->send(SIGTERM);
    CHECK(served.daemon->wait() == 0);
}

TEST_CASE("SIGHUP reads the file again and says what it did", "[system]") {
    Served served;
    served.start();
    std::ofstream(served.dir() / "cupeld.toml", std::ios::app)
        << "[campaign.late]\npool = \"pool.jsonl\"\n[structure]\nat_once = 1\n";
    served.daemon->send(SIGHUP);
    served.daemon->expect_line("structure.at_once: 1 needs a restart", kPatience);
    served.daemon->expect_line("campaign.late: made", kPatience);
    std::ofstream(served.dir() / "cupeld.toml", std::ios::app) << "[nonsense]\n";
    served.daemon->send(SIGHUP);
    served.daemon->expect_line("nonsense: unknown key", kPatience);
    CHECK(served.connect("person").ok("SNAPSHOT")["campaigns"].size() == 2);
}

TEST_CASE("what keeps cupeld from serving is one line and the right exit code", "[system]") {
    Served served;
    SECTION("a configuration with a mistake") {
        served.write("inbox = 0\n");
        const auto [status, output] = end_of(*served.run());
        CHECK(status == 2);
        CHECK(output == "cupeld: " + (served.dir() / "cupeld.toml").string() +
                            ":2: bus.inbox: expected 1..1000000, got 0");
    }
    SECTION("no configuration") {
        ChildProcess daemon({(bin_dir() / "cupeld").string()});
        CHECK(end_of(daemon).first == 2);
    }
    SECTION("a learner that is not there") {
        std::ofstream(served.dir() / "cupeld.toml") << "[learner]\nprogram = \"no-learner\"\n";
        const auto [status, output] = end_of(*served.run());
        CHECK(status == 2);
        CHECK(output ==
              "cupeld: learner.program: there is no program no-learner beside this one or on PATH; "
              "with learner.kind = \"popularity\" none is needed");
    }
    SECTION("a port in use") {
        Served other;
        other.start();
        served.write("control = \"" + other.control + "\"\nevents = \"tcp://127.0.0.1:*\"\n");
        const auto [status, output] = end_of(*served.run());
        CHECK(status == 1);
        CHECK(output.substr(output.rfind('\n') + 1) ==
              "cupeld: bus.control: " + other.control + " is in use; is another cupeld running?");
    }
    SECTION("a store in use") {
        served.start();
        const auto [status, output] = end_of(*served.run());
        CHECK(status == 1);
        CHECK(output == "cupeld: " + (served.dir() / "cupel.db").string() +
                            " is in use by another cupeld; stop it first");
    }
    SECTION("a database from a newer version") {
        {
            SQLite::Database db((served.dir() / "cupel.db").string(),
                                SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            db.exec("PRAGMA user_version = 9999");
        }
        const auto [status, output] = end_of(*served.run());
        CHECK(status == 1);
        CHECK(output.find("is a database from a newer version (schema 9999") != std::string::npos);
        CHECK(output.find('\n') == std::string::npos);
    }
    SECTION("a database that is none") {
        std::ofstream(served.dir() / "cupel.db") << std::string(5000, 'x');
        const auto [status, output] = end_of(*served.run());
        CHECK(status == 1);
        CHECK(output.find('\n') == std::string::npos);
    }
}

TEST_CASE("each program tells its version and ends with 0", "[system]") {
    for (const std::string program : {"cupeld", "cupel", "cupel-learner"}) {
        if (!std::filesystem::exists(bin_dir() / program)) {
            continue;  // built without LibTorch
        }
        ChildProcess child({(bin_dir() / program).string(), "--version"});
        const auto [status, output] = end_of(child);
        CHECK(status == 0);
        CHECK(output == controller::version());
    }
}

TEST_CASE("cupeld --check says whether a configuration is sound, and serves nothing", "[system]") {
    Served served;
    ChildProcess daemon({(bin_dir() / "cupeld").string(),
                         "--config",
                         (served.dir() / "cupeld.toml").string(),
                         "--check"});
    const auto [status, output] = end_of(daemon);
    CHECK(status == 0);
    CHECK(output.find("warning") == std::string::npos);
    CHECK(output.find("is sound: 1 campaign") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(served.dir() / "cupel.db"));
}
