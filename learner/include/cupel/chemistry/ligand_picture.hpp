// Drawings of ligands with a weight on each atom.
#pragma once

#include <string>
#include <vector>

namespace cupel::chemistry {

/// A ligand and one weight per heavy atom, in the order of its SMILES; no weights, no colours.
struct WeightedLigand {
    std::string smiles;
    std::vector<double> weights;
    std::string caption;
};

/// One SVG with all of them side by side: atoms that speak for (positive) in green, against in
/// red, as strongly as the largest weight among all of them allows. The same input, the same bytes.
/// Throws InputError("bad_smiles", "bad_weights").
std::string ligand_picture(const std::vector<WeightedLigand>& ligands);

}  // namespace cupel::chemistry
