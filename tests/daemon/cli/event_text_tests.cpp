// Events as people read them.
#include <cupel/codec/candidate_codec.hpp>

#include "catch.hpp"
#include "cluster_text.hpp"
#include "event_text.hpp"

using namespace cupel;
using Json = nlohmann::json;

TEST_CASE("the history names a cluster as the offers do", "[cli]") {
    Candidate candidate;
    candidate.core.metals = {{"Au", 25}};
    candidate.ligands = {{Ligand{"[S-]CCc1ccccc1", "C8H9S", -1, {"S"}, "thiolate", 1}, 18}};
    candidate.charge = -1;
    const Json offered = Json::parse(codec::encode(candidate));
    const std::string name = cli::short_cluster_name(offered, "[Au25(C8H9S)18]-");
    const Json event{{"header", {{"kind", "OFFERED"}, {"seq", 7}, {"time", ""}}},
                     {"body",
                      {{"proposal", "01J9Z0000000000000000K7Q2Z"},
                       {"offer", {{"name", "[Au25(C8H9S)18]-"}, {"candidate", offered}}}}}};
    const std::string line = cli::event_text("gold", event);
    CHECK(name == "[Au25(PET)18]-");
    CHECK(line.find("gold #7  OFFERED 0K7Q2Z  " + name) != std::string::npos);
}
