// What may be named as a cluster.
#include <cupel/chemistry/candidate_check.hpp>
#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"

using namespace cupel;
using namespace cupel::chemistry;

namespace {

Candidate gold(const std::vector<std::string>& ligands) {
    Candidate candidate;
    candidate.core.metals = {{"Au", 25}};
    for (const auto& smiles : ligands) {
        candidate.ligands.push_back({Ligand{smiles, "", 0, {}, "", 0}, 2});
    }
    return candidate;
}

std::string refusal(const Candidate& candidate) {
    try {
        examine(candidate);
    } catch (const InputError& error) {
        return error.what();
    }
    return "read";
}

std::string refusal_of_core(Composition metals, Composition anions = {}) {
    Candidate candidate = gold({"[S-]C"});
    candidate.core.metals = std::move(metals);
    candidate.core.anions = std::move(anions);
    return refusal(candidate);
}

}  // namespace

TEST_CASE("every reported cluster can be a candidate", "[chemistry]") {
    for (const auto& row : load_reported_table(data_dir() / "clusters.csv")) {
        INFO(row.id);
        CHECK(refusal(row.candidate) == "read");
    }
}

TEST_CASE("a candidate is read once for its hazards and its ligands in canonical form",
          "[chemistry]") {
    Candidate candidate = gold({"SCC", "[N-]=[N+]=[N-]"});
    candidate.core.anions = {{"O4Cl", 1}};
    const auto findings = examine(candidate);
    CHECK(findings.hazards == std::vector<std::string>{"perchlorate", "azide"});
    CHECK(findings.ligands == std::vector<std::string>{"CCS", "[N-]=[N+]=[N-]"});
}

TEST_CASE("what can be no cluster is refused in one line", "[chemistry]") {
    CHECK(refusal(gold({"gold dust"})) == "'gold dust' is not a SMILES string");
    CHECK(refusal_of_core({}) == "the core holds no Cu, Ag or Au");
    CHECK(refusal_of_core({{"Au", 0}}) == "the core holds no Cu, Ag or Au");
    CHECK(refusal_of_core({{"Au", 20}, {"C", 60}}) == "'C' among the metals is none");
    CHECK(refusal_of_core({{"Au", 19}, {"Pd", 1}, {"Sn", 1}}) == "read");
    CHECK(refusal_of_core({{"Au", 1000000}}) == "1000000 metal atoms; a cluster has at most 1000");
    CHECK(refusal_of_core({{"Au", 25}}, {{"S", 1001}}) ==
          "1001 anions; a cluster has at most 1000");
    for (const auto* anion : {"foo", "Cl\nx", "Cl(", "Cl)", "(Cl", "Cl1.2.3", "()2", "Cl 2", ""}) {
        INFO(anion);
        const std::string text = refusal_of_core({{"Au", 25}}, {{anion, 1}});
        CHECK(text.find("is no formula of known elements") != std::string::npos);
        CHECK(text.find('\n') == std::string::npos);
    }
    std::vector<std::string> chains;
    for (std::size_t length = 1; length <= kMostLigands; ++length) {
        chains.emplace_back(length, 'C');
    }
    CHECK(refusal(gold(chains)) == "read");
    chains.emplace_back("CS");
    CHECK(refusal(gold(chains)) == "17 different ligands; at most 16 are read");
    chains.assign(6, std::string(180, 'C'));
    CHECK(refusal(gold(chains)) ==
          "the SMILES of the ligands have 1080 characters together; at most 1000 are read");
}
