// An integrator's program: the learner alone, from the installed package, on graphs made by hand.
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <cupel/domain/graph_file.hpp>
#include <cupel/learner/graph_table.hpp>
#include <cupel/learner/learner.hpp>

namespace {

using namespace cupel;

// A chain of carbon atoms behind one donor.
void add_ligand(GraphFile& file, int donor, int length) {
    AtomGraph graph;
    graph.smiles = std::string(donor == 16 ? "[S-]" : "P") + std::string(length, 'C');
    graph.donor_class = donor == 16 ? "thiolate" : "phosphine";
    graph.charge = donor == 16 ? -1 : 0;
    graph.denticity = 1;
    Fingerprint fingerprint;
    fingerprint.size = 2048;
    for (int i = 0; i <= length; ++i) {
        GraphAtom atom;
        atom.atomic_number = static_cast<std::uint8_t>(i == 0 ? donor : 6);
        atom.donor = i == 0;
        atom.donor_distance = static_cast<std::uint8_t>(i);
        graph.atoms.push_back(atom);
        if (i > 0) {
            GraphBond bond;
            bond.begin = static_cast<std::uint16_t>(i - 1);
            bond.end = static_cast<std::uint16_t>(i);
            graph.bonds.push_back(bond);
        }
        fingerprint.counts.emplace_back(static_cast<std::uint32_t>(donor * 7 + i), 1);
    }
    file.ligands.push_back(graph);
    file.fingerprints.push_back(fingerprint);
}

// Gold goes with sulfur, copper with phosphorus.
GraphFile by_hand() {
    GraphFile file;
    for (int i = 0; i < 12; ++i) {
        CoreGraph core;
        core.metals = {{static_cast<std::uint8_t>(i % 2 == 0 ? 79 : 29), 6 + i}};
        file.cores.push_back(core);
        add_ligand(file, i % 2 == 0 ? 16 : 15, 2 + i);
    }
    for (std::size_t i = 0; i < 12; ++i) {
        for (std::size_t j = i % 2; j < 12; j += 2) {
            if (i == j || (i + j) % 3 == 0) {
                file.rows.push_back({std::to_string(i) + "-" + std::to_string(j), i, {{j, 1}}});
            }
        }
    }
    return file;
}

}  // namespace

// usage: consumer [GRAPHS]: a file of `cupel pool export` in place of the hand-made one.
int main(int argc, char** argv) {
    try {
        GraphFile file;
        if (argc > 1) {
            std::ifstream in(argv[1], std::ios::binary);
            file = read_graph_file(in, argv[1]);
        } else {
            file = by_hand();
        }
        const learner::KnownTable table = learner::known_table(file);
        learner::LearnerOptions options;
        options.members = 1;
        options.epochs = 60;
        options.width = 32;
        options.embedding = 8;
        options.rectified = 8;
        const auto model = learner::Learner::train(table.catalogue, table.known, {}, options);
        const learner::Pair known = table.known.front();
        const learner::Pair swapped{known.core, table.known.back().set};
        const auto scores = model.predict(table.catalogue, {known, swapped});
        std::printf(
            "learner %.12s: %zu pairs known; p = %.2f for the first, %.2f with other ligands\n",
            model.hash().c_str(),
            table.known.size(),
            scores[0].probability,
            scores[1].probability);
        return argc > 1 || scores[0].probability > scores[1].probability ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "learner_only: %s\n", error.what());
        return 1;
    }
}
