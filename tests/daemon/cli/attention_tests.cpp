// What a person should look at, and the command to type.
#include "attention.hpp"
#include "catch.hpp"

using Json = nlohmann::json;
using cupel::cli::attention;

namespace {

Json status(const std::string& state, bool ready = true) {
    return {{"alarms", Json::array()},
            {"campaigns", {{{"campaign", "gold"}, {"state", state}, {"learner_ready", ready}}}}};
}

Json proposal(const std::string& state) {
    return {{"proposal", "01J9Z0000000000000000K7Q2Z"}, {"state", state}};
}

}  // namespace

TEST_CASE("nothing to do is nothing to say", "[cli]") {
    CHECK(attention(status("RUNNING"), {proposal("OFFERED"), proposal("STARTED")}).empty());
}

TEST_CASE("each thing that waits comes with its command", "[cli]") {
    CHECK(attention(status("RUNNING"), {proposal("UNKNOWN")}).at(0).find("cupel resolve 0K7Q2Z") !=
          std::string::npos);
    CHECK(
        attention(status("RUNNING"), {proposal("IN_REVIEW")}).at(0).find("cupel approve 0K7Q2Z") !=
        std::string::npos);
    CHECK(attention(status("RUNNING"), {proposal("AWAITING")}).at(0).find("cupel overrule") !=
          std::string::npos);
    CHECK(attention(status("PAUSED"), {}).at(0) == "gold is PAUSED: cupel campaign resume gold");
    CHECK(attention(status("RUNNING", false), {}).at(0).find("no model yet") != std::string::npos);
}

TEST_CASE("an UNKNOWN says why it is one, whatever became of its campaign", "[cli]") {
    Json unknown = proposal("UNKNOWN");
    const auto line = [&](const std::string& state) {
        return attention(status(state), {unknown}).at(0);
    };
    CHECK(line("RUNNING").find("nobody said what became of it") != std::string::npos);
    unknown["cause"] = "silence";
    CHECK(line("RESTORED").find("its worker fell silent") != std::string::npos);
    unknown["cause"] = "restored";
    CHECK(line("RUNNING").find("an older copy of the store does not know") != std::string::npos);
    const auto lines = attention(status("RESTORED"), {unknown});
    REQUIRE(lines.size() == 2);
    CHECK(lines[1].find("and it goes on") != std::string::npos);
}

TEST_CASE("results that are held back wait for a person", "[cli]") {
    Json told = status("RUNNING");
    told["campaigns"][0]["held"] = 2;
    CHECK(
        attention(told, {}) ==
        std::vector<std::string>{"gold holds back 2 results that came too late or without a lease: "
                                 "cupel held list"});
    told["campaigns"][0]["held"] = 0;
    CHECK(attention(told, {}).empty());
}

TEST_CASE("alarms come first", "[cli]") {
    Json told = status("PAUSED");
    told["alarms"].push_back({{"alarm", "01J9Z0000000000000000AAAAA"},
                              {"campaign", "gold"},
                              {"text", "no suggestion"},
                              {"time", "2026-11-24T12:00:00.000Z"}});
    const auto lines = attention(told, {proposal("UNKNOWN")});
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].find("gold: no suggestion  (cupel ack 0AAAAA)") != std::string::npos);
}

TEST_CASE("what the daemon says about itself is said with what to do", "[cli]") {
    Json told = status("RUNNING");
    SECTION("a learner that is away") {
        told["learner"] = {{"state", "away"}, {"problem", "ended with signal 9 (Killed)"}};
        CHECK(attention(told, {}).at(0).find(
                  "the learner is away (ended with signal 9 (Killed))") == 0);
    }
    SECTION("a disk that is nearly full, by size") {
        told["store"] = {{"free_bytes", 500'000'000}, {"disk_bytes", 100'000'000'000}};
        CHECK(attention(told, {}).at(0).find("has 477 MiB of 93 GiB left: make room") !=
              std::string::npos);
    }
    SECTION("a small disk is nearly full by its share alone") {
        told["store"] = {{"free_bytes", 500'000'000}, {"disk_bytes", 1'000'000'000}};
        CHECK(attention(told, {}).empty());
        told["store"]["free_bytes"] = 40'000'000;
        CHECK(attention(told, {}).size() == 1);
    }
    SECTION("a subscriber far behind") {
        told["clients"] = {{{"client", "robot"}, {"subscriber_lag", 1001}},
                           {{"client", "page"}, {"subscriber_lag", 1000}},
                           {{"client", "gone"},
                            {"subscriber", true},
                            {"subscriber_silent", true},
                            {"subscriber_lag", 5000}}};
        CHECK(attention(told, {}).size() == 1);
        CHECK(attention(told, {}).at(0).find("robot is 1001 events behind") == 0);
    }
    SECTION("a campaign that too many silent workers stopped") {
        told["campaigns"][0]["proposals"] = {{"UNKNOWN", 3}};
        told["campaigns"][0]["max_unknown"] = 3;
        CHECK(attention(told, {}).at(0).find("gold makes no new proposals: 3 are UNKNOWN") == 0);
    }
}
