// A cluster taken apart: core metals, bare and enclosed anions, hydrides, ligands.
#pragma once

#include <string>
#include <vector>

#include "bond_orders.hpp"
#include "molecules.hpp"

namespace cupel::chemistry {

struct ClusterParts {
    std::vector<Member> metals;
    std::vector<std::pair<std::string, std::vector<Member>>> anions;  ///< formula, atoms
    std::vector<Member> hydrides;
    std::vector<Fragment> ligands;
    int waters_without_hydrogen = 0;  ///< oxygen on one metal, taken as water
};

/// The division of domain.md, section "Core and ligands".
ClusterParts take_apart(const Packing& packing, const BondTable& bonds, const Molecule& cluster);

/// A molecule beside the cluster as one fragment without a core.
Fragment whole_fragment(const Packing& packing, const BondTable& bonds, const Molecule& molecule);

}  // namespace cupel::chemistry
