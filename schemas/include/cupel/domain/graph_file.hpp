// Graphs of cores and ligands in a plain text file, for builds that have no chemistry library.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include <cupel/domain/atom_graph.hpp>

namespace cupel {

/// One cluster of the table behind a graph file.
struct GraphRow {
    std::string id;
    std::size_t core = 0;                              ///< place in GraphFile::cores
    std::vector<std::pair<std::size_t, int>> ligands;  ///< place in GraphFile::ligands, count
};

/// The content of a graph file, format `graphs-1`; described in learner/data/README.md.
struct GraphFile {
    std::vector<CoreGraph> cores;           ///< each core composition once
    std::vector<AtomGraph> ligands;         ///< each ligand once
    std::vector<Fingerprint> fingerprints;  ///< one per ligand
    std::vector<GraphRow> rows;
};

/// Throws Error when the stream cannot be written.
void write_graph_file(std::ostream& out, const GraphFile& file);
/// `name` is used in messages. Throws InputError("bad_graphs"): "name:line: problem".
GraphFile read_graph_file(std::istream& in, const std::string& name);

}  // namespace cupel
