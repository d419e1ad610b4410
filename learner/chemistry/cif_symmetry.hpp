// The symmetry operations of one block of a CIF.
#pragma once

#include <vector>

#include <gemmi/cif.hpp>

#include "crystal.hpp"

namespace cupel::chemistry {

/// Those listed, else those of the space group named, the identity first; the identity alone, with
/// a warning, where the block says nothing. `crystal` has its cell. Throws InputError `bad_cell`
/// for what is given and not understood, forms no group or does not fit the cell: without its
/// images half a cluster would pass for a whole one.
/// Returns the operations of the space group named where the identity alone is listed, for
/// try_operations().
std::vector<SymmetryOperation> read_symmetry(const gemmi::cif::Block& block, Crystal& crystal);

/// A list of the identity alone may have been cut short, or a whole cell may keep the name of its
/// group. Takes the named operations, with a warning, unless they put atoms of the crystal, whose
/// sites are known now, upon others.
void try_operations(Crystal& crystal, std::vector<SymmetryOperation> named);

}  // namespace cupel::chemistry
