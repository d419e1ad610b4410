// The rule is a field, not a piece of text.
#include "catch.hpp"
#include "ledger/acquisition_rule.hpp"

using cupel::controller::acquisition_rule;

TEST_CASE("the rule of an acquisition input is read however it is written", "[acquisition_rule]") {
    CHECK(acquisition_rule(R"({"rule":"audit"})") == "audit");
    CHECK(acquisition_rule("{ \"seed\" : 9,\n \"rule\" : \"ucb\" , \"pending\": [] }") == "ucb");
    CHECK(acquisition_rule(R"({"pending":["a"],"scale":{"slope":1},"rule":"\u0061udit"})") ==
          "audit");
    CHECK(acquisition_rule(R"({"rule":"audit","cut off)") == "audit");
}

TEST_CASE("what merely looks like a rule is none", "[acquisition_rule]") {
    CHECK(acquisition_rule("").empty());
    CHECK(acquisition_rule("no JSON").empty());
    CHECK(acquisition_rule(R"({"seed":1})").empty());
    CHECK(acquisition_rule(R"({"rule":7})").empty());
    CHECK(acquisition_rule(R"({"rule":{"rule":"audit"}})").empty());
    CHECK(acquisition_rule(R"({"rule":["audit"]})").empty());
    CHECK(acquisition_rule(R"({"note":{"rule":"audit"}})").empty());
    CHECK(acquisition_rule(R"([{"rule":"audit"}])").empty());
    CHECK(acquisition_rule(R"({"note":"{\"rule\":\"audit\"}"})").empty());
    CHECK(acquisition_rule(R"({"policy":"\"rule\":\"audit\"","rule":"ucb"})") == "ucb");
}
