// The hazard rules on what is parsed already.
#pragma once

#include <string>
#include <vector>

#include <GraphMol/ROMol.h>

#include <cupel/domain/core.hpp>

namespace cupel::chemistry {

/// Names of the rules a molecule meets, in the order of hazard_rules().
std::vector<std::string> hazards_of_molecule(const RDKit::ROMol& molecule);
/// Of metals and anions.
std::vector<std::string> hazards_of_core(const Core& core);
/// Each rule once, in the order of hazard_rules().
std::vector<std::string> in_order(const std::vector<std::string>& names);

}  // namespace cupel::chemistry
