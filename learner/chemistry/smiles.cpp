// The one door to RDKit's SMILES parser: its exceptions and log lines stop here.
#include <cstdlib>
#include <cstring>
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

/// Counted in the text, before RDKit spends time on it: brackets are one each, elsewhere each
/// element of the organic subset and '*'.
std::size_t atoms_in(const std::string& smiles) {
    std::size_t atoms = 0;
    bool in_bracket = false;
    for (const char c : smiles) {
        if (c == '[' || c == ']') {
            in_bracket = c == '[';
            atoms += in_bracket ? 1 : 0;
        } else if (!in_bracket) {
            atoms += (c >= 'A' && c <= 'Z') || std::strchr("bcnops*", c) != nullptr ? 1 : 0;
        }
    }
    return atoms;
}

[[noreturn]] void refuse(const std::string& smiles, const std::string& what) {
    throw InputError("bad_smiles", "'" + smiles.substr(0, 100) + "' " + what);
}

}  // namespace

std::unique_ptr<RDKit::RWMol> parse_smiles(const std::string& smiles) {
    if (smiles.size() > kLongestSmiles) {
        refuse(smiles.substr(0, 20) + "...",
               "is longer than the " + std::to_string(kLongestSmiles) +
                   " characters of a ligand's SMILES");
    }
    if (atoms_in(smiles) > kMostSmilesAtoms) {
        refuse(smiles.substr(0, 20) + "...",
               "has more than the " + std::to_string(kMostSmilesAtoms) +
                   " atoms of a ligand's SMILES");
    }
    // RDKit reads "name-like" tails after a blank as a title; a ligand has none.
    const bool clean = smiles.find_first_of(" \t\r\n") == std::string::npos;
    std::unique_ptr<RDKit::RWMol> molecule;
    if (clean) {
        const QuietRdkit quiet;
        try {
            molecule.reset(RDKit::SmilesToMol(smiles));
        } catch (const std::exception&) {
            molecule.reset();
        }
    }
    if (!molecule || molecule->getNumAtoms() == 0) {
        refuse(smiles, "is not a SMILES string");
    }
    return molecule;
}

std::string canonical_smiles(const std::string& smiles) {
    return RDKit::MolToSmiles(*parse_smiles(smiles));
}

}  // namespace cupel::chemistry
