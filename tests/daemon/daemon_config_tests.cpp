// The TOML file: each mistake is one line that names file, line and key.
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "campaign/campaign_config.hpp"
#include "catch.hpp"
#include "config_diff.hpp"
#include "daemon_config.hpp"
#include "other_user.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::controller;
using cupel::test::TempDir;

namespace {

class TomlFile {
  public:
    explicit TomlFile(const std::string& text) : path(dir / "cupeld.toml") {
        std::ofstream(path) << text;
        std::ofstream(dir / "pool.jsonl") << "";
        std::ofstream(dir / "data.csv") << "";
    }
    Config load() const { return Config::load(path); }
    /// What is said about the file, without its folder.
    std::string problem() const {
        try {
            load();
        } catch (const InputError& error) {
            const std::string what = error.what();
            const std::string folder = dir.path().string() + "/";
            return what.rfind(folder, 0) == 0 ? what.substr(folder.size()) : what;
        }
        return "no error";
    }
    TempDir dir;
    std::filesystem::path path;
};

std::string problem_of(const std::string& text) {
    return TomlFile(text).problem();
}

std::string slurp(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("an empty file is the defaults, its paths in its own folder", "[config]") {
    const TomlFile file("");
    const Config config = file.load();
    CHECK(config.bus.control == "tcp://127.0.0.1:5870");
    CHECK(config.store.path == file.dir / "cupel.db");
    CHECK(config.learner.models == file.dir / "models");
    CHECK(config.learner.program == "cupel-learner");
    CHECK(config.campaigns.empty());
    auto defaults = key_values(Config());
    auto loaded = key_values(config);
    for (const char* path : {"store.path", "learner.models", "bus.server_key", "bus.allow_list"}) {
        defaults.erase(path);
        loaded.erase(path);
    }
    CHECK(loaded == defaults);
}

TEST_CASE("values are read with their types, paths from the folder of the file", "[config]") {
    const TomlFile file(R"(
[store]
path = "run/cupel.db"
[bus]
control = "ipc:///tmp/x"
heartbeat_s = 1
[learner]
program = "./bin/learner"
device = "cuda:1"
[leases.robot]
claim_s = 2.5
[campaign.a]
pool = "pool.jsonl"
data = "data.csv"
budget = 8
)");
    const Config config = file.load();
    CHECK(config.store.path == file.dir / "run/cupel.db");
    CHECK(config.bus.control == "ipc:///tmp/x");
    CHECK(config.bus.heartbeat_s == 1);
    CHECK(config.learner.program == (file.dir / "bin/learner").string());
    CHECK(config.leases.robot.claim_s == 2.5);
    CHECK(config.leases.robot.work_s == 1800);
    const CampaignConfig campaign = parse_campaign_config(config.campaigns.at("a"));
    CHECK(campaign.pool == (file.dir / "pool.jsonl").string());
    CHECK(campaign.budget == 8);
}

TEST_CASE("a wrong value is one line with file, line, key, what was expected and what was there",
          "[config]") {
    CHECK(problem_of("[bus]\n\ninbox = 0\n") ==
          "cupeld.toml:3: bus.inbox: expected 1..1000000, got 0");
    CHECK(problem_of("[bus]\nheartbeat_s = \"5\"\n") ==
          "cupeld.toml:2: bus.heartbeat_s: expected a whole number in 1..3600, got '5'");
    CHECK(problem_of("[bus]\nheartbeat_s = 1.5\n") ==
          "cupeld.toml:2: bus.heartbeat_s: expected a whole number in 1..3600, got 1.5");
    CHECK(problem_of("[bus]\ncontrol = \"tcp://*:5870\"\n") ==
          "cupeld.toml:2: bus.control: expected with auth = \"none\" a loopback or ipc endpoint "
          "(tcp://127.0.0.1:PORT), got \"tcp://*:5870\"");
    CHECK(problem_of("[bus]\nauth = \"plain\"\n") ==
          "cupeld.toml:2: bus.auth: expected \"none\" or \"curve\", got \"plain\"");
    CHECK(problem_of("[bus]\nauth = \"curve\"\ncontrol = \"tcp://*:5870\"\n") == "no error");
    CHECK(problem_of("[learner]\ndevice = \"tpu\"\n") ==
          "cupeld.toml:2: learner.device: expected \"auto\", \"cpu\", \"cuda\" or \"cuda:N\", got "
          "\"tpu\"");
    CHECK(
        problem_of("[leases.robot]\nclaim_s = nan\n").find("cupeld.toml:2: leases.robot.claim_s") ==
        0);
    CHECK(problem_of("[bus]\ncontrol = \"tcp://127.0.0.1:99999\"\n")
              .find("cupeld.toml:2: bus.control: expected a port of 1 to 65535, or * for any that "
                    "is free, got \"tcp://127.0.0.1:99999\"") == 0);
    CHECK(problem_of("[bus]\nauth = \"curve\"\nevents = \"tcp://10.0.0.1:0\"\n")
              .find("cupeld.toml:3: bus.events: expected a port") == 0);
    CHECK(problem_of("[http]\nmetrics = \"127.0.0.1:99999\"\n")
              .find("cupeld.toml:2: http.metrics: expected a port") == 0);
    CHECK(problem_of("[bus]\ncontrol = \"tcp://127.0.0.1:5871\"\n") ==
          "cupeld.toml:1: bus.events: expected another endpoint than bus.control, got "
          "\"tcp://127.0.0.1:5871\"");
    CHECK(problem_of("[leases.robot]\nwork_s = 90000\n") ==
          "cupeld.toml:2: leases.robot.work_s: expected at most leases.robot.work_cap_s");
    CHECK(problem_of("[store]\npath = \"a\\u0000b\"\n")
              .find("cupeld.toml:2: store.path: expected a text without NUL") == 0);
    CHECK(problem_of("bus = 3\n") == "cupeld.toml:1: bus: expected a table, got 3");
    CHECK(problem_of("[store]\npath = [1]\n").find("cupeld.toml:2: store.path: expected a text") ==
          0);
}

TEST_CASE("an unknown key names the nearest known one", "[config]") {
    CHECK(problem_of("[learner]\nkidn = \"model\"\n") ==
          "cupeld.toml:2: learner.kidn: unknown key; did you mean kind?");
    CHECK(problem_of("[lerner]\n") == "cupeld.toml:1: lerner: unknown key; did you mean learner?");
    CHECK(problem_of("[leases.robt]\nclaim_s = 1\n") ==
          "cupeld.toml:1: leases.robt: unknown key; did you mean robot?");
    CHECK(problem_of("[campaign.a]\npool = \"pool.jsonl\"\nbudgett = 1\n") ==
          "cupeld.toml:3: campaign.a.budgett: unknown key; did you mean budget?");
}

TEST_CASE("a campaign's mistakes name its table", "[config]") {
    CHECK(problem_of(
              "[campaign.a]\npool = \"pool.jsonl\"\ndata = \"data.csv\"\nbudget_cost = nan\n") ==
          "cupeld.toml:4: campaign.a.budget_cost: expected a finite number, got nan");
    CHECK(problem_of("[campaign.a]\npool = \"pool.jsonl\"\n")
              .find("cupeld.toml:1: campaign.a.data: expected the path of a table") == 0);
    CHECK(problem_of("[learner]\nkind = \"popularity\"\n[campaign.a]\npool = \"pool.jsonl\"\n") ==
          "no error");
    const std::string by_counts =
        "[learner]\nkind = \"popularity\"\n[campaign.a]\npool = \"pool.jsonl\"\n";
    CHECK(problem_of(by_counts + "policy = \"ucb\"\n")
              .find("cupeld.toml:5: campaign.a.policy: \"ucb\" needs cupel-learner") == 0);
    CHECK(problem_of(by_counts + "cost_exponent = 0.5\n")
              .find("cupeld.toml:5: campaign.a.cost_exponent: needs cupel-learner") == 0);
    CHECK(problem_of(by_counts + "stock = \"nowhere.csv\"\n")
              .find("cupeld.toml:5: campaign.a.stock: there is no file /") == 0);
    CHECK(
        problem_of(by_counts + "avoid_hazards = [\"toxic_metal\"]\n") ==
        "cupeld.toml:5: campaign.a.avoid_hazards: there is no rule \"toxic_metal\"; the rules are "
        "\"perchlorate\", \"azide\", \"fulminate\", \"peroxide\", \"acetylide\", \"carbonyl\", "
        "\"cyanide\", \"toxic-metal\"");
    CHECK(problem_of("[campaign.a]\npool = \"pool.jsonl\"\nbudget = 0\n") ==
          "cupeld.toml:3: campaign.a.budget: expected 1..1000000, got 0");
    CHECK(problem_of("\n[campaign.a]\nbudget = 1\n")
              .find("cupeld.toml:2: campaign.a.pool: expected") == 0);
    CHECK(problem_of("[campaign.a]\npool = \"nowhere.jsonl\"\n")
              .find("cupeld.toml:2: campaign.a.pool: there is no file /") == 0);
    CHECK(problem_of("[campaign.\"a b\"]\npool = \"pool.jsonl\"\n")
              .find("cupeld.toml:1: campaign.a b: expected a name") == 0);
}

TEST_CASE("what is not TOML, or not there, is one line", "[config]") {
    CHECK(problem_of("[bus]\ncontrol = \n").find("cupeld.toml:2: not TOML: ") == 0);
    CHECK_THROWS_WITH(Config::load("/nowhere/cupeld.toml"),
                      "/nowhere/cupeld.toml: there is no such file; cupel campaign init writes "
                      "one");
    CHECK_THROWS_WITH(Config::load(""), "the configuration: expected the path of a TOML file");
    CHECK_THROWS_WITH(Config::load("/tmp"), "/tmp: is no file");
    CHECK_THROWS_WITH(Config::load("/dev/zero"), "/dev/zero: is no file");
}

TEST_CASE("a configuration that may not be read says so", "[config]") {
    if (!test::is_root()) {
        WARN("only root can be two users; left out");
        return;
    }
    const TomlFile file("");
    std::filesystem::permissions(file.path, std::filesystem::perms{0600});
    std::filesystem::permissions(file.dir.path(), std::filesystem::perms{0755});
    const test::AsNobody nobody;
    REQUIRE(nobody.is());
    CHECK(file.problem() == "cupeld.toml: cannot be read: Permission denied");
}

TEST_CASE("the annotated file holds every key with its default", "[config]") {
    const auto file = test::source_dir() / "configs" / "cupeld.toml";
    const std::string text = slurp(file);
    auto defaults = key_values(Config());
    auto shown = key_values(Config::load(file));
    for (const char* path : {"store.path", "learner.models", "bus.server_key", "bus.allow_list"}) {
        defaults.erase(path);
        shown.erase(path);
    }
    CHECK(shown == defaults);
    std::string section;
    std::istringstream lines(text);
    std::set<std::string> annotated;
    std::string before;
    const std::regex key(R"(#?([a-z_]+) = .*)");
    const std::regex table(R"(#?\[([a-z.]+)\])");
    for (std::string line; std::getline(lines, line); before = line) {
        std::smatch match;
        if (std::regex_match(line, match, table)) {
            section = match[1];
        } else if (std::regex_match(line, match, key)) {
            INFO(line);
            CHECK(before.rfind("# ", 0) == 0);
            annotated.insert(section + "." + match[1].str());
        }
    }
    for (const auto& [name, value] : key_values(Config())) {
        INFO(name);
        CHECK(annotated.count(name) == 1);
    }
    // The campaign that stands there as comments, with the comment signs taken away.
    const std::string campaign = std::regex_replace(
        text.substr(text.find("#[campaign.first]")), std::regex("(^|\n)#(?! )"), "$1");
    // The model needs a table, which the default has not.
    const TomlFile uncommented(
        std::regex_replace(campaign, std::regex("data = \"\""), "data = \"data.csv\""));
    const CampaignConfig read = parse_campaign_config(uncommented.load().campaigns.at("first"));
    CampaignConfig expected;
    expected.pool = read.pool;
    expected.data = read.data;
    expected.budget_cost = 100.0;
    CHECK(encode_campaign_config(read) == encode_campaign_config(expected));
    const auto keys = nlohmann::json::parse(encode_campaign_config(expected));
    for (const auto& [name, value] : keys.items()) {
        INFO(name);
        CHECK(annotated.count("campaign.first." + name) == 1);
    }
}

TEST_CASE("every configuration that is carried along can be read", "[config]") {
    for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() / "configs")) {
        if (entry.path().extension() == ".toml") {
            INFO(entry.path());
            CHECK_NOTHROW(Config::load(entry.path()));
        }
    }
}

