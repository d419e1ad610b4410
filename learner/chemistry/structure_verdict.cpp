// The comparison of a structure with its target, one function per field.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/structure_verdict.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/outcome.hpp>

#include "bond_orders.hpp"

namespace cupel::chemistry {
namespace {

constexpr const char* kUndecided =
    "the alternatives of a disordered ligand could not be told apart";
constexpr const char* kNeedsMs = "element not distinguishable, needs MS";
constexpr const char* kChargeDiffers = "charge state differs";

/// Metals that X-rays cannot tell apart under one name.
std::string scattering_group(const std::string& element) {
    static const std::map<std::string, std::string> kGroups{
        {"Pt", "Au"}, {"Hg", "Au"}, {"Pd", "Ag"}, {"Cd", "Ag"}, {"Ni", "Cu"}, {"Zn", "Cu"}};
    const auto it = kGroups.find(element);
    return it == kGroups.end() ? element : it->second;
}

Composition grouped(const Composition& metals) {
    Composition groups;
    for (const auto& [element, count] : metals) {
        groups[scattering_group(element)] += count;
    }
    return groups;
}

std::string or_none(const std::string& text) {
    return text.empty() ? "none" : text;
}

std::string joined(const std::vector<std::string>& parts, const char* between) {
    std::string text;
    for (const auto& part : parts) {
        text += (text.empty() ? "" : between) + part;
    }
    return text;
}

/// "1 Pd missing, 1 Au too many", in the order of the alphabet.
std::string difference(const Composition& expected, const Composition& found) {
    std::set<std::string> elements;
    for (const auto* side : {&expected, &found}) {
        for (const auto& [element, count] : *side) {
            elements.insert(element);
        }
    }
    std::vector<std::string> parts;
    const auto count = [](const Composition& side, const std::string& element) {
        const auto it = side.find(element);
        return it == side.end() ? 0 : it->second;
    };
    for (const auto& element : elements) {
        const int more = count(found, element) - count(expected, element);
        if (more != 0) {
            parts.push_back(std::to_string(std::abs(more)) + " " + element +
                            (more > 0 ? " too many" : " missing"));
        }
    }
    return joined(parts, ", ");
}

std::string expected_found(const std::string& expected, const std::string& found) {
    return "expected " + or_none(expected) + ", found " + or_none(found);
}

std::string charge_text(int charge) {
    return charge == 0 ? "0" : std::to_string(std::abs(charge)) + (charge > 0 ? "+" : "-");
}

int hydrogens_in(const Ligand& ligand) {
    const auto composition = try_parse_formula(ligand.formula);
    if (!composition) {
        return -1;
    }
    const auto it = composition->find("H");
    return it == composition->end() ? 0 : it->second;
}

std::string without_stereo(const std::string& smiles) {
    std::string text;
    for (const char c : smiles) {
        if (c != '@' && c != '/' && c != '\\') {
            text += c;
        }
    }
    return text;
}

enum class Likeness { Same, Perhaps, Different };

Likeness compare(const Ligand& expected, const Ligand& found, bool hydrogens_missing) {
    if (without_stereo(expected.smiles) == without_stereo(found.smiles) && !found.smiles.empty()) {
        return Likeness::Same;
    }
    if (found.smiles.empty() || expected.smiles.empty()) {
        // Without a Lewis structure the formula is all there is.
        return expected.formula == found.formula ? Likeness::Perhaps : Likeness::Different;
    }
    try {
        if (skeleton_of(expected.smiles) != skeleton_of(found.smiles)) {
            return Likeness::Different;
        }
    } catch (const InputError&) {
        return expected.formula == found.formula ? Likeness::Perhaps : Likeness::Different;
    }
    if (hydrogens_in(expected) == hydrogens_in(found)) {
        return Likeness::Same;
    }
    return hydrogens_missing ? Likeness::Perhaps : Likeness::Different;
}

/// O, S, Se or Te that carries hydrogen or nothing, as OH, SH and water do; empty for others.
std::string lone_chalcogen(const Ligand& ligand) {
    auto composition = try_parse_formula(ligand.formula).value_or(Composition{});
    composition.erase("H");
    if (composition.size() != 1 || composition.begin()->second != 1) {
        return {};
    }
    const std::string& element = composition.begin()->first;
    const bool chalcogen = element == "O" || element == "S" || element == "Se" || element == "Te";
    return chalcogen ? element : std::string();
}

/// An average over the crystal leaves open whether one cluster has this many.
bool leaves_open(const std::map<std::string, double>& average,
                 const std::string& what,
                 int expected) {
    const auto found = average.find(what);
    return found != average.end() && std::abs(found->second - expected) < 1.0;
}

std::string average_text(const std::map<std::string, double>& average) {
    std::string all;
    for (const auto& [what, amount] : average) {
        char text[48];
        std::snprintf(text, sizeof text, "%s%.2f", what.c_str(), amount);
        all += text;
    }
    return all;
}

class Judge {
  public:
    Judge(const StructureReport& report, const Candidate& target, const Abbreviations& names)
        : report_(report), target_(target), names_(names) {
        add_hydrogens();
    }

