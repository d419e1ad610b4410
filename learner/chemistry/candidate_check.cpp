// The core by its elements, the ligands by RDKit.
#include <algorithm>
#include <array>
#include <numeric>

#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <cupel/chemistry/candidate_check.hpp>
#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

#include "anion_formula.hpp"
#include "hazard_matches.hpp"
#include "molecule.hpp"

namespace cupel::chemistry {
namespace {

[[noreturn]] void refuse(const std::string& text) {
    throw InputError("bad_candidate", text);
}

/// A line of text for people: what it quotes may hold anything.
std::string quoted(const std::string& text) {
    std::string line = text.substr(0, 60);
    std::replace_if(
        line.begin(),
        line.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
        '?');
    return "'" + line + "'";
}

/// Ge, Sn and Sb are core where they are bare.
bool may_be_core_metal(const std::string& symbol) {
    constexpr std::array kSemimetals{"Ge", "Sn", "Sb"};
    return is_metal(atomic_number(symbol)) ||
           std::find(kSemimetals.begin(), kSemimetals.end(), symbol) != kSemimetals.end();
}

void require_at_most(const Composition& counts, const char* what) {
    const auto sum =
        std::accumulate(counts.begin(), counts.end(), 0LL, [](long long so_far, const auto& entry) {
            return so_far + entry.second;
        });
    if (sum > kMostCoreAtoms) {
        refuse(std::to_string(sum) + " " + what + "; a cluster has at most " +
               std::to_string(kMostCoreAtoms));
    }
}

void examine_core(const Core& core) {
    bool coinage = false;
    for (const auto& [symbol, count] : core.metals) {
        if (!may_be_core_metal(symbol)) {
            refuse(quoted(symbol) + " among the metals is none");
        }
        coinage = coinage || (count > 0 && is_coinage_metal(atomic_number(symbol)));
    }
    if (!coinage) {
        refuse("the core holds no Cu, Ag or Au");
    }
    for (const auto& [formula, count] : core.anions) {
        if (!try_parse_anion(formula)) {
            refuse("the anion " + quoted(formula) + " is no formula of known elements");
        }
    }
    require_at_most(core.metals, "metal atoms");
    require_at_most(core.anions, "anions");
    require_at_most({{"H", core.hydrides.value_or(0)}}, "hydrides");
}

}  // namespace

CandidateFindings examine(const Candidate& candidate) {
    examine_core(candidate.core);
    if (candidate.ligands.size() > kMostLigands) {
        refuse(std::to_string(candidate.ligands.size()) + " different ligands; at most " +
               std::to_string(kMostLigands) + " are read");
    }
    std::size_t text = 0;
    for (const auto& entry : candidate.ligands) {
        text += entry.ligand.smiles.size();
    }
    if (text > kMostLigandText) {
        refuse("the SMILES of the ligands have " + std::to_string(text) +
               " characters together; at most " + std::to_string(kMostLigandText) + " are read");
    }
    CandidateFindings findings;
    findings.hazards = hazards_of_core(candidate.core);
    for (const auto& entry : candidate.ligands) {
        const auto molecule = parse_smiles(entry.ligand.smiles);
        const auto met = hazards_of_molecule(*molecule);
        findings.hazards.insert(findings.hazards.end(), met.begin(), met.end());
        findings.ligands.push_back(RDKit::MolToSmiles(*molecule));
    }
    findings.hazards = in_order(findings.hazards);
    return findings;
}

}  // namespace cupel::chemistry
