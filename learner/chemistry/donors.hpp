// Which atoms of a ligand bind the core, and what such a ligand is called.
#pragma once

#include <string>
#include <vector>

namespace RDKit {
class ROMol;
}

namespace cupel::chemistry {

struct DonorPerception {
    std::vector<unsigned> atoms;  ///< indices, ascending
    std::string donor_class;
};

/// Reads donors off a ligand written as bound: anionic atoms, phosphorus(III), carbenes and their
/// like first; neutral nitrogen, sulfur and oxygen only where nothing stronger binds, or beside it
/// in a chelate.
DonorPerception perceive_donors(const RDKit::ROMol& molecule);

/// The class of a ligand whose donor atoms are known, as they are from a crystal structure.
std::string donor_class_of(const RDKit::ROMol& molecule, const std::vector<unsigned>& donors);

}  // namespace cupel::chemistry
