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
