// SMILES in one canonical form.
#pragma once

#include <cstddef>
#include <string>

namespace cupel::chemistry {

/// What a SMILES may hold, anywhere in this library: RDKit's time grows with the third power of it,
/// and the longest of a reported ligand has 102 characters.
inline constexpr std::size_t kLongestSmiles = 300;    ///< characters
inline constexpr std::size_t kMostSmilesAtoms = 200;  ///< atoms that stand in the text

/// RDKit's canonical isomeric SMILES of `smiles`.
/// Throws InputError("bad_smiles") naming the text when it does not parse or passes a limit. Parts
/// joined by
/// '.' are one ligand: ferrocenyl groups are written so.
std::string canonical_smiles(const std::string& smiles);

}  // namespace cupel::chemistry
