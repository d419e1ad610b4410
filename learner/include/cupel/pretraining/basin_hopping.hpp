// The best minimum of one composition: basin hopping (Wales & Doye, J. Phys. Chem. A 1997, 101,
// 5111).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <cupel/domain/element.hpp>
#include <cupel/pretraining/gupta_potential.hpp>

namespace cupel::pretraining {

struct Minimum {
    Cluster cluster;
    double energy = 0.0;  ///< eV
};

struct HoppingOptions {
    int hops = 100;
    std::uint64_t seed = 0;
    double temperature = 0.4;       ///< eV, of the Metropolis rule
    std::function<bool()> is_over;  ///< asked before each hop; true ends the search early
};

/// Starts from each of `starts` (same composition, any energy) and from a packed random cluster,
/// and goes on from the best: atoms are shaken, the least bound one is moved over the surface, and
/// unlike atoms change places. The same seed gives the same minimum.
Minimum best_minimum(const Composition& composition,
                     const std::vector<Cluster>& starts,
                     const HoppingOptions& options);

/// Energies of the atoms one by one (eV); they sum up to the cluster's.
std::vector<double> atom_energies(const Cluster& cluster);

/// What a minimum looks like, in numbers that do not depend on its place, turn or size.
struct Shape {
    double anisotropy = 0.0;  ///< relative shape anisotropy of the gyration tensor: 0 round, 1 rod
    double coordination = 0.0;  ///< mean number of neighbours within 1.25 of their r0
    double inner_share = 0.0;   ///< share of atoms with 12 neighbours or more
};
Shape shape_of(const Cluster& cluster);

}  // namespace cupel::pretraining
