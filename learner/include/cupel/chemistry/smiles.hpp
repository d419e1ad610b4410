// SMILES in one canonical form.
#pragma once

#include <string>

namespace cupel::chemistry {

/// RDKit's canonical isomeric SMILES of `smiles`.
/// Throws InputError("bad_smiles") naming the text when it does not parse. Parts joined by
/// '.' are one ligand: ferrocenyl groups are written so.
std::string canonical_smiles(const std::string& smiles);

}  // namespace cupel::chemistry
