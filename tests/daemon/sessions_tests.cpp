// Sessions are kept for whoever is heard, and bounded where names are made up.
#include "catch.hpp"
#include "ledger/sessions.hpp"

using namespace cupel::controller;

namespace {

Instant at(int second) {
    return Instant{} + std::chrono::seconds(second);
}

}  // namespace

TEST_CASE("a session keeps what its client said", "[sessions]") {
    Sessions sessions;
    CHECK(sessions.find("robot-1", at(0)) == nullptr);
    sessions.hear("robot-1", at(1)).capabilities = {"uv"};
    sessions.hear("robot-1", at(2)).version = "2.0";

    const Session* session = sessions.find("robot-1", at(3));
    REQUIRE(session != nullptr);
    CHECK(session->capabilities == std::set<std::string>{"uv"});
    CHECK(session->version == "2.0");
    CHECK(session->heard_at == at(3));
}

TEST_CASE("made-up names push out who was silent longest, never who is heard", "[sessions]") {
    constexpr std::size_t kMost = 16;
    Sessions sessions(kMost);
    sessions.hear("silent", at(0));
    sessions.hear("claims", at(0));
    sessions.hear("pings", at(0));
    for (int n = 1; n <= 200; ++n) {
        sessions.hear("made-up-" + std::to_string(n), at(n));
        sessions.hear("pings", at(n));
        CHECK(sessions.find("claims", at(n)) != nullptr);
        CHECK(sessions.all().size() <= kMost);
    }
    CHECK(sessions.all().count("pings") == 1);
    CHECK(sessions.all().count("silent") == 0);
    CHECK(sessions.all().count("made-up-200") == 1);
}

TEST_CASE("names that came at one moment are bounded too", "[sessions]") {
    Sessions sessions(8);
    for (int n = 0; n < 100; ++n) {
        sessions.hear("made-up-" + std::to_string(n), at(0));
        CHECK(sessions.all().size() <= 8);
        CHECK(sessions.all().count("made-up-" + std::to_string(n)) == 1);
    }
}