    Verdict judge() {
        metals();
        anions();
        hydrides();
        ligands();
        charge();
        conclude();
        return std::move(verdict_);
    }

  private:
    void add(const std::string& field, Agreement agreement, const std::string& text) {
        verdict_.fields.push_back({field, agreement, text});
    }
    void note(const std::string& text) {
        auto& notes = verdict_.notes;
        if (std::find(notes.begin(), notes.end(), text) == notes.end()) {
            notes.push_back(text);
        }
    }

    /// X-rays rarely see the hydrogen of a bridging OH or SH: bare atoms stand for as many of them
    /// as the target has and the structure lacks.
    void add_hydrogens() {
        for (const LigandCount& wanted_ligand : target_.ligands) {
            const Ligand& ligand = wanted_ligand.ligand;
            const std::string element = lone_chalcogen(ligand);
            const auto bare = report_.core.anions.find(element);
            if (element.empty() || bare == report_.core.anions.end()) {
                continue;
            }
            auto entry = std::find_if(
                report_.ligands.begin(), report_.ligands.end(), [&](const LigandCount& found) {
                    return found.ligand.smiles == ligand.smiles;
                });
            const bool none = entry == report_.ligands.end();
            const auto wanted = target_.core.anions.find(element);
            const int kept = wanted == target_.core.anions.end() ? 0 : wanted->second;
            const int moved =
                std::min(bare->second - kept, wanted_ligand.count - (none ? 0 : entry->count));
            if (moved <= 0) {
                continue;
            }
            if (none) {
                report_.ligands.push_back({ligand, 0});
                entry = std::prev(report_.ligands.end());
            }
            entry->count += moved;
            bare->second -= moved;
            if (bare->second == 0) {
                report_.core.anions.erase(bare);
            }
            hydrogens_open_ = std::to_string(moved) + " " + element + " without hydrogen may be " +
                              name_of(ligand);
        }
    }

    void metals() {
        const Composition& expected = target_.core.metals;
        const Composition& found = report_.core.metals;
        if (!report_.fractional_metals.empty()) {
            fractional_metals();
        } else if (expected == found) {
            add("metals", Agreement::Yes, hill_formula(found));
        } else if (grouped(expected) == grouped(found)) {
            note(kNeedsMs);
            add("metals",
                Agreement::NotDetermined,
                expected_found(hill_formula(expected), hill_formula(found)) + ": " + kNeedsMs);
        } else {
            differ("metals",
                   expected_found(hill_formula(expected), hill_formula(found)) + " (" +
                       difference(expected, found) + ")");
            core_differs_ = true;
        }
    }

    /// An average over the crystal excludes a target only where it is a whole atom away from it.
    void fractional_metals() {
        std::map<std::string, double> excess;
        for (const auto& [element, amount] : report_.fractional_metals) {
            excess[scattering_group(element)] += amount;
        }
        for (const auto& [element, count] : target_.core.metals) {
            excess[scattering_group(element)] -= count;
        }
        const bool excluded = std::any_of(excess.begin(), excess.end(), [](const auto& entry) {
            return std::abs(entry.second) >= 1.0;
        });
        const std::string text = "expected " + hill_formula(target_.core.metals) +
                                 ", the crystal holds " + average_text(report_.fractional_metals) +
                                 " on average";
        if (excluded) {
            differ("metals", text);
            core_differs_ = true;
        } else {
            add("metals", Agreement::NotDetermined, text);
        }
    }

