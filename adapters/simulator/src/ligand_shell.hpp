// Docks a shell of ligands on a core, donors inwards, until nothing clashes.
#pragma once

#include "cluster.hpp"
#include "conformers.hpp"

namespace cupel::simulator {

/// What may still be spent on one structure, in pairs of atoms compared: a bound that does not
/// depend on the machine. A billion take one or two seconds.
struct WorkBudget {
    double pairs_left = 2e9;
};

/// Adds every ligand of `order` to `cluster`, numbered as it stands there. `clearance` is the
/// distance kept between atoms of different ligands above the sum of their covalent radii,
/// angstrom. False, and the cluster as it was, when clashes remain or the budget is spent.
bool dock_all(Cluster& cluster,
              const std::vector<const Conformers*>& order,
              double clearance,
              Random& random,
              WorkBudget& budget);

}  // namespace cupel::simulator
