// What the chemistry library exports is what the learner reads where there is none.
#include <sstream>

#include <cupel/chemistry/reported_table.hpp>
#include <cupel/learner/graph_table.hpp>
#include <cupel/workbench/dataset.hpp>

#include "catch.hpp"
#include "test_paths.hpp"

using namespace cupel;

TEST_CASE("exported graphs train the same pairs as the table", "[workbench]") {
    const auto table = test::source_dir() / "learner" / "data" / "clusters.csv";
    std::stringstream text;
    write_graph_file(text, chemistry::graph_file_of(chemistry::load_reported_table(table)));
    const auto read = learner::known_table(read_graph_file(text, "graphs"));
    const auto data = workbench::load_dataset(table);
    REQUIRE(read.known.size() == data.known.size());
    int different = 0;
    for (std::size_t i = 0; i < data.known.size(); ++i) {
        const auto& a = read.known[i];
        const auto& b = data.known[i];
        const auto& ligand_a = read.catalogue.ligands()[read.catalogue.sets()[a.set][0]];
        const auto& ligands_b = data.catalogue.sets()[b.set];
        bool found = false;
        for (const auto place : ligands_b) {
            const auto& ligand_b = data.catalogue.ligands()[place];
            found = found || (ligand_a.graph.smiles == ligand_b.graph.smiles &&
                              ligand_a.fingerprint.counts == ligand_b.fingerprint.counts &&
                              ligand_a.graph.atoms.size() == ligand_b.graph.atoms.size());
        }
        const bool same_core =
            read.catalogue.cores()[a.core].metals == data.catalogue.cores()[b.core].metals &&
            read.catalogue.cores()[a.core].anions == data.catalogue.cores()[b.core].anions;
        different += found && same_core ? 0 : 1;
    }
    CHECK(different == 0);
}
