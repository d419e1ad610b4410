// Errors in the configuration name the line, the key, what was expected and what was found.
#include "campaign/campaign_config.hpp"
#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::controller;

namespace {

std::string problem_of(const std::string& json) {
    try {
        parse_campaign_config(json);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("campaign keys have ranges, types and defaults", "[config]") {
    const CampaignConfig config = parse_campaign_config(R"({"pool": "p.jsonl"})", "/data");
    CHECK(config.pool == "/data/p.jsonl");
    CHECK(config.budget == 96);
    CHECK(config.open_offers == 8);
    CHECK(config.refill == Refill::Each);
    CHECK_FALSE(config.reoffer_failed);
    CHECK(problem_of(R"({"pool": "p", "budget": 0})") == "budget: expected 1..1000000, got 0");
    CHECK(problem_of(R"({"pool": "p", "budget": 8.0})") ==
          "budget: expected a whole number in 1..1000000, got 8.0");
    CHECK(problem_of(R"({"pool": "p", "requires": ["a b"]})") ==
          "requires: expected a list of tags (letters, digits, '_', '-' or '.'), got [\"a b\"]");
    CHECK(problem_of(R"({"pool": "p", "review": 1})") == "review: expected true or false, got 1");
    CHECK(problem_of(R"({"pool": "p", "refill": "all"})") ==
          "refill: expected one of \"each\", \"batch\", got \"all\"");
    CHECK(problem_of(R"({"pool": "p", "open_offer": 3})") ==
          "open_offer: unknown key; did you mean open_offers?");
    CHECK(problem_of("{}").find("pool: expected") == 0);
    CHECK(problem_of("[]").find("config: expected an object") == 0);
}

TEST_CASE("a store keeps a hazard rule that nobody knows, a person is told", "[config]") {
    const std::string text = R"({"pool": "/p", "avoid_hazards": ["azid"]})";
    CHECK(problem_of(text).find("avoid_hazards: there is no rule \"azid\"") == 0);
    CHECK(stored_campaign_config(text).avoid_hazards == std::vector<std::string>{"azid"});
}

TEST_CASE("work costs something where cost matters", "[config]") {
    const std::string text = R"({"pool": "/p", "cost_exponent": 0.5, "work_cost": 0})";
    CHECK(problem_of(text).find("work_cost: expected above 0 where cost_exponent is") == 0);
    CHECK(problem_of(R"({"pool": "/p", "work_cost": 0})") == "no error");
    CHECK(stored_campaign_config(text).work_cost == 0.0);  // what a store holds is read
}

TEST_CASE("campaign keys survive the store", "[config]") {
    CampaignConfig config = parse_campaign_config(
        R"({"pool": "/p", "refill": "batch", "supersede": "withdraw", "budget_cost": 2.5, "seed": 7})");
    const CampaignConfig again = parse_campaign_config(encode_campaign_config(config));
    CHECK(again.refill == Refill::Batch);
    CHECK(again.supersede == Supersede::Withdraw);
    CHECK(again.budget_cost == 2.5);
    CHECK(again.seed == 7);
}
