// Donor perception by substructure rules, in order of binding strength.
#include "donors.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include <GraphMol/MolOps.h>
#include <GraphMol/ROMol.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/Substruct/SubstructMatch.h>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/domain/element.hpp>

namespace cupel::chemistry {
namespace {

/// One way of binding. Atoms of the pattern that carry a map number are the donors.
struct Rule {
    const char* donor_class;
    const char* smarts;
    bool strong;  ///< binds whatever else the ligand holds
};

constexpr std::string_view kSulfonate = "sulfonate";
constexpr const char* kCyclopentadienyl = "[c-;r5:1]1[c;+0][c;+0][c;+0][c;+0]1";

// Order matters: an atom belongs to the first rule that takes it.
constexpr Rule kRules[] = {
    {"carbonyl", "[C-:1]#[O+]", true},
    {"cyanide", "[C-:1]#[N;X1;+0]", true},
    {"thiocyanate", "[S,Se;-1,X1:1]-,=[C;X2]#,=[N:2]", true},
    {"isocyanide", "[C-:1]#[N+]", true},
    {"alkynyl", "[C-:1]#C", true},
    {"dithiocarbamate", "[S,Se;-1:1]C(=[S,Se:2])[#7,#8]", true},
    {"dithiocarboxylate", "[S,Se;-1:1]C=[S,Se:2]", true},
    {"dithiophosphate", "[S,Se;-1:1]P=[S,Se:2]", true},
    {"thiolate", "[S;-1:1]", true},
    {"selenolate", "[Se;-1:1]", true},
    {"tellurolate", "[Te;-1:1]", true},
    {"phosphine", "[P;X3;v3;+0:1]", true},
    {"phosphide", "[P;-1,-2:1]", true},
    {"stibine", "[As,Sb;X3;v3;+0:1]", true},
    {"NHC", "[#6;X2;H0;+0;v2:1]~[#7]", true},
    {"NHC", "[#6;-1;r5:1](~[#7])~[#7]", true},
    {"carbene", "[#6;X2;H0;+0;v2:1]", true},
    {"carbanion", kCyclopentadienyl, true},
    {"carbanion", "[#6;-1,-2,-3:1]", true},
    {"carboxylate", "[O-:1]C=[O:2]", true},
    {"diketonate", "[O-:1]C=C[#6]=[O:2]", true},
    {"nitrate", "[O-:1][N+](=[O])[O-]", true},
    {"sulfonate", "[O-:1]S(=O)=O", true},
    {"phosphinate", "[O-:1]P=[O:2]", true},
    {"pyrazolate", "[n-:1][n;X2:2]", true},
    {"amidinate", "[N-:1]C=[N;X2:2]", true},
    {"anionic N", "[#7;-1,-2;!$([#7]~[#7+]):1]", true},
    {"alkoxide", "[O-;!$([O-][N+]):1]", true},
    {"borohydride", "[B;-1;H2,H3,H4:1]", true},
    {"neutral N", "[n;X2;+0:1]", false},
    {"neutral N", "[N;X1;+0:1]#[#6,#7]", false},
    {"neutral N", "[N;X2;+0;!$(N=O):1]=[#6]", false},
    {"thioether", "[S,Se;X2;+0;H0:1]([#6])[#6]", false},
    {"thione", "[S,Se;X1;+0:1]=[#6,#15]", false},
    {"neutral N", "[N;X3;+0;!$(N-[C,S,P]=[O,S,N]);!$(Nc):1]", false},
    {"neutral O", "[O;+0;X1:1]=[#6,#15,#16]", false},
    {"neutral O", "[O;+0:1]", false},
};

struct CompiledRule {
    const Rule* rule;
    std::unique_ptr<RDKit::ROMol> query;
    std::vector<unsigned> donors;  ///< indices in the query
};

const std::vector<CompiledRule>& compiled_rules() {
    static const std::vector<CompiledRule> rules = [] {
        std::vector<CompiledRule> compiled;
        for (const auto& rule : kRules) {
            CompiledRule entry{&rule, nullptr, {}};
            entry.query.reset(RDKit::SmartsToMol(rule.smarts));
            for (const auto* atom : entry.query->atoms()) {
                if (atom->getAtomMapNum() > 0) {
                    entry.donors.push_back(atom->getIdx());
                }
            }
            compiled.push_back(std::move(entry));
        }
        return compiled;
    }();
    return rules;
}

/// Atom -> the class of the first rule that takes it.
std::map<unsigned, const Rule*> donors_by_rule(const RDKit::ROMol& molecule) {
    std::map<unsigned, const Rule*> taken;
    for (const auto& compiled : compiled_rules()) {
        std::vector<RDKit::MatchVectType> matches;
        RDKit::SubstructMatch(molecule, *compiled.query, matches, false, true, false, false, 200);
        for (const auto& match : matches) {
            for (const unsigned donor : compiled.donors) {
                taken.emplace(static_cast<unsigned>(match[donor].second), compiled.rule);
            }
        }
    }
    return taken;
}

bool holds_metal(const RDKit::ROMol& molecule) {
    for (const auto* atom : molecule.atoms()) {
        if (is_metal(atom->getAtomicNum())) {
            return true;
        }
    }
    return false;
}

/// Takes out what does not bind the core although it matches: rings that hold the ligand's own
/// metal, and a sulfonate that only makes a soft ligand soluble.
void drop_spectators(const RDKit::ROMol& molecule, std::map<unsigned, const Rule*>& taken) {
    const bool metallocene = holds_metal(molecule);
    bool soft = false;
    for (const auto& [atom, rule] : taken) {
        soft = soft || (rule->strong && molecule.getAtomWithIdx(atom)->getAtomicNum() > 8);
    }
    for (auto it = taken.begin(); it != taken.end();) {
        const bool spectator = (metallocene && it->second->smarts == kCyclopentadienyl) ||
                               (soft && it->second->donor_class == kSulfonate);
        it = spectator ? taken.erase(it) : std::next(it);
    }
}

std::string class_of(const std::map<unsigned, const Rule*>& donors) {
    std::set<std::string> classes;
    for (const auto& [atom, rule] : donors) {
        classes.insert(rule->donor_class);
    }
    if (classes.empty()) {
        return "other";
    }
    if (classes.size() > 1) {
        return "mixed";
    }
    const std::string only = *classes.begin();
    if (only == "phosphine" && donors.size() > 1) {
        return "diphosphine";
    }
    if (only == "thiolate" && donors.size() > 1) {
        return "dithiolate";
    }
    return only;
}

/// Bonds between two atoms of one part; large when there is no way.
int distance(const double* matrix, unsigned size, unsigned a, unsigned b) {
    return static_cast<int>(std::min(matrix[a * size + b], 1000.0));
}

}  // namespace

const std::vector<std::string>& donor_classes() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list{"diphosphine", "dithiolate", "mixed", "other"};
        for (const auto& rule : kRules) {
            if (std::find(list.begin(), list.end(), rule.donor_class) == list.end()) {
                list.emplace_back(rule.donor_class);
            }
        }
        std::sort(list.begin(), list.end());
        return list;
    }();
    return names;
}

