// Bond orders and formal charges from connectivity, hydrogens and geometry; SMILES as bound.
#pragma once

#include <string>
#include <vector>

#include <cupel/domain/element.hpp>

#include "crystal.hpp"

namespace cupel::chemistry {

struct FragmentAtom {
    int element = 0;
    Point place{};
    int hydrogens = 0;   ///< located in the structure
    int core_bonds = 0;  ///< bonds to the core's metals and to metals of its own fragment
};

struct FragmentBond {
    int a = 0;
    int b = 0;
    double length = 0.0;
};

/// The heavy atoms of a ligand or a molecule. Bonds to metals are not listed.
struct Fragment {
    std::vector<FragmentAtom> atoms;
    std::vector<FragmentBond> bonds;
    double occupancy = 1.0;  ///< mean of the atoms
    bool undecided = false;  ///< holds what is left of alternatives that could not be told apart
};

struct PerceivedLigand {
    std::string smiles;       ///< canonical; empty when no sound Lewis structure was found
    Composition composition;  ///< of the Lewis structure, completed hydrogens included
    int charge = 0;
    int missing_hydrogens = 0;  ///< completed by valence
};

/// Finds the Lewis structure with fewest open valences and charges: double bonds are laid between
/// unsaturated atoms (from hydrogens where those were located, else from angles and lengths), what
/// is left over on a donor is its charge.
PerceivedLigand perceive_bonds(const Fragment& fragment);

/// Elements and connectivity of the heavy atoms, canonical: equal for a thiol and its thiolate,
/// different for PET and SPhMe2.
std::string skeleton_of(const Fragment& fragment);
/// The same for a SMILES; throws InputError("bad_smiles").
std::string skeleton_of(const std::string& smiles);

}  // namespace cupel::chemistry
