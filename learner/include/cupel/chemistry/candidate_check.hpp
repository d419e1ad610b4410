// Whether a candidate that somebody wrote can be a cluster at all.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>

namespace cupel::chemistry {

// More than any cluster that was ever solved; the table's largest holds 329 metal atoms and 5
// different ligands. With kMostLigandText a candidate is looked at within a tenth of a second.
inline constexpr int kMostCoreAtoms = 1000;            ///< metals, anions, hydrides, of each
inline constexpr std::size_t kMostLigands = 16;        ///< different ones
inline constexpr std::size_t kMostLigandText = 1'000;  ///< characters of all SMILES together

/// What one look at a candidate told.
struct CandidateFindings {
    std::vector<std::string> hazards;  ///< as hazards_of()
    std::vector<std::string> ligands;  ///< canonical SMILES, in the order of the candidate
};

/// Reads each ligand once. Throws InputError("bad_candidate"), one line, for a core without Cu, Ag
/// or Au, what is no metal among the metals, an anion that is no formula, too many atoms or
/// ligands, and ("bad_smiles") for a ligand that cannot be read. @since 0.2
CandidateFindings examine(const Candidate& candidate);

}  // namespace cupel::chemistry
