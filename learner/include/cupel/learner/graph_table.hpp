// A graph file as the learner's numbers: known clusters without a chemistry library.
#pragma once

#include <vector>

#include <cupel/domain/graph_file.hpp>
#include <cupel/learner/catalogue.hpp>

namespace cupel::learner {

/// Known clusters, each pair once, in order of its first row.
struct KnownTable {
    Catalogue catalogue;
    std::vector<Pair> known;
};

/// The clusters of a graph file; counts of ligands are ignored. Throws InputError("bad_graphs")
/// for a row without ligands or with a place that the file does not hold.
KnownTable known_table(const GraphFile& file);

}  // namespace cupel::learner