    void anions() {
        const Composition& expected = target_.core.anions;
        const Composition& found = report_.core.anions;
        if (!report_.fractional_anions.empty()) {
            fractional_anions();
        } else if (expected == found && !hydrogens_open_.empty()) {
            add("anions", Agreement::NotDetermined, hydrogens_open_);
        } else if (expected == found) {
            add("anions", Agreement::Yes, or_none(hill_formula(found)));
        } else if (report_.ligands_undecided) {
            add("anions", Agreement::NotDetermined, kUndecided);
        } else {
            differ("anions",
                   expected_found(hill_formula(expected), hill_formula(found)) + " (" +
                       difference(expected, found) + ")");
            core_differs_ = true;
        }
    }

    void fractional_anions() {
        std::map<std::string, int> expected(target_.core.anions.begin(), target_.core.anions.end());
        for (const auto& [formula, amount] : report_.fractional_anions) {
            expected.try_emplace(formula, 0);
        }
        const std::string text = "expected " + or_none(hill_formula(target_.core.anions)) +
                                 ", the crystal holds " + average_text(report_.fractional_anions) +
                                 " on average";
        if (std::all_of(expected.begin(), expected.end(), [&](const auto& entry) {
                return leaves_open(report_.fractional_anions, entry.first, entry.second);
            })) {
            add("anions", Agreement::NotDetermined, text);
        } else {
            differ("anions", text);
            core_differs_ = true;
        }
    }

    void hydrides() {
        const auto& expected = target_.core.hydrides;
        const auto& found = report_.core.hydrides;
        const auto text = [](const std::optional<int>& count) {
            return count ? std::to_string(*count) : std::string("unknown");
        };
        if (!expected || !found) {
            add("hydrides",
                Agreement::NotDetermined,
                "expected " + text(expected) +
                    ", the structure: " + (found ? std::to_string(*found) : "not determined"));
        } else if (*expected == *found) {
            add("hydrides", Agreement::Yes, text(found));
        } else {
            differ("hydrides", expected_found(text(expected), text(found)) + " hydrides");
            core_differs_ = true;
        }
    }

    std::string name_of(const Ligand& ligand) const {
        const std::string name = names_.name_of(ligand.smiles);
        if (name.empty()) {
            return ligand.smiles.empty() ? ligand.formula : ligand.formula + " " + ligand.smiles;
        }
        return name + " (" + ligand.formula + ")";
    }

    Likeness likeness(const Ligand& expected, const Ligand& found) const {
        return compare(expected, found, report_.hydrogens_missing);
    }

    /// Counts of species that were paired, expected and found.
    struct Pairing {
        std::map<std::size_t, int> found_by_expected;
        std::vector<std::string> missing;
        std::vector<std::string> extra;
        bool doubtful = false;
        bool partial = false;  ///< what is not always there would have to be, or not to be
    };

    Pairing pair_ligands() const {
        Pairing pairing;
        pairing.partial = report_.ligands_undecided;
        std::vector<char> used(report_.ligands.size(), 0);
        for (const Likeness wanted : {Likeness::Same, Likeness::Perhaps}) {
            for (std::size_t e = 0; e < target_.ligands.size(); ++e) {
                for (std::size_t f = 0; f < report_.ligands.size(); ++f) {
                    if (used[f] == 0 &&
                        likeness(target_.ligands[e].ligand, report_.ligands[f].ligand) == wanted) {
                        used[f] = 1;
                        pairing.found_by_expected[e] += report_.ligands[f].count;
                        pairing.doubtful = pairing.doubtful || wanted == Likeness::Perhaps;
                    }
                }
            }
        }
        for (std::size_t e = 0; e < target_.ligands.size(); ++e) {
            const auto& [ligand, count] = target_.ligands[e];
            if (pairing.found_by_expected.count(e) > 0) {
                continue;
            }
            if (report_.ligands_undecided ||
                leaves_open(report_.fractional_ligands, ligand.formula, count)) {
                pairing.partial = true;
            } else {
                pairing.missing.push_back(name_of(ligand));
            }
        }
        for (std::size_t f = 0; f < report_.ligands.size(); ++f) {
            const Ligand& ligand = report_.ligands[f].ligand;
            if (used[f] != 0) {
                continue;
            }
            if (leaves_open(report_.fractional_ligands, ligand.formula, 0)) {
                pairing.partial = true;
            } else {
                pairing.extra.push_back(name_of(ligand));
            }
        }
        return pairing;
    }

