// A small chemistry with a rule that can be learned: gold goes with sulfur, copper with phosphorus.
#pragma once

#include <string>
#include <vector>

#include <cupel/learner/catalogue.hpp>
#include <cupel/learner/learner.hpp>

namespace cupel::test {

struct ToyData {
    learner::Catalogue catalogue;
    std::vector<learner::Pair> known;  ///< that follow the rule
    std::vector<learner::Pair> wrong;  ///< that do not
};

inline learner::LigandInput toy_ligand(int donor, int length) {
    learner::LigandInput ligand;
    ligand.graph.smiles = (donor == 16 ? "S" : "P") + std::string(length, 'C');
    ligand.graph.donor_class = donor == 16 ? "thiolate" : "phosphine";
    ligand.graph.charge = donor == 16 ? -1 : 0;
    ligand.graph.denticity = 1;
    ligand.fingerprint.size = 2048;
    for (int i = 0; i <= length; ++i) {
        GraphAtom atom;
        atom.atomic_number = static_cast<std::uint8_t>(i == 0 ? donor : 6);
        atom.degree = static_cast<std::uint8_t>(i == 0 || i == length ? 1 : 2);
        atom.hydrogens = 2;
        atom.hybridisation = 3;
        atom.donor = i == 0;
        atom.donor_distance = static_cast<std::uint8_t>(i);
        ligand.graph.atoms.push_back(atom);
        if (i > 0) {
            GraphBond bond;
            bond.begin = static_cast<std::uint16_t>(i - 1);
            bond.end = static_cast<std::uint16_t>(i);
            ligand.graph.bonds.push_back(bond);
        }
        ligand.fingerprint.counts.emplace_back(static_cast<std::uint32_t>(donor * 7 + i), 1);
    }
    return ligand;
}

inline CoreGraph toy_core(int metal, int count) {
    CoreGraph core;
    core.metals = {{static_cast<std::uint8_t>(metal), count}};
    return core;
}

inline ToyData toy_data() {
    ToyData data;
    for (int i = 0; i < 12; ++i) {
        const bool gold = i % 2 == 0;
        const std::size_t core = data.catalogue.add_core(
            (gold ? "Au" : "Cu") + std::to_string(6 + i), toy_core(gold ? 79 : 29, 6 + i));
        const int donor = gold ? 16 : 15;
        const auto input = toy_ligand(donor, 2 + i);
        const std::size_t ligand = data.catalogue.add_ligand(input.graph.smiles, input);
        data.catalogue.add_set(input.graph.smiles, {ligand});
        data.known.push_back({core, core});
    }
    for (std::size_t i = 0; i < 12; ++i) {
        for (std::size_t j = 0; j < 12; ++j) {
            if (i != j && i % 2 == j % 2 && (i + j) % 3 == 0) {
                data.known.push_back({i, j});
            }
            if (i % 2 != j % 2) {
                data.wrong.push_back({i, j});
            }
        }
    }
    return data;
}

inline learner::LearnerOptions toy_options() {
    learner::LearnerOptions options;
    options.members = 2;
    options.epochs = 40;
    options.width = 32;
    options.embedding = 8;
    options.rectified = 8;
    options.seed = 3;
    return options;
}

}  // namespace cupel::test
