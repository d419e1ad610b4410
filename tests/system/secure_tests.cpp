// configs/secure.toml as a person uses it: keygen, cupeld, allow, a command, revoke.
#include <fstream>
#include <regex>
#include <sstream>

#include <cupel/domain/key_file.hpp>

#include "catch.hpp"
#include "child_process.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

constexpr std::chrono::seconds kPatience{30};

struct Ended {
    int status = 0;
    std::string output;
};

Ended run(std::vector<std::string> arguments,
          const std::map<std::string, std::string>& environment = {}) {
    arguments[0] = (bin_dir() / arguments[0]).string();
    ChildProcess child(arguments, environment);
    Ended ended;
    ended.status = child.finish(ended.output);
    return ended;
}

/// The first line: the key itself.
std::string make_key(const std::string& file, bool server) {
    std::vector<std::string> arguments{"cupel", "keygen", file};
    if (server) {
        arguments.push_back("--server");
    }
    const Ended ended = run(arguments);
    REQUIRE(ended.status == 0);
    const auto found = ended.output.find_first_of('\n');
    const std::string first = ended.output.substr(0, found);
    // Standard error comes through the same pipe, in no certain order.
    return first.size() == 40 ? first : ended.output.substr(found + 1, 40);
}

}  // namespace

TEST_CASE("secure.toml serves after one keygen, and lets in who is allowed", "[system]") {
    TempDir dir;
    std::ifstream in(source_dir() / "configs" / "secure.toml");
    std::ostringstream text;
    text << in.rdbuf();
    // Any free port, and no model: everything else is as it stands there.
    std::ofstream(dir / "secure.toml")
        << std::regex_replace(text.str(), std::regex("127.0.0.1:587[01]"), "127.0.0.1:*")
        << "[learner]\nkind = \"popularity\"\n";
    const std::string config = (dir / "secure.toml").string();
    const Ended early = run({"cupeld", "--config", config});
    CHECK(early.status == 2);
    CHECK(early.output.find("server.key: there is no such key file") != std::string::npos);

    const std::string server = make_key((dir / "server.key").string(), true);
    const std::string mine = make_key((dir / "me.key").string(), false);
    ChildProcess daemon({(bin_dir() / "cupeld").string(), "--config", config});
    const std::string line = daemon.expect_line("info control ", kPatience);
    const std::string control = line.substr(line.find("tcp://"));
    const std::string list = (dir / "allow.toml").string();
    const std::map<std::string, std::string> environment{{"CUPEL_SERVER_KEY", server},
                                                         {"CUPEL_KEY", (dir / "me.key").string()}};
    const auto status = [&](const char* patience) {
        return run({"cupel", "status", "--connect", control, "--timeout", patience}, environment);
    };

    CHECK(status("0.5").status == 1);
    REQUIRE(run({"cupel",
                 "allow",
                 mine,
                 "--client",
                 "me",
                 "--role",
                 "admin",
                 "--campaign",
                 "*",
                 "--list",
                 list})
                .status == 0);
    CHECK(status("30").status == 0);
    CHECK(run({"cupel", "revoke", "nobody", "--list", list}).status == 2);
    REQUIRE(run({"cupel", "revoke", "me", "--list", list}).status == 0);
    daemon.expect_line("1 clients are allowed", kPatience);  // what was said in the meantime
    daemon.expect_line("0 clients are allowed", kPatience);
    CHECK(status("0.5").status == 1);
    daemon.send(SIGTERM);
    std::string rest;
    CHECK(daemon.finish(rest) == 0);
    for (const char* file : {"server.key", "me.key"}) {
        CHECK(rest.find(read_key_file(dir / file).secret_key) == std::string::npos);
    }
}
