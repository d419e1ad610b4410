// Hazard rules as substructures and as elements.
#include <array>
#include <memory>
#include <set>

#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/Substruct/SubstructMatch.h>

#include <cupel/chemistry/hazards.hpp>
#include <cupel/domain/error.hpp>

#include "molecule.hpp"

namespace cupel::chemistry {
namespace {

struct Rule {
    const char* name;
    const char* why;
    const char* smarts;  ///< nullptr: by element
};

constexpr std::array kRules{
    Rule{"perchlorate", "explosive with organic matter", "[Cl;+3,+0](~[O])(~[O])~[O]"},
    Rule{"azide", "explosive heavy-metal salts", "[N]=[N+]=[N-]"},
    Rule{"fulminate", "explosive heavy-metal salts", "[C-]#[N+][O-]"},
    Rule{"peroxide", "explosive", "[OX2,OX1-][OX2,OX1-]"},
    Rule{"acetylide", "C2H and C2 salts of Cu, Ag and Au explode when dry", "[C-]#[CH1,C-]"},
    Rule{"carbonyl", "carbon monoxide is a toxic gas", "[C-]#[O+]"},
    Rule{"cyanide", "toxic, gives off HCN with acid", "[C-]#[N;X1]"},
    Rule{"toxic-metal", "Cd, Hg, Tl, Pb or Os", nullptr},
};

const std::vector<std::unique_ptr<RDKit::ROMol>>& queries() {
    static const auto compiled = [] {
        std::vector<std::unique_ptr<RDKit::ROMol>> list;
        for (const auto& rule : kRules) {
            list.emplace_back(rule.smarts == nullptr ? nullptr : RDKit::SmartsToMol(rule.smarts));
        }
        return list;
    }();
    return compiled;
}

}  // namespace

const std::vector<HazardRule>& hazard_rules() {
    static const std::vector<HazardRule> rules = [] {
        std::vector<HazardRule> list;
        for (const auto& rule : kRules) {
            list.push_back({rule.name, rule.why});
        }
        return list;
    }();
    return rules;
}

std::vector<std::string> hazards_of_ligand(const std::string& smiles) {
    std::unique_ptr<RDKit::RWMol> molecule;
    try {
        molecule = parse_smiles(smiles);
    } catch (const InputError&) {
        return {};
    }
    std::vector<std::string> met;
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        RDKit::MatchVectType match;
        if (queries()[i] && RDKit::SubstructMatch(*molecule, *queries()[i], match)) {
            met.emplace_back(kRules[i].name);
        }
    }
    return met;
}

std::vector<std::string> hazards_of(const Candidate& candidate) {
    return HazardLookup().of(candidate);
}

std::vector<std::string> HazardLookup::of(const Candidate& candidate) {
    std::set<std::string> met;
    for (const auto& entry : candidate.ligands) {
        auto known = by_ligand_.find(entry.ligand.smiles);
        if (known == by_ligand_.end()) {
            known = by_ligand_.emplace(entry.ligand.smiles, hazards_of_ligand(entry.ligand.smiles))
                        .first;
        }
        met.insert(known->second.begin(), known->second.end());
    }
    for (const char* element : {"Cd", "Hg", "Tl", "Pb", "Os"}) {
        if (candidate.core.metals.count(element) > 0) {
            met.insert("toxic-metal");
        }
    }
    if (candidate.core.anions.count("ClO4") > 0) {
        met.insert("perchlorate");
    }
    std::vector<std::string> ordered;
    for (const auto& rule : kRules) {
        if (met.count(rule.name) > 0) {
            ordered.emplace_back(rule.name);
        }
    }
    return ordered;
}

}  // namespace cupel::chemistry
