// The replay command as a process: its files, and its one line on bad input.
#include <cmath>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "child_process.hpp"
#include "skip.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;

namespace {

struct Ran {
    int code = 0;
    std::string output;
};

Ran replay(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {(test::bin_dir() / "cupel-learner").string(), "replay"});
    test::ChildProcess child(arguments);
    Ran ran;
    ran.code = child.finish(ran.output);
    return ran;
}

std::string text_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// 8 x 8 labels and three temperatures; hits need an even label on both sides.
void write_table(const std::filesystem::path& path) {
    std::ofstream out(path);
    out << "slot:a,slot:b,num:t,y,hit\n";
    for (int a = 0; a < 8; ++a) {
        for (int b = 0; b < 8; ++b) {
            for (int t = 0; t < 3; ++t) {
                const int y = (a % 4 == 0 ? 10 : a % 4) + (b % 4 == 0 ? 10 : b % 4) + t;
                out << "A" << a << ",B" << b << "," << 90 + 10 * t << "," << y << "," << (y >= 20)
                    << "\n";
            }
        }
    }
}

}  // namespace

TEST_CASE("replay writes its figures in the documented shape", "[workbench]") {
    const test::TempDir folder;
    write_table(folder / "t.csv");
    const auto ran = replay({(folder / "t.csv").string(),
                             "--policy",
                             "random,popularity,portfolio",
                             "--seeds",
                             "2",
                             "--first-seed",
                             "0",
                             "--budget",
                             "32",
                             "--json",
                             (folder / "r.json").string(),
                             "--plot",
                             (folder / "r.svg").string()});
    INFO(ran.output);
    REQUIRE(ran.code == 0);
    CHECK(ran.output.find("portfolio") != std::string::npos);
    const auto json = nlohmann::json::parse(text_of(folder / "r.json"));
    CHECK(json["table"] == "t.csv");
    CHECK(json["rows"] == 192);
    CHECK(json["hits_in_pool"] == 12);
    CHECK(json["batch"] == 8);
    CHECK(json["budget"] == 32);
    CHECK(json["seeds"] == 2);
    CHECK(json["feedback"] == "binary");
    REQUIRE(json["policies"].size() == 3);
    const auto& last = json["policies"][2];
    CHECK(last["policy"] == "portfolio");
    for (const char* at : {"24", "32"}) {
        CHECK(last["hits"].contains(at));
        CHECK(last["se"].contains(at));
    }
    CHECK(last["hits"].size() == 2);
    for (const char* key :
         {"enrichment", "lift_over_popularity", "audc", "ece", "brier_skill", "seconds_per_seed"}) {
        CHECK(last[key].is_number());
    }
    CHECK(last["hits"]["32"] > json["policies"][0]["hits"]["32"]);
    const auto svg = text_of(folder / "r.svg");
    CHECK(svg.rfind("<svg", 0) == 0);
    CHECK(svg.find("portfolio") != std::string::npos);
    CHECK(svg.find("</svg>") != std::string::npos);
}

TEST_CASE("a replay that spends its table has no calibration to show", "[workbench]") {
    const test::TempDir folder;
    write_table(folder / "t.csv");
    const auto ran = replay({(folder / "t.csv").string(),
                             "--policy",
                             "random,popularity",
                             "--seeds",
                             "1",
                             "--budget",
                             "200",
                             "--json",
                             (folder / "r.json").string()});
    INFO(ran.output);
    REQUIRE(ran.code == 0);
    for (const auto& policy : nlohmann::json::parse(text_of(folder / "r.json"))["policies"]) {
        CHECK(policy["ece"].is_null());
        CHECK(policy["brier_skill"].is_null());
    }
    CHECK_THAT(ran.output, Catch::Contains("      -            -  "));
}

