// Hazard rules as substructures, as compositions of anions and as elements.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <sstream>

#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/Substruct/SubstructMatch.h>

#include <cupel/chemistry/hazards.hpp>
#include <cupel/domain/error.hpp>

#include "anion_formula.hpp"
#include "hazard_matches.hpp"
#include "molecule.hpp"

namespace cupel::chemistry {
namespace {

struct Rule {
    const char* name;
    const char* why;
    const char* smarts;  ///< of a group in a ligand
    const char* anions;  ///< formulas with the same atoms are this group as an anion
};

// Any way of drawing the group counts: charges and bond orders of one azide are written in three.
// A formula does not tell a fulminate from a cyanate, so it counts as the worse of the two.
constexpr std::array kRules{
    Rule{"perchlorate", "explosive with organic matter", "[Cl](~[O])(~[O])~[O]", "ClO4 HClO4"},
    Rule{"azide", "explosive heavy-metal salts", "[#7]~[#7;X2]~[#7;X1]", "N3 HN3"},
    Rule{"fulminate", "explosive heavy-metal salts", "[#6;X1]~[#7;X2]~[#8;X1]", "CNO HCNO"},
    Rule{"peroxide", "explosive", "[OX2,OX1-][OX2,OX1-]", "O2 HO2 H2O2"},
    Rule{"acetylide",
         "C2H and C2 salts of Cu, Ag and Au explode when dry",
         "[C-]#[CH1,C-]",
         "C2 C2H"},
    Rule{"carbonyl", "carbon monoxide is a toxic gas", "[C-]#[O+]", "CO"},
    Rule{"cyanide", "toxic, gives off HCN with acid", "[C-]#[N;X1]", "CN HCN"},
    Rule{"toxic-metal", "Cd, Hg, Tl, Pb or Os", "[Cd,Hg,Tl,Pb,Os]", ""},
};

constexpr std::array kToxicMetals{"Cd", "Hg", "Tl", "Pb", "Os"};

using Atoms = std::map<std::string, double>;

/// Is it `group` once, or several times?
bool is_multiple(const Atoms& anion, const Atoms& group) {
    if (anion.size() != group.size()) {
        return false;
    }
    const auto [first, in_group] = *group.begin();
    const auto found = anion.find(first);
    const double times = found == anion.end() ? 0.0 : found->second / in_group;
    return times >= 1.0 && std::round(times) == times &&
           std::all_of(group.begin(), group.end(), [&](const auto& entry) {
               const auto it = anion.find(entry.first);
               return it != anion.end() && it->second == times * entry.second;
           });
}

/// Anions of one rule, read once.
const std::vector<std::vector<Atoms>>& anion_groups() {
    static const auto groups = [] {
        std::vector<std::vector<Atoms>> list;
        for (const auto& rule : kRules) {
            auto& of_rule = list.emplace_back();
            std::istringstream formulas(rule.anions);
            for (std::string formula; formulas >> formula;) {
                of_rule.push_back(try_parse_anion(formula).value());
            }
        }
        return list;
    }();
    return groups;
}

/// What cannot be read may be anything.
std::vector<std::string> all_names() {
    std::vector<std::string> names;
    for (const auto& rule : kRules) {
        names.emplace_back(rule.name);
    }
    return names;
}

void add_hazards_of_anion(const std::string& formula, std::vector<std::string>& met) {
    const auto atoms = try_parse_anion(formula);
    if (!atoms) {
        const auto all = all_names();
        met.insert(met.end(), all.begin(), all.end());
        return;
    }
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        const auto& groups = anion_groups()[i];
        if (std::any_of(groups.begin(), groups.end(), [&](const Atoms& group) {
                return is_multiple(*atoms, group);
            })) {
            met.emplace_back(kRules[i].name);
        }
    }
    for (const char* element : kToxicMetals) {
        if (atoms->count(element) > 0) {
            met.emplace_back("toxic-metal");
        }
    }
}

const std::vector<std::unique_ptr<RDKit::ROMol>>& queries() {
    static const auto compiled = [] {
        std::vector<std::unique_ptr<RDKit::ROMol>> list;
        for (const auto& rule : kRules) {
            list.emplace_back(RDKit::SmartsToMol(rule.smarts));
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

std::vector<std::string> in_order(const std::vector<std::string>& names) {
    std::vector<std::string> ordered;
    for (const auto& rule : kRules) {
        if (std::find(names.begin(), names.end(), rule.name) != names.end()) {
            ordered.emplace_back(rule.name);
        }
    }
    return ordered;
}

std::vector<std::string> hazards_of_molecule(const RDKit::ROMol& molecule) {
    std::vector<std::string> met;
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        RDKit::MatchVectType match;
        if (RDKit::SubstructMatch(molecule, *queries()[i], match)) {
            met.emplace_back(kRules[i].name);
        }
    }
    return met;
}

std::vector<std::string> hazards_of_core(const Core& core) {
    std::vector<std::string> met;
    for (const char* element : kToxicMetals) {
        if (core.metals.count(element) > 0) {
            met.emplace_back("toxic-metal");
        }
    }
    for (const auto& [formula, count] : core.anions) {
        add_hazards_of_anion(formula, met);
    }
    return met;
}

std::vector<std::string> hazards_of_ligand(const std::string& smiles) {
    try {
        return hazards_of_molecule(*parse_smiles(smiles));
    } catch (const InputError&) {
        return all_names();
    }
}

std::vector<std::string> hazards_of(const Candidate& candidate) {
    return HazardLookup().of(candidate);
}

std::vector<std::string> HazardLookup::of(const Candidate& candidate) {
    std::vector<std::string> met = hazards_of_core(candidate.core);
    for (const auto& entry : candidate.ligands) {
        auto known = by_ligand_.find(entry.ligand.smiles);
        if (known == by_ligand_.end()) {
            known = by_ligand_.emplace(entry.ligand.smiles, hazards_of_ligand(entry.ligand.smiles))
                        .first;
        }
        met.insert(met.end(), known->second.begin(), known->second.end());
    }
    return in_order(met);
}

}  // namespace cupel::chemistry
