// Held results, told from a history.
#include <string>

#include "catch.hpp"
#include "held_results.hpp"

using Json = nlohmann::json;
using cupel::cli::held_results;

namespace {

Json event(const std::string& kind, const std::string& result) {
    return {{"header", {{"kind", kind}, {"time", "2026-11-24T12:00:00.000Z"}}},
            {"body",
             {{"result", result},
              {"proposal", "P"},
              {"client", "robot"},
              {"reason", "late"},
              {"report", {{"outcome", {{"kind", "amorphous"}}}}}}}};
}

}  // namespace

TEST_CASE("what was held and not settled waits", "[cli]") {
    const auto held = held_results({event("RESULT_HELD", "A"),
                                    event("RESULT_HELD", "B"),
                                    event("RESULT_HELD", "C"),
                                    event("RESULT_REFUSED", "A"),
                                    event("OBSERVED", "C"),
                                    {{"header", {{"kind", "ALARM"}}}, {"body", {{"text", "x"}}}}});
    REQUIRE(held.size() == 1);
    CHECK(held[0].at("result") == "B");
    CHECK(held[0].at("reason") == "late");
    CHECK(held[0].at("outcome").at("kind") == "amorphous");
}