DonorPerception perceive_donors(const RDKit::ROMol& molecule) {
    auto taken = donors_by_rule(molecule);
    drop_spectators(molecule, taken);
    std::map<unsigned, const Rule*> donors;
    for (const auto& [atom, rule] : taken) {
        if (rule->strong) {
            donors.emplace(atom, rule);
        }
    }
    if (donors.empty()) {
        // The rules stand in order of strength: keep the strongest neutral kind present.
        const Rule* best = nullptr;
        for (const auto& [atom, rule] : taken) {
            best = best == nullptr || rule < best ? rule : best;
        }
        for (const auto& [atom, rule] : taken) {
            if (std::string_view(rule->donor_class) == best->donor_class) {
                donors.emplace(atom, rule);
            }
        }
    } else {
        // An aromatic nitrogen within reach of the anchor closes a chelate or a bridge (dppy,
        // pySH).
        constexpr int kReach = 4;
        const unsigned size = molecule.getNumAtoms();
        const double* matrix = RDKit::MolOps::getDistanceMat(molecule);
        const auto anchors = donors;
        for (const auto& [atom, rule] : taken) {
            if (rule->strong || !molecule.getAtomWithIdx(atom)->getIsAromatic()) {
                continue;
            }
            for (const auto& [anchor, ignored] : anchors) {
                if (distance(matrix, size, atom, anchor) <= kReach) {
                    donors.emplace(atom, rule);
                    break;
                }
            }
        }
    }
    DonorPerception perception;
    for (const auto& [atom, rule] : donors) {
        perception.atoms.push_back(atom);
    }
    perception.donor_class = class_of(donors);
    return perception;
}

std::string donor_class_of(const RDKit::ROMol& molecule, const std::vector<unsigned>& atoms) {
    const auto taken = donors_by_rule(molecule);
    std::map<unsigned, const Rule*> donors;
    for (const unsigned atom : atoms) {
        const auto it = taken.find(atom);
        if (it != taken.end()) {
            donors.insert(*it);
        }
    }
    return class_of(donors);
}

}  // namespace cupel::chemistry