TEST_CASE("replay says what is wrong in one line and exits 2", "[workbench]") {
    const test::TempDir folder;
    write_table(folder / "t.csv");
    const auto table = (folder / "t.csv").string();
    SECTION("no y") {
        std::ofstream(folder / "bad.csv") << "slot:a,hit\nx,0\n";
        const auto ran = replay({(folder / "bad.csv").string()});
        CHECK(ran.code == 2);
        CHECK(ran.output == "cupel-learner: " + (folder / "bad.csv").string() +
                                ":1: y: the table has no column 'y' with the outcomes\n");
    }
    SECTION("unknown policy") {
        const auto ran = replay({table, "--policy", "thompson"});
        CHECK(ran.code == 2);
        CHECK(ran.output ==
              "cupel-learner: --policy: 'thompson' is not one of random, popularity, greedy, poh, "
              "ucb, ei, portfolio\n");
    }
    SECTION("no such file") {
        CHECK(replay({table + "x"}).code == 2);
    }
    SECTION("empty batch") {
        CHECK(replay({table, "--batch", "0"}).code == 2);
    }
    SECTION("hits that y does not tell, learnt from y") {
        std::ofstream bad(folder / "window.csv");
        bad << "slot:a,slot:b,y,hit\n";
        for (int a = 0; a < 8; ++a) {
            for (int b = 0; b < 8; ++b) {
                bad << "A" << a << ",B" << b << ',' << a + b << ',' << (a + b == 7) << '\n';
            }
        }
        bad.close();
        const auto ran = replay({(folder / "window.csv").string(), "--graded", "--seeds", "1"});
        CHECK(ran.code == 2);
        CHECK(ran.output.find("y: hits cannot be told by it (the best limit has 9 experiments on "
                              "its wrong side, of 8 hits)") != std::string::npos);
    }
    SECTION("a number whose square is none") {
        std::ofstream(folder / "big.csv") << "slot:a,y,hit\nx,1e300,0\nz,2,1\n";
        const auto ran = replay({(folder / "big.csv").string()});
        CHECK(ran.code == 2);
        CHECK(ran.output.find("'1e300' is beyond 1e100") != std::string::npos);
    }
    SECTION("no room for the figures") {
        const auto ran =
            replay({table, "--policy", "random", "--seeds", "1", "--json", "/dev/full"});
        CHECK(ran.code == 1);
        CHECK(ran.output.find("cupel-learner: /dev/full: cannot be written; is the disk full?\n") !=
              std::string::npos);
    }
    SECTION("figures over the table itself, its features or the picture") {
        std::ofstream(folder / "t.features.csv") << "slot,label,f\n";
        const auto before = text_of(table);
        const auto features = (folder / "t.features.csv").string();
        CHECK(replay({table, "--json", table}).output ==
              "cupel-learner: --json: " + table + " is the table to read; write to another file\n");
        CHECK(replay({table, "--plot", features}).code == 2);
        CHECK(replay({table, "--json", table + ".x", "--plot", table + ".x"}).code == 2);
        CHECK(text_of(table) == before);
        CHECK_FALSE(std::filesystem::exists(table + ".x"));
    }
    SECTION("figures where no file can be made") {
        const auto ran = replay({table, "--json", "/nowhere/r.json"});
        CHECK(ran.code == 2);
        CHECK(ran.output ==
              "cupel-learner: --json: no file can be made at /nowhere/r.json: there is no folder "
              "/nowhere\n");
    }
    SECTION("usage") {
        CHECK(replay({table, "--seeds", "none"}).output.rfind("cupel-learner: ", 0) == 0);
    }
    SECTION("too few hits to start from") {
        std::ofstream(folder / "few.csv") << "slot:a,y,hit\nx,1,0\nz,2,1\n";
        const auto ran = replay({(folder / "few.csv").string()});
        CHECK(ran.code == 2);
        CHECK(ran.output.find("starts from 2 hits and 8 misses; it has 1 and 1") !=
              std::string::npos);
    }
}

TEST_CASE("a table's name need not be text", "[workbench]") {
    const test::TempDir folder;
    write_table(folder / "caf\xe9.csv");
    const auto json = (folder / "r.json").string();
    const auto ran = replay(
        {(folder / "caf\xe9.csv").string(), "--policy", "random", "--seeds", "1", "--json", json});
    CHECK(ran.code == 0);
    CHECK(nlohmann::json::accept(text_of(json)));
    CHECK_FALSE(std::filesystem::exists(json + ".part"));
}

TEST_CASE("random and popularity agree with what is known of a real table", "[workbench]") {
    const auto table = test::shared_data() / "tables" / "opv.csv";
    if (!std::filesystem::exists(table)) {
        CUPEL_SKIP("../shared/data/tables is not there");
    }
    const test::TempDir folder;
    const auto ran = replay(
        {table.string(), "--policy", "random,popularity", "--json", (folder / "r.json").string()});
    REQUIRE(ran.code == 0);
    const auto json = nlohmann::json::parse(text_of(folder / "r.json"));
    // 4.5 and 36.0 hits in 96, measured elsewhere with other draws: two standard errors each.
    const auto& random = json["policies"][0];
    CHECK(std::abs(random["hits"]["96"].get<double>() - 4.5) <
          2 * std::hypot(random["se"]["96"].get<double>(), 0.5));
    const auto& popularity = json["policies"][1];
    CHECK(std::abs(popularity["hits"]["96"].get<double>() - 36.0) <
          2 * std::hypot(popularity["se"]["96"].get<double>(), 1.3));
}
