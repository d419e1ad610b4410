// Species among ligands and among the molecules beside the cluster.
#include "species.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <cupel/chemistry/featuriser.hpp>

#include "cluster_parts.hpp"

namespace cupel::chemistry {
namespace {

/// Of the SMILES seen for one skeleton: the most frequent, those with all hydrogens first.
const PerceivedLigand& best_of(const std::vector<PerceivedLigand>& seen) {
    std::map<std::string, int> votes;
    for (const auto& one : seen) {
        ++votes[one.smiles];
    }
    return *std::max_element(seen.begin(), seen.end(), [&](const auto& a, const auto& b) {
        const auto rank = [&](const PerceivedLigand& p) {
            return std::tuple(!p.smiles.empty(), p.missing_hydrogens == 0, votes[p.smiles]);
        };
        return rank(a) < rank(b);
    });
}

Ligand described(const PerceivedLigand& perceived) {
    if (!perceived.smiles.empty()) {
        return describe_ligand(perceived.smiles);
    }
    Ligand ligand;
    ligand.formula = hill_formula(perceived.composition);
    ligand.donor_class = "other";
    return ligand;
}

/// Charge of ions of one or few atoms that no Lewis rule covers; nothing for others.
std::optional<int> charge_of_simple_ion(const Composition& composition) {
    static const std::map<std::string, int> kIons{
        {"F", -1},     {"Cl", -1},    {"Br", -1},    {"I", -1},     {"I3", -1},    {"Br3", -1},
        {"Li", 1},     {"Na", 1},     {"K", 1},      {"Rb", 1},     {"Cs", 1},     {"Mg", 2},
        {"Ca", 2},     {"Sr", 2},     {"Ba", 2},     {"F6Si", -2},  {"F6Sb", -1},  {"F6P", -1},
        {"AsF6", -1},  {"BF4", -1},   {"N3", -1},    {"CNS", -1},   {"O4Re", -1},  {"AgCl2", -1},
        {"AuCl2", -1}, {"Cl2Cu", -1}, {"AuBr2", -1}, {"Br2Cu", -1}, {"AlCl4", -1}, {"Cl4Ga", -1},
        {"AuCl4", -1}};
    const auto it = kIons.find(hill_formula(composition));
    return it == kIons.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace

LigandSpecies group_ligands(const std::vector<Fragment>& fragments) {
    std::map<std::string, std::vector<PerceivedLigand>> by_skeleton;
    LigandSpecies out;
    std::map<std::string, int> whole;
    for (const auto& fragment : fragments) {
        if (fragment.undecided) {
            continue;
        }
        auto perceived = perceive_bonds(fragment);
        const std::string formula = hill_formula(perceived.composition);
        out.average[formula] += fragment.occupancy;
        ++whole[formula];
        if (fragment.occupancy < kMostlyThere) {
            continue;
        }
        std::string key = skeleton_of(fragment);
        by_skeleton[key.empty() ? formula : key].push_back(std::move(perceived));
    }
    for (const auto& [formula, count] : whole) {
        if (std::abs(out.average.at(formula) - count) < 0.05) {
            out.average.erase(formula);
        }
    }
    for (const auto& [skeleton, seen] : by_skeleton) {
        const PerceivedLigand& best = best_of(seen);
        std::map<std::string, std::pair<const PerceivedLigand*, int>> kinds;
        for (const auto& one : seen) {
            const bool own = !one.smiles.empty() && one.missing_hydrogens == 0 &&
                             one.composition != best.composition;
            const PerceivedLigand& kind = own ? one : best;
            auto& entry = kinds[kind.smiles];
            entry.first = &kind;
            ++entry.second;
            out.missing_hydrogens += own ? 0 : one.missing_hydrogens;
        }
        for (const auto& [smiles, entry] : kinds) {
            out.ligands.push_back({described(*entry.first), entry.second});
            if (smiles.empty()) {
                out.warnings.push_back("no Lewis structure was found for the ligand " +
                                       hill_formula(entry.first->composition));
            }
        }
    }
    out.ligands = normalised(std::move(out.ligands));
    return out;
}

OtherMolecules::OtherMolecules(const Packing& packing, const BondTable& bonds, int clusters)
    : packing_(packing), bonds_(bonds), clusters_(std::max(1, clusters)) {}

void OtherMolecules::add(const Molecule& molecule) {
    double occupancy = 0.0;
    int heavy_atoms = 0;
    for (const auto& member : molecule.members) {
        const auto& atom = packing_.atoms[static_cast<std::size_t>(member.atom)];
        occupancy += atom.element == 1 ? 0.0 : atom.occupancy;
        heavy_atoms += atom.element == 1 ? 0 : 1;
    }
    occupancy /= std::max(1, heavy_atoms);
    const Composition heavy = [&] {
        Composition rest = molecule.composition;
        rest.erase("H");
        return rest;
    }();
    if (heavy.empty()) {
        return;  // a stray hydrogen, its partner left out as an alternative
    }
    std::vector<int> sites;
    for (const auto& member : molecule.members) {
        sites.push_back(packing_.atoms[static_cast<std::size_t>(member.atom)].site);
    }
    std::sort(sites.begin(), sites.end());
    const auto [entry, fresh] = known_.try_emplace(std::move(sites));
    if (fresh) {
        entry->second = perceive(molecule);
    }
    const auto& [formula, kind] = entry->second;
    auto& total = kinds_[formula];
    const bool first = total.amount == 0.0;
    const double amount = total.amount + occupancy;
    const bool agree = first || total.charge == kind.charge;
    total = kind;
    total.amount = amount;
    if (!agree) {
        total.charge.reset();
    }
}

std::pair<std::string, OtherMolecules::Kind> OtherMolecules::perceive(const Molecule& molecule) {
    Kind kind;
    Composition composition = molecule.composition;
    if (const auto charge = charge_of_simple_ion(composition)) {
        kind.charge = charge;
    } else if (molecule.metals > 0 || molecule.endless) {
        kind.metal = molecule.metals > 0;
    } else {
        const auto perceived = perceive_bonds(whole_fragment(packing_, bonds_, molecule));
        missing_hydrogens_ += perceived.missing_hydrogens;
        composition = perceived.composition;
        if (!perceived.smiles.empty() && perceived.missing_hydrogens == 0) {
            kind.charge = perceived.charge;
        }
    }
    return {hill_formula(composition), kind};
}

std::vector<OtherSpecies> OtherMolecules::species() {
    std::vector<OtherSpecies> list;
    for (const auto& [formula, kind] : kinds_) {
        const double share = kind.amount / clusters_;
        const int count = std::max(1, static_cast<int>(std::lround(share)));
        if (std::abs(share - count) > 0.05) {
            char text[32];
            std::snprintf(text, sizeof text, "%.2f", share);
            warnings_.push_back(formula + ": " + text + " per cluster");
        }
        const bool ion = kind.metal || kind.charge.value_or(0) != 0;
        list.push_back({formula, count, ion ? "counterion" : "solvent"});
    }
    return list;
}

std::optional<int> OtherMolecules::cluster_charge() const {
    double sum = 0.0;
    bool ions = false;
    for (const auto& [formula, kind] : kinds_) {
        if (!kind.charge) {
            return std::nullopt;
        }
        ions = ions || *kind.charge != 0;
        sum += *kind.charge * kind.amount / clusters_;
    }
    if (!ions || std::abs(sum - std::round(sum)) > 0.1) {
        return std::nullopt;
    }
    return -static_cast<int>(std::lround(sum));
}

}  // namespace cupel::chemistry
