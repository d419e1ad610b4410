// The atoms of cores that have coordinates, and which of them lie near each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::learner {

constexpr double kStructureCutoff = 5.0;  ///< angstrom

/// Several structures side by side; atoms and neighbours of one stand together, in its order.
struct StructureBatch {
    std::size_t atom_count() const { return structure_of.size(); }

    std::vector<std::int64_t> core;          ///< by structure: the row of its core
    std::vector<std::int64_t> structure_of;  ///< by atom: its structure
    /// By atom: element_properties().
    std::vector<float> properties;
    std::vector<float> inverse_size;  ///< by structure: 1 / atoms
    /// By neighbour, each of two both ways: the atom that hears and the one that is heard.
    std::vector<std::int64_t> to, from;
    std::vector<float> length;     ///< by neighbour: their distance, angstrom
    std::vector<float> direction;  ///< by neighbour: three numbers, from `to` to `from`, length 1
};

/// Cores without coordinates give nothing. Two atoms are neighbours where less than
/// kStructureCutoff lies between them; atoms at one place are none. Throws Error for a core whose
/// elements and positions differ in number or whose positions are not finite.
StructureBatch structure_batch(const std::vector<const CoreGraph*>& cores);

}  // namespace cupel::learner
