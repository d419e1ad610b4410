// The symmetry operations of one block of a CIF.
#pragma once

#include <gemmi/cif.hpp>

#include "crystal.hpp"

namespace cupel::chemistry {

/// Those listed, else those of the space group named, the identity first; the identity alone, with
/// a warning, where the block says nothing. `crystal` has its cell. Throws InputError `bad_cell`
/// for what is given and not understood, forms no group or does not fit the cell: without its
/// images half a cluster would pass for a whole one.
void read_symmetry(const gemmi::cif::Block& block, Crystal& crystal);

}  // namespace cupel::chemistry