TEST_CASE("a configuration made by a program is held to the same ranges", "[config]") {
    Config config = Config::isolated();
    CHECK_NOTHROW(check_config(config));
    config.bus.inbox = 0;
    CHECK_THROWS_WITH(check_config(config), "bus.inbox: expected 1..1000000, got 0");
    config = Config::isolated();
    config.campaigns["a"] = R"({"pool": "p", "budget": 0})";
    CHECK_THROWS_WITH(check_config(config), "campaign.a.budget: expected 1..1000000, got 0");
}

TEST_CASE("a reload says which keys wait for a restart", "[config]") {
    Config running = Config::isolated();
    running.campaigns["a"] = R"({"pool": "p"})";
    Config wanted = running;
    CHECK(differences(running, wanted).empty());
    wanted.bus.inbox = 7;
    wanted.log_level = "debug";
    running.campaigns["b"] = R"({"pool": "p"})";
    wanted.campaigns["a"] = R"({"pool": "q"})";
    wanted.campaigns["b"] = R"({"pool": "p", "budget": 7})";
    CHECK(differences(running, wanted) ==
          std::vector<std::string>{
              "bus.inbox: 7 needs a restart; 4096 stays",
              "campaign.a: pool and data are taken over at the next start",
              "campaign.b: a campaign keeps the keys it was made with, but for pool and data, "
              "which are taken over at the next start; use another name"});
    wanted = running;
    wanted.campaigns.erase("b");
    CHECK(differences(running, wanted) ==
          std::vector<std::string>{"campaign.b: is no longer in the file, and goes on as it was; "
                                   "cupel campaign stop b ends it"});
}
