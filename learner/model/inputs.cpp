// Features of cores, ligands and atoms; every scale is fixed here, none is learned from the data.
#include "inputs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include <cupel/domain/element.hpp>

namespace cupel::learner {
namespace {

constexpr std::array<const char*, 13> kMetals = {
    "Cu", "Ag", "Au", "Pd", "Pt", "Cd", "Hg", "Ni", "Fe", "Co", "Zn", "Al", "Sb"};
constexpr std::array<const char*, 14> kAnions = {
    "Cl", "Br", "I", "F", "S", "Se", "Te", "O", "N", "C", "P", "As", "B", "N2"};
constexpr std::array<const char*, 34> kClasses = {"carbonyl",
                                                  "cyanide",
                                                  "thiocyanate",
                                                  "isocyanide",
                                                  "alkynyl",
                                                  "dithiocarbamate",
                                                  "dithiocarboxylate",
                                                  "dithiophosphate",
                                                  "thiolate",
                                                  "dithiolate",
                                                  "selenolate",
                                                  "tellurolate",
                                                  "phosphine",
                                                  "diphosphine",
                                                  "phosphide",
                                                  "stibine",
                                                  "NHC",
                                                  "carbene",
                                                  "carbanion",
                                                  "carboxylate",
                                                  "diketonate",
                                                  "nitrate",
                                                  "sulfonate",
                                                  "phosphinate",
                                                  "pyrazolate",
                                                  "amidinate",
                                                  "anionic N",
                                                  "alkoxide",
                                                  "borohydride",
                                                  "neutral N",
                                                  "thioether",
                                                  "thione",
                                                  "neutral O",
                                                  "mixed"};
constexpr std::array<int, 12> kAtoms = {6, 7, 8, 9, 14, 15, 16, 17, 34, 35, 52, 53};

template <std::size_t N>
std::size_t place(const std::array<const char*, N>& names, std::string_view name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

// One entry per feature, in order, into a row that starts as zeros.
class Row {
  public:
    Row(std::vector<float>& values, std::size_t width) : values_(values), at_(values.size()) {
        values_.resize(at_ + width, 0.0F);
        end_ = values_.size();
    }
    void put(double value) {
        if (at_ < end_) {
            values_[at_++] = static_cast<float>(value);
        }
    }
    /// One of `n` places and the last for "other".
    void put_one_hot(std::size_t index, std::size_t n, double value = 1.0) {
        for (std::size_t i = 0; i <= n; ++i) {
            put(i == std::min(index, n) ? value : 0.0);
        }
    }

  private:
    std::vector<float>& values_;
    std::size_t at_;
    std::size_t end_ = 0;
};

void put_element(std::vector<float>& values, int z, int count, int total) {
    Row row(values, kElementFeatures);
    row.put_one_hot(place(kMetals, element_symbol(z)), kMetals.size());
    for (const double property : element_properties(z)) {
        row.put(property);
    }
    row.put(static_cast<double>(count) / total);
    row.put(std::log(static_cast<double>(count)) / 2.0);
}

void put_core(std::vector<float>& values, const CoreGraph& core) {
    Row row(values, kCoreFeatures);
    int total = 0;
    std::array<double, kMetals.size() + 1> metals{};
    for (const auto& [z, count] : core.metals) {
        total += count;
        metals[std::min(place(kMetals, element_symbol(z)), kMetals.size())] += count;
    }
    const double n = std::max(total, 1);
    for (const double count : metals) {
        row.put(count / n);
    }
    const double log_n = std::log(n);
    row.put(log_n / 2.0 - 1.0);
    row.put(n / 40.0);
    // Soft steps over log n: sizes form shells, which a line in log n cannot follow.
    for (int step = 0; step < 12; ++step) {
        const double distance = (log_n - 0.7 - 0.38 * step) / 0.3;
        row.put(std::exp(-0.5 * distance * distance));
    }
    std::array<double, kAnions.size() + 1> anions{};
    for (const auto& [formula, count] : core.anions) {
        anions[std::min(place(kAnions, formula), kAnions.size())] += count;
    }
    double anion_total = 0.0;
    for (const double count : anions) {
        row.put(std::log1p(count));
        row.put(count > 0 ? 1.0 : 0.0);
        anion_total += count;
    }
    row.put(anion_total / n);
    row.put(core.hydrides >= 0 ? 1.0 : 0.0);
    row.put(core.hydrides > 0 ? 1.0 : 0.0);
    row.put(core.hydrides > 0 ? std::log1p(static_cast<double>(core.hydrides)) : 0.0);
    row.put(core.hydrides > 0 ? core.hydrides / n : 0.0);
}

void put_atom(std::vector<float>& values, const GraphAtom& atom) {
    Row row(values, kAtomFeatures);
    std::size_t kind = 0;
    while (kind < kAtoms.size() && kAtoms[kind] != atom.atomic_number) {
        ++kind;
    }
    row.put_one_hot(kind, kAtoms.size());
    row.put(atom.formal_charge);
    row.put(atom.degree / 4.0);
    row.put(atom.hydrogens / 3.0);
    row.put_one_hot(atom.hybridisation, 3);
    row.put(atom.aromatic ? 1.0 : 0.0);
    row.put(atom.in_ring ? 1.0 : 0.0);
    row.put(atom.donor ? 1.0 : 0.0);
    const bool has_donor = atom.donor_distance != 255;
    row.put(has_donor ? 1.0 / (1.0 + atom.donor_distance) : 0.0);
    row.put(has_donor && atom.donor_distance == 1 ? 1.0 : 0.0);
    row.put(has_donor && atom.donor_distance == 2 ? 1.0 : 0.0);
    row.put(has_donor ? 0.0 : 1.0);
}

void put_globals(Row& row, const AtomGraph& graph) {
    row.put_one_hot(place(kClasses, graph.donor_class), kClasses.size());
    row.put_one_hot(static_cast<std::size_t>(std::clamp(graph.denticity, 0, 4)), 4);
    row.put(graph.charge);
    row.put(graph.charge == 0 ? 1.0 : 0.0);
    std::array<double, kAtoms.size() + 1> atoms{};
    std::array<double, kAtoms.size() + 1> donors{};
    std::array<double, 6> near_donor{};
    double aromatic = 0.0;
    double hydrogens = 0.0;
    double rings = 0.0;
    for (const auto& atom : graph.atoms) {
        std::size_t kind = 0;
        while (kind < kAtoms.size() && kAtoms[kind] != atom.atomic_number) {
            ++kind;
        }
        atoms[kind] += 1;
        donors[kind] += atom.donor ? 1 : 0;
        if (atom.donor_distance < near_donor.size()) {
            near_donor[atom.donor_distance] += 1;
        }
        aromatic += atom.aromatic ? 1 : 0;
        rings += atom.in_ring ? 1 : 0;
        hydrogens += atom.hydrogens;
    }
    const double size = std::max<double>(static_cast<double>(graph.atoms.size()), 1.0);
    for (const double count : atoms) {
        row.put(std::log1p(count) / 2.0);
    }
    for (const double count : donors) {
        row.put(count > 0 ? 1.0 : 0.0);
    }
    for (const double count : near_donor) {
        row.put(count / 4.0);
    }
    row.put(std::log(size) / 2.0);
    row.put(aromatic / size);
    row.put(rings / size);
    row.put(hydrogens / size / 2.0);
}

void put_ligand(std::vector<float>& values, const LigandInput& ligand) {
    std::vector<float> bits(kFingerprintBits, 0.0F);
    for (const auto& [bit, count] : ligand.fingerprint.counts) {
        bits[bit % kFingerprintBits] = std::min(
            1.0F, bits[bit % kFingerprintBits] + 0.5F + 0.25F * static_cast<float>(count - 1));
    }
    Row row(values, kLigandFeatures);
    for (const float bit : bits) {
        row.put(static_cast<double>(bit));
    }
    put_globals(row, ligand.graph);
}

void put_bond(LigandBatch& batch, const GraphBond& bond, std::size_t first_atom) {
    for (const bool forward : {true, false}) {
        const std::size_t from = first_atom + (forward ? bond.begin : bond.end);
        const std::size_t to = first_atom + (forward ? bond.end : bond.begin);
        batch.bond_from.push_back(static_cast<std::int64_t>(from));
        batch.bond_to.push_back(static_cast<std::int64_t>(to));
        Row row(batch.bonds, kBondFeatures);
        row.put_one_hot(static_cast<std::size_t>(bond.order - 1), 3);
        row.put(bond.in_ring ? 1.0 : 0.0);
        row.put(bond.conjugated ? 1.0 : 0.0);
    }
}

}  // namespace

std::array<double, kElementPropertyCount> element_properties(int z) {
    return {electronegativity(z) - 2.0,
            covalent_radius(z) - 1.3,
            atomic_weight(z) / 100.0 - 1.0,
            element_group(z) / 10.0 - 1.0,
            element_period(z) - 5.0};
}

CoreBatch core_batch(const std::vector<const CoreGraph*>& cores) {
    CoreBatch batch;
    batch.count = cores.size();
    for (std::size_t i = 0; i < cores.size(); ++i) {
        put_core(batch.features, *cores[i]);
        int total = 0;
        for (const auto& metal : cores[i]->metals) {
            total += metal.second;
        }
        for (const auto& [z, count] : cores[i]->metals) {
            put_element(batch.elements, z, std::max(count, 1), std::max(total, 1));
            batch.element_of.push_back(static_cast<std::int64_t>(i));
            batch.element_share.push_back(static_cast<float>(count) /
                                          static_cast<float>(std::max(total, 1)));
        }
    }
    return batch;
}

LigandBatch ligand_batch(const std::vector<const LigandInput*>& ligands) {
    LigandBatch batch;
    batch.count = ligands.size();
    for (std::size_t i = 0; i < ligands.size(); ++i) {
        put_ligand(batch.features, *ligands[i]);
        const AtomGraph& graph = ligands[i]->graph;
        const std::size_t first_atom = batch.atom_of.size();
        for (const auto& atom : graph.atoms) {
            put_atom(batch.atoms, atom);
            batch.atom_of.push_back(static_cast<std::int64_t>(i));
        }
        for (const auto& bond : graph.bonds) {
            put_bond(batch, bond, first_atom);
        }
        batch.inverse_size.push_back(
            1.0F / static_cast<float>(std::max<std::size_t>(graph.atoms.size(), 1)));
    }
    return batch;
}

SetInputs set_inputs(const Catalogue& catalogue, const std::vector<std::size_t>& sets) {
    SetInputs result;
    std::map<std::size_t, std::int64_t> row_of;
    std::vector<const LigandInput*> ligands;
    for (std::size_t s = 0; s < sets.size(); ++s) {
        const auto& members = catalogue.sets().at(sets[s]);
        for (const std::size_t ligand : members) {
            const auto [it, is_new] =
                row_of.emplace(ligand, static_cast<std::int64_t>(ligands.size()));
            if (is_new) {
                ligands.push_back(&catalogue.ligands().at(ligand));
            }
            result.sets.ligand.push_back(it->second);
            result.sets.set_of.push_back(static_cast<std::int64_t>(s));
            result.sets.share.push_back(1.0F / static_cast<float>(members.size()));
        }
        result.sets.features.push_back(
            std::log(static_cast<float>(std::max<std::size_t>(members.size(), 1))));
    }
    result.sets.count = sets.size();
    for (const std::size_t set : sets) {
        result.sets.widest = std::max(result.sets.widest, catalogue.sets()[set].size());
    }
    for (const std::size_t set : sets) {
        for (std::size_t i = 0; i < result.sets.widest; ++i) {
            const auto& members = catalogue.sets()[set];
            result.sets.padded.push_back(i < members.size()
                                             ? row_of.at(members[i])
                                             : static_cast<std::int64_t>(ligands.size()));
        }
    }
    result.ligands = ligand_batch(ligands);
    return result;
}

}  // namespace cupel::learner
