// From rows of places to pairs of a catalogue.
#include <set>
#include <string>

#include <cupel/domain/error.hpp>
#include <cupel/learner/graph_table.hpp>

namespace cupel::learner {

KnownTable known_table(const GraphFile& file) {
    KnownTable table;
    std::set<Pair> seen;
    for (const auto& row : file.rows) {
        if (row.core >= file.cores.size() || row.ligands.empty()) {
            throw InputError("bad_graphs", "row " + row.id + ": no such core, or no ligand");
        }
        Pair pair;
        // A graph file holds each core once, so its place names it.
        pair.core = table.catalogue.add_core(std::to_string(row.core), file.cores[row.core]);
        std::set<std::string> names;
        std::vector<std::size_t> ligands;
        for (const auto& [place, count] : row.ligands) {
            if (place >= file.ligands.size() || place >= file.fingerprints.size()) {
                throw InputError("bad_graphs", "row " + row.id + ": no such ligand");
            }
            const AtomGraph& graph = file.ligands[place];
            names.insert(graph.smiles);
            ligands.push_back(
                table.catalogue.add_ligand(graph.smiles, {graph, file.fingerprints[place]}));
        }
        std::string key;
        for (const auto& name : names) {
            key += (key.empty() ? "" : "|") + name;
        }
        pair.set = table.catalogue.add_set(key, std::move(ligands));
        if (seen.insert(pair).second) {
            table.known.push_back(pair);
        }
    }
    return table;
}

}  // namespace cupel::learner
