// Electron bookkeeping: what the parts of a cluster take from its metals.
#include <array>
#include <cstdlib>

#include <cupel/chemistry/electron_count.hpp>

namespace cupel::chemistry {
namespace {

std::optional<int> look_up(const std::map<std::string, int>& table, const std::string& name) {
    const auto it = table.find(name);
    return it == table.end() ? std::nullopt : std::optional<int>(it->second);
}

}  // namespace

std::optional<int> metal_valence(const std::string& element) {
    static const std::map<std::string, int> valence{
        {"Cu", 1}, {"Ag", 1}, {"Au", 1}, {"Ni", 0}, {"Pd", 0}, {"Pt", 0}, {"Cd", 2}, {"Hg", 2}};
    return look_up(valence, element);
}

std::optional<int> anion_charge(const std::string& anion) {
    // N2 as in [Au6N2(PR3)6]2+, a hydrazide.
    static const std::map<std::string, int> charge{
        {"F", 1},   {"Cl", 1},  {"Br", 1},  {"I", 1},    {"O", 2},    {"S", 2},   {"Se", 2},
        {"Te", 2},  {"N", 3},   {"P", 3},   {"As", 3},   {"C", 4},    {"C2", 2},  {"N2", 4},
        {"CO3", 2}, {"SO4", 2}, {"PO4", 3}, {"CrO4", 2}, {"MoO4", 2}, {"WO4", 2}, {"W6O21", 6}};
    return look_up(charge, anion);
}

ElectronCount count_electrons(const Candidate& candidate,
                              const std::map<std::string, int>& oxidation_states) {
    ElectronCount result;
    if (!candidate.charge) {
        result.unknown = "the charge is unknown";
        return result;
    }
    int n = -*candidate.charge;
    for (const auto& [element, count] : candidate.core.metals) {
        const auto stated = look_up(oxidation_states, element);
        const auto valence = stated ? stated : metal_valence(element);
        if (!valence) {
            result.unknown = "the oxidation state of " + element + " is not stated";
            return result;
        }
        n += *valence * count;
    }
    for (const auto& [anion, count] : candidate.core.anions) {
        const auto charge = anion_charge(anion);
        if (!charge) {
            result.unknown = "the charge of the anion " + anion + " is not known";
            return result;
        }
        n -= *charge * count;
    }
    for (const auto& [ligand, count] : candidate.ligands) {
        if (ligand.formula.empty()) {
            result.unknown = "the ligand '" + ligand.smiles + "' is not described";
            return result;
        }
        n += ligand.charge * count;
    }
    const int hydrogen = candidate.core.hydrides.value_or(0);
    result.n = n - hydrogen;
    result.n_hydrogen_in = n + hydrogen;
    return result;
}

int nearest_magic_number(int electrons) {
    constexpr std::array kMagic{0, 2, 8, 18, 20, 34, 40, 58, 92};
    int nearest = kMagic[0];
    for (const int magic : kMagic) {
        if (std::abs(magic - electrons) < std::abs(nearest - electrons)) {
            nearest = magic;
        }
    }
    return nearest;
}

int distance_to_magic_number(int electrons) {
    return std::abs(electrons - nearest_magic_number(electrons));
}

}  // namespace cupel::chemistry
