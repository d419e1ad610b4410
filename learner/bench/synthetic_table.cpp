// Chains of atoms with a donor at their head; cores of two or three metals.
#include "synthetic_table.hpp"

#include <algorithm>
#include <random>
#include <string>

namespace cupel::bench {

using learner::LigandInput;

namespace {

LigandInput chain(std::size_t number) {
    const std::size_t donor = number % 2 == 0 ? 16 : 15;
    const std::size_t length = 8 + number % 25;
    LigandInput ligand;
    ligand.graph.smiles = std::to_string(number);
    ligand.graph.donor_class = donor == 16 ? "thiolate" : "phosphine";
    ligand.graph.charge = donor == 16 ? -1 : 0;
    ligand.graph.denticity = 1;
    ligand.fingerprint.size = 2048;
    std::mt19937 random(static_cast<unsigned>(number));
    for (std::size_t i = 0; i < length; ++i) {
        GraphAtom atom;
        atom.atomic_number =
            static_cast<std::uint8_t>(i == 0 ? donor : (random() % 7 == 0 ? 8 : 6));
        atom.donor = i == 0;
        atom.donor_distance = static_cast<std::uint8_t>(i);
        ligand.graph.atoms.push_back(atom);
        if (i > 0) {
            ligand.graph.bonds.push_back({static_cast<std::uint16_t>(i - 1),
                                          static_cast<std::uint16_t>(i),
                                          1,
                                          false,
                                          false});
        }
        // A circular fingerprint of radius 2 has about two bits per atom.
        ligand.fingerprint.counts.emplace_back(random() % 2048, 1);
        ligand.fingerprint.counts.emplace_back(static_cast<std::uint32_t>(donor * 37 + i), 1);
    }
    return ligand;
}

}  // namespace

Table synthetic_table(std::size_t cores, std::size_t sets, std::size_t pairs) {
    Table table;
    for (std::size_t i = 0; i < cores; ++i) {
        CoreGraph core;
        core.metals = {{29, static_cast<int>(1 + i % 7)}, {79, static_cast<int>(2 + i / 7)}};
        if (i % 3 == 0) {
            core.metals.push_back({47, static_cast<int>(1 + i % 5)});
            std::sort(core.metals.begin(), core.metals.end());
        }
        table.catalogue.add_core(std::to_string(i), core);
    }
    std::mt19937 random(5);
    for (std::size_t i = 0; i < sets; ++i) {
        std::vector<std::size_t> members{table.catalogue.add_ligand(std::to_string(i), chain(i))};
        for (std::size_t more = random() % 3; more > 0 && i > 0; --more) {
            members.push_back(random() % i);
        }
        std::sort(members.begin(), members.end());
        members.erase(std::unique(members.begin(), members.end()), members.end());
        table.catalogue.add_set(std::to_string(i), members);
    }
    for (std::size_t i = 0; i < pairs; ++i) {
        table.known.push_back({i % cores, (i * 7 + i / cores) % sets});
    }
    return table;
}

learner::ScoringSide random_side(std::size_t count, std::size_t dot, std::size_t rectified) {
    std::mt19937 random(7);
    learner::ScoringSide side;
    side.count = count;
    side.dot.resize(count * dot);
    side.rectified.resize(count * rectified);
    for (auto* values : {&side.dot, &side.rectified}) {
        for (auto& value : *values) {
            value = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
        }
    }
    return side;
}

}  // namespace cupel::bench
