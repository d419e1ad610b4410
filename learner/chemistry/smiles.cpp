// The one door to RDKit's SMILES parser: its exceptions and log lines stop here.
#include <cstdlib>
#include <memory>

#include <GraphMol/Chirality.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <cupel/chemistry/smiles.hpp>
#include <cupel/domain/error.hpp>

#include "molecule.hpp"
#include "rdkit_log.hpp"

namespace cupel::chemistry {
namespace {

// The parser sets this variable at every call. Where it stands already nothing moves: to make room
// for it while another thread reads the environment, as for a child, would be a race. Done at
// loading, before there are threads.
[[maybe_unused]] const int kStereoVariableIsSet =
    ::setenv(RDKit::Chirality::useLegacyStereoEnvVar,
             RDKit::Chirality::useLegacyStereoDefaultVal ? "1" : "0",
             1);

}  // namespace

std::unique_ptr<RDKit::RWMol> parse_smiles(const std::string& smiles) {
    // RDKit reads "name-like" tails after a blank as a title; a ligand has none.
    const bool clean = smiles.find_first_of(" \t\r\n") == std::string::npos;
    std::unique_ptr<RDKit::RWMol> molecule;
    if (clean && smiles.size() <= 2000) {
        const QuietRdkit quiet;
        try {
            molecule.reset(RDKit::SmilesToMol(smiles));
        } catch (const std::exception&) {
            molecule.reset();
        }
    }
    if (!molecule || molecule->getNumAtoms() == 0) {
        throw InputError("bad_smiles", "'" + smiles.substr(0, 100) + "' is not a SMILES string");
    }
    return molecule;
}

std::string canonical_smiles(const std::string& smiles) {
    return RDKit::MolToSmiles(*parse_smiles(smiles));
}

}  // namespace cupel::chemistry
