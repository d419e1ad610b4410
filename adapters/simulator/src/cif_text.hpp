// A cluster as the text of a small-molecule CIF.
#pragma once

#include <string>

#include "cluster.hpp"

namespace cupel::simulator {

/// Space group P1 in a box with room to every side, coordinates and cell with standard
/// uncertainties. No `_chemical_formula_sum`: a reader has to count atoms.
std::string cif_text(const Cluster& cluster, const std::string& block, Random& random);

}  // namespace cupel::simulator
