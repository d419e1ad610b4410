// cupel keygen, allow and revoke, and what a real cupeld makes of the list.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "program.hpp"
#include "temp_dir.hpp"

using namespace cupel::test;
using nlohmann::json;

namespace {

constexpr std::chrono::seconds kPatience{60};

bool has(const Ran& ran, const std::string& text) {
    UNSCOPED_INFO("expected " << text << " in: " << ran.output);
    return ran.output.find(text) != std::string::npos;
}

/// The public half.
std::string make_key(const std::filesystem::path& file, bool server = false) {
    std::vector<std::string> arguments{"keygen", file.string()};
    if (server) {
        arguments.push_back("--server");
    }
    return run_cupel(arguments).output.substr(0, 40);
}

Ran allow(const std::string& key, const std::string& name, const std::filesystem::path& list) {
    return run_cupel({"allow",
                      key,
                      "--client",
                      name,
                      "--role",
                      "admin",
                      "--role",
                      "worker",
                      "--campaign",
                      "*",
                      "--list",
                      list.string()});
}

}  // namespace

TEST_CASE("allow says that it made a new list, and what a key was before", "[cli][auth]") {
    const TempDir dir;
    const auto list = dir / "allow.toml";
    const std::string key = make_key(dir / "me.key");
    CHECK(has(allow(key, "me", list), list.string() + " is new; is it the daemon's"));
    const Ran again = allow(key, "x", list);
    CHECK(again.status == 0);
    CHECK(again.output ==
          "x is allowed in " + list.string() + "; this key was me (worker, admin) before\n");
    CHECK(allow(key, "x", list).output == "x is allowed in " + list.string() + "\n");
}

TEST_CASE("revoke from a list that is not there makes nothing", "[cli][auth]") {
    const TempDir dir;
    const auto list = dir / "nosuch.toml";
    const Ran ran = run_cupel({"revoke", "r1", "--list", list.string()});
    CHECK(ran.status == 2);
    CHECK(ran.output == "cupel: " + list.string() +
                            ": there is no such allow-list; --list or $CUPEL_ALLOW_LIST names the "
                            "daemon's\n");
    CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("a list that cannot be read is an alarm until it can", "[cli][auth]") {
    const TempDir dir;
    const std::string server = make_key(dir / "server.key", true);
    const std::string mine = make_key(dir / "me.key");
    REQUIRE(allow(mine, "me", dir / "allow.toml").status == 0);
    const std::string control = "ipc://" + (dir / "control").string();
    std::ofstream(dir / "pool.jsonl") << "";
    std::ofstream(dir / "cupeld.toml")
        << "[bus]\nauth = \"curve\"\ncontrol = \"" << control << "\"\nevents = \"ipc://"
        << (dir / "events").string()
        << "\"\n[learner]\nkind = \"popularity\"\n[campaign.gold]\npool = \"pool.jsonl\"\n";
    ChildProcess daemon(
        {(bin_dir() / "cupeld").string(), "--config", (dir / "cupeld.toml").string()});
    const auto status = [&] {
        return run_cupel({"status", "--timeout", "60"},
                         {{"CUPEL_CONNECT", control},
                          {"CUPEL_SERVER_KEY", server},
                          {"CUPEL_KEY", (dir / "me.key").string()}});
    };
    CHECK(status().status == 0);
    daemon.expect_line("1 clients are allowed", kPatience);
    std::filesystem::copy_file(dir / "allow.toml", dir / "kept.toml");
    std::ofstream(dir / "allow.toml") << "x = \n";
    // The level that journalctl -p warning shows, and what it is about.
    const std::string line = daemon.expect_line("alarm: ", kPatience);
    CHECK(line.find("warning alarm: " + (dir / "allow.toml").string() + ":1: not TOML") !=
          std::string::npos);
    CHECK(has(status(), "what was allowed before stays allowed"));
    std::filesystem::rename(dir / "kept.toml", dir / "allow.toml");
    daemon.expect_line("ALARM_ACKED", kPatience);
    CHECK_FALSE(status().output.find("ALARM") != std::string::npos);
    daemon.send(SIGTERM);
    CHECK(daemon.wait() == 0);
}
