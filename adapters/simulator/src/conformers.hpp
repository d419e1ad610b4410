// Ligand conformers with their donors, made by RDKit and kept.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "geometry.hpp"

namespace cupel::simulator {

/// One ligand in space, hydrogens included.
struct Conformers {
    std::vector<int> elements;              ///< atomic numbers
    std::vector<double> radii;              ///< covalent, angstrom
    std::vector<std::vector<int>> bonded;   ///< neighbours of each atom
    std::vector<int> donors;                ///< atoms that bind the core
    std::vector<char> is_donor;             ///< of each atom
    std::vector<bool> linear;               ///< donor is an sp carbon or nitrogen: it binds end-on
    std::vector<std::vector<Vec3>> shapes;  ///< coordinates; at least one
};

class ConformerLibrary {
  public:
    /// Throws InputError("cannot_build") for ligands of several parts and those RDKit cannot embed.
    const Conformers& of(const std::string& smiles);

  private:
    std::map<std::string, Conformers> known_;
};

}  // namespace cupel::simulator
