// Bonds between packed atoms, and the molecules they make, walked across cell faces.
#pragma once

#include <string>
#include <vector>

#include <cupel/domain/element.hpp>

#include "packing.hpp"

namespace cupel::chemistry {

struct Bond {
    int to = 0;
    Shift shift{};
    double length = 0.0;
    double ratio = 0.0;
};

/// Bonds of each cell atom, both ways.
using BondTable = std::vector<std::vector<Bond>>;

/// An atom of a molecule that hangs together, in the cell where it belongs to it.
struct Member {
    int atom = 0;
    Shift shift{};
};

struct Molecule {
    std::vector<Member> members;
    bool endless = false;  ///< reaches its own image: a chain, a sheet or a network
    Composition composition;
    Composition skeleton;  ///< without hydrogen, which is located in one image and not in another
    int metals = 0;
    int coinage = 0;
};

struct Molecules {
    BondTable bonds;
    std::vector<Molecule> all;
    std::vector<std::string> warnings;
};

/// Alkali and heavier alkaline-earth metals: ions, which take part in no bond here.
bool is_ion_metal(int element);

/// Of two elements, over the sum of their covalent radii; what is shorter is a clash.
double shortest_bond(int a, int b);

/// Decides which contacts are bonds and walks the molecules.
/// Metal-metal contacts between two whole, equal molecules do not make them one where they would
/// make an endless chain or are few and long: stacked complexes and touching clusters stay apart.
Molecules find_molecules(const Packing& packing);

}  // namespace cupel::chemistry
