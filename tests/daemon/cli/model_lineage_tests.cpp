// The line of models out of a history.
#include "catch.hpp"
#include "model_lineage.hpp"

using namespace cupel::cli;
using Json = nlohmann::json;

namespace {

Json event(const std::string& kind, Json body) {
    static int second = 0;
    return {{"header",
             {{"kind", kind}, {"time", "2026-11-24T12:00:" + std::to_string(10 + second++ % 50)}}},
            {"body", std::move(body)}};
}
Json trained(const std::string& model, const std::string& parent, const std::string& kind) {
    return event("MODEL_TRAINED",
                 {{"model", model},
                  {"parent", parent},
                  {"kind", kind},
                  {"data_snapshot", "d-" + model},
                  {"labels", 8},
                  {"details", {{"gate", {{"text", "figures of " + model}}}}}});
}
Json promoted(const std::string& model) {
    return event("MODEL_PROMOTED", {{"model", model}});
}
Json proposed(const std::string& model) {
    return event("PROPOSED",
                 {{"offer", {{"model", model}}},
                  {"record", {{"proposal", {{"provenance", {{"data_snapshot", "d9"}}}}}}}});
}

}  // namespace

TEST_CASE("each model is told with its parent, its gate and its fate", "[models]") {
    const auto line = model_lineage(
        {event(
             "MODEL_TRAINED",
             {{"model", "m0"}, {"kind", "base"}, {"data_snapshot", "d-m0"}, {"details", nullptr}}),
         promoted("m0"),
         proposed("m0"),
         proposed("m0+1"),
         trained("m1", "m0+1", "warm"),
         promoted("m1"),
         trained("m2", "m1", "full"),
         event("MODEL_REFUSED", {{"model", "m2"}, {"details", nullptr}}),
         trained("m3", "m1", "warm"),
         promoted("m3")});
    REQUIRE(line.size() == 5);
    CHECK(line[0].kind == "base");
    CHECK(line[0].fate == "superseded");
    CHECK(line[0].proposals == 1);
    CHECK(line[0].gate.is_null());
    CHECK(line[1].kind == "instant");
    CHECK(line[1].parent == "m0");
    CHECK(line[1].data_snapshot == "d9");
    CHECK(line[2].fate == "superseded");
    CHECK(line[3].fate == "refused");
    CHECK(line[3].reason == "figures of m2");
    CHECK(line[4].fate == "serving");
    CHECK(line[4].parent == "m1");
    CHECK(to_json(line[4])["labels"] == 8);
    CHECK(to_json(line[1])["labels"].is_null());
    CHECK(to_json(line[0])["parent"].is_null());
}

TEST_CASE("a rollback takes back everything since the model that serves again", "[models]") {
    const auto line = model_lineage(
        {trained("m1", "", "base"),
         promoted("m1"),
         trained("m2", "m1", "warm"),
         promoted("m2"),
         trained("m3", "m2", "warm"),
         promoted("m3"),
         event("MODEL_ROLLED_BACK", {{"model", "m1"}, {"before", "m3"}, {"reason", "no hits"}})});
    REQUIRE(line.size() == 3);
    CHECK(line[0].fate == "serving");
    CHECK(line[1].fate == "rolled back");
    CHECK(line[2].fate == "rolled back");
    CHECK(line[2].reason == "no hits");
    CHECK(model_lineage({}).empty());
}

TEST_CASE("the model that took in labels since the last proposal is in the line", "[models]") {
    auto line = model_lineage({trained("m1", "", "base"), promoted("m1"), proposed("m1")});
    add_current(line, "m1");
    CHECK(line.size() == 1);
    add_current(line, "");
    CHECK(line.size() == 1);
    add_current(line, "m1+1");
    REQUIRE(line.size() == 2);
    CHECK(line[1].kind == "instant");
    CHECK(line[1].parent == "m1");
    CHECK(line[1].fate == "serving");
}
