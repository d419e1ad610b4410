// A ligand as bound to the core, and ligands with their counts.
#pragma once

#include <string>
#include <vector>

namespace cupel {

/// A group bound to the core through donor atoms.
/// `smiles` is canonical (RDKit, with stereo) and written as bound: thiolate [S-]CCc1ccccc1, not
/// the thiol.
struct Ligand {
    std::string smiles;
    std::string formula;              ///< Hill, of the ligand as bound: "C8H9S"
    int charge = 0;                   ///< formal charge of `smiles`
    std::vector<std::string> donors;  ///< element symbols, sorted; empty when not perceived
    std::string donor_class;          ///< "thiolate", "phosphine", ...; "other" when none fits
    int denticity = 0;                ///< number of donor atoms; 0 when not perceived
};

/// One ligand species and how many of it the cluster holds.
struct LigandCount {
    Ligand ligand;
    int count = 0;
};

/// Sorted by SMILES, each species once, counts of at least one.
using LigandSet = std::vector<LigandCount>;

/// Sorts and merges equal species.
LigandSet normalised(LigandSet ligands);

}  // namespace cupel
