// Docks a shell of ligands on a core, donors inwards, until nothing clashes.
#pragma once

#include "cluster.hpp"
#include "conformers.hpp"

namespace cupel::simulator {

/// Adds every ligand of `order` to `cluster`, numbered as it stands there. `clearance` is the
/// distance kept between atoms of different ligands above the sum of their covalent radii,
/// angstrom. Bounded work; false, and the cluster as it was, when clashes remain.
bool dock_all(Cluster& cluster,
              const std::vector<const Conformers*>& order,
              double clearance,
              Random& random);

}  // namespace cupel::simulator
