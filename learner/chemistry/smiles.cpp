// The one door to RDKit's SMILES parser: its exceptions and log lines stop here.
#include <cupel/chemistry/smiles.hpp>

#include <memory>

#include <GraphMol/RWMol.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <cupel/domain/error.hpp>

#include "rdkit_log.hpp"

namespace cupel::chemistry {

std::string canonical_smiles(const std::string& smiles) {
    const QuietRdkit quiet;
    std::unique_ptr<RDKit::RWMol> molecule;
    try {
        molecule.reset(RDKit::SmilesToMol(smiles));
    } catch (const std::exception&) {
        molecule.reset();
    }
    if (!molecule || molecule->getNumAtoms() == 0) {
        throw InputError("bad_smiles", "'" + smiles + "' is not a SMILES string");
    }
    if (smiles.find('.') != std::string::npos) {
        throw InputError("bad_smiles", "'" + smiles + "' has more than one part; give one ligand");
    }
    return RDKit::MolToSmiles(*molecule);
}

}  // namespace cupel::chemistry
