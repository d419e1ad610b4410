// Parsed molecules, for the sources of this folder that need RDKit's graph.
#pragma once

#include <memory>
#include <string>

#include <GraphMol/RWMol.h>

namespace cupel::chemistry {

/// Parses and sanitises; throws InputError("bad_smiles") naming the text when it cannot be read.
std::unique_ptr<RDKit::RWMol> parse_smiles(const std::string& smiles);

}  // namespace cupel::chemistry