    std::string why_open() const {
        return report_.ligands_undecided
                   ? std::string(kUndecided)
                   : "the crystal holds " + average_text(report_.fractional_ligands) +
                         " on average";
    }

    void ligands() {
        const Pairing pairing = pair_ligands();
        species_differing_ =
            static_cast<int>(std::max(pairing.missing.size(), pairing.extra.size()));
        if (species_differing_ > 0) {
            differ(
                "ligands",
                expected_found(joined(pairing.missing, " and "), joined(pairing.extra, " and ")) +
                    " as ligand");
        } else if (pairing.doubtful) {
            add("ligands",
                Agreement::NotDetermined,
                "same skeletons; hydrogens that were not located leave the ligands open");
        } else if (!hydrogens_open_.empty()) {
            add("ligands", Agreement::NotDetermined, hydrogens_open_);
        } else if (pairing.partial) {
            add("ligands", Agreement::NotDetermined, why_open());
        } else {
            std::vector<std::string> all;
            for (const auto& entry : target_.ligands) {
                all.push_back(name_of(entry.ligand));
            }
            add("ligands", Agreement::Yes, or_none(joined(all, ", ")));
        }
        counts(pairing);
    }

    void counts(const Pairing& pairing) {
        std::vector<std::string> different;
        std::vector<std::string> equal;
        bool open = pairing.partial;
        for (const auto& [e, found] : pairing.found_by_expected) {
            const auto& [ligand, expected] = target_.ligands[e];
            if (leaves_open(report_.fractional_ligands, ligand.formula, expected) ||
                (report_.ligands_undecided && found < expected)) {
                open = true;
            } else if (expected == found) {
                equal.push_back(std::to_string(found) + " " + name_of(ligand));
            } else {
                different.push_back("expected " + std::to_string(expected) + " " + name_of(ligand) +
                                    ", found " + std::to_string(found));
            }
        }
        if (!different.empty()) {
            counts_differ_ = true;
            differ("ligand_counts", joined(different, "; "));
        } else if (species_differing_ > 0) {
            add("ligand_counts", Agreement::NotDetermined, "the ligands themselves differ");
        } else if (open) {
            add("ligand_counts", Agreement::NotDetermined, why_open());
        } else {
            add("ligand_counts", Agreement::Yes, or_none(joined(equal, ", ")));
        }
    }

    void charge() {
        const auto& expected = target_.charge;
        const auto& found = report_.charge;
        if (!expected || !found) {
            add("charge",
                Agreement::NotDetermined,
                "expected " + (expected ? charge_text(*expected) : "unknown") +
                    ", the structure: " + (found ? charge_text(*found) : "not determined"));
        } else if (*expected == *found) {
            add("charge", Agreement::Yes, charge_text(*found));
        } else {
            note(kChargeDiffers);
            // Alone it makes no other cluster; beside another difference it is one more.
            add("charge",
                differences_.empty() ? Agreement::NotDetermined : Agreement::No,
                expected_found(charge_text(*expected), charge_text(*found)) + ": " +
                    kChargeDiffers);
        }
    }

    void differ(const std::string& field, const std::string& text) {
        add(field, Agreement::No, text);
        differences_.push_back(field + ": " + text);
    }

    void conclude() {
        verdict_.confirmed = differences_.empty();
        for (const auto& field : verdict_.fields) {
            if (field.agreement == Agreement::NotDetermined) {
                verdict_.unchecked.push_back(field.field);
            }
        }
        const std::string asked = short_name(target_, names_);
        if (verdict_.confirmed) {
            verdict_.target_grade = 1.0;
            verdict_.text = "confirmed: " + asked;
            for (const auto& text : verdict_.notes) {
                verdict_.text += "; " + text;
            }
            if (!verdict_.unchecked.empty()) {
                verdict_.text += "; not checked: " + joined(verdict_.unchecked, ", ");
            }
            return;
        }
        verdict_.target_grade = analogue_grade(core_differs_, species_differing_, counts_differ_);
        verdict_.text = "analogue, not " + asked + ": " + joined(differences_, "; ");
    }

