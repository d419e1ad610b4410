// The inorganic core of a cluster. See schemas/README.md for what belongs to it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/element.hpp>

namespace cupel {

/// One atom of a core with coordinates.
struct CoreAtom {
    int atomic_number = 0;
    std::array<double, 3> position{};  ///< angstrom, Cartesian
    double occupancy = 1.0;
};

/// Coinage metals with their dopants, bare mono-atomic anions and enclosed inorganic anions.
/// A core carries no charge and no electron count: both belong to the Candidate.
struct Core {
    Composition metals;  ///< e.g. {Au: 25}
    Composition anions;  ///< bare and enclosed anions by formula, e.g. {Cl: 1, CO3: 1}; no hydride
    std::optional<int> hydrides;  ///< nothing = not determined, never zero by default
    std::vector<CoreAtom> atoms;  ///< empty when only the formula is known

    /// Number of metal atoms.
    int nuclearity() const noexcept;
    /// Metals, anions, known hydrides, each in Hill order: "Au25", "Cu20Cl", "Ag25Cl2H2".
    std::string formula() const;
};

}  // namespace cupel
