// Packs the metals and bare anions of a core.
#pragma once

#include <cupel/domain/core.hpp>

#include "cluster.hpp"

namespace cupel::simulator {

/// How much surface a packing offers: each attempt asks for more.
struct CoreShape {
    double stretch = 1.0;  ///< of one axis; above 1 a rod, below 1 a plate
    double spacing = 1.0;  ///< factor on the metal-metal distance
    bool salt = false;     ///< metals and anions alternate, for cores rich in anions
};

/// A piece of a close-packed lattice with the anions over hollows of its surface, or, for `salt`,
/// a piece of the rock-salt lattice. Throws InputError("cannot_build") for enclosed polyatomic
/// anions and when an anion finds no place.
Cluster pack_core(const Core& core, const CoreShape& shape, Random& random);

}  // namespace cupel::simulator