    StructureReport report_;  ///< with the hydrogens that the target lets us expect
    const Candidate& target_;
    const Abbreviations& names_;
    Verdict verdict_;
    std::vector<std::string> differences_;
    bool core_differs_ = false;
    bool counts_differ_ = false;
    std::string hydrogens_open_;  ///< what was added, in words
    int species_differing_ = 0;
};

/// Confirmed before analogue, and the more was checked the better.
std::pair<bool, int> rank(const Verdict& verdict) {
    return {verdict.confirmed, verdict.confirmed ? -static_cast<int>(verdict.unchecked.size()) : 0};
}

std::string name_of(const StructureReport& report, const Abbreviations& names) {
    Candidate found;
    found.core = report.core;
    found.ligands = report.ligands;
    found.charge = report.charge;
    return short_name(found, names);
}

/// A polymer beside a cluster is no cluster; any other block that was refused may hold the target.
void refuse_where_open(const std::vector<BlockAnalysis>& blocks) {
    for (const auto& block : blocks) {
        if (block.refused && (&block == &blocks.front() || block.refused->code() != "polymeric")) {
            throw InputError(*block.refused);
        }
    }
}

void warn_of_others(const std::vector<BlockAnalysis>& blocks,
                    const Abbreviations& names,
                    StructureReport& judged) {
    const std::string chosen = name_of(judged, names);
    const std::string begin = "block " + judged.block + " was judged; block ";
    const int small = std::min(3, judged.core.nuclearity());  // less is a counter-ion
    for (const auto& block : blocks) {
        if (block.refused) {
            judged.warnings.push_back("block " + block.block + " could not be judged (" +
                                      block.refused->code() + ")");
        }
        for (const auto& other : block.clusters) {
            const std::string name = name_of(other, names);
            if (&other == &judged || other.core.nuclearity() < small) {
                continue;
            }
            if (other.block == judged.block) {
                judged.warnings.push_back("a second cluster in the crystal, " + name + ": " +
                                          chosen + " was judged");
            } else {
                judged.warnings.push_back(begin + other.block +
                                          (name == chosen ? " holds the same cluster"
                                                          : " holds another cluster, " + name));
            }
        }
    }
}

}  // namespace

Verdict judge_structure(const StructureReport& report,
                        const Candidate& target,
                        const Abbreviations& names) {
    return Judge(report, target, names).judge();
}

void adopt_spelling(StructureReport& report, const Candidate& target) {
    for (auto& found : report.ligands) {
        for (const auto& expected : target.ligands) {
            // Acid or its anion: a hydrogen that was not located does not tell.
            const bool protonation = report.hydrogens_missing &&
                                     hydrogens_in(found.ligand) - hydrogens_in(expected.ligand) ==
                                         found.ligand.charge - expected.ligand.charge;
            const Likeness alike = compare(expected.ligand, found.ligand, protonation);
            if (alike == Likeness::Same || (protonation && alike == Likeness::Perhaps)) {
                found.ligand = expected.ligand;
                break;
            }
        }
    }
    report.ligands = normalised(std::move(report.ligands));
}

StructureReport judge_best(std::vector<BlockAnalysis> blocks,
                           const Candidate& target,
                           const Abbreviations& names) {
    StructureReport* best = nullptr;
    for (auto& block : blocks) {
        for (auto& report : block.clusters) {
            adopt_spelling(report, target);
            report.verdict = judge_structure(report, target, names);
            if (best == nullptr || rank(*report.verdict) > rank(*best->verdict)) {
                best = &report;
            }
        }
    }
    if (best == nullptr || !best->verdict->confirmed) {
        refuse_where_open(blocks);
    }
    assert(best != nullptr);
    warn_of_others(blocks, names, *best);
    return std::move(*best);
}

}  // namespace cupel::chemistry
