// From chemistry to the plain graphs and numbers that the learner reads.
#pragma once

#include <string>
#include <vector>

#include <cupel/domain/atom_graph.hpp>
#include <cupel/domain/core.hpp>
#include <cupel/domain/ligand.hpp>

namespace cupel::chemistry {

/// Canonical SMILES, Hill formula, formal charge, donors, donor class and denticity of a ligand as
/// bound. Throws InputError("bad_smiles").
Ligand describe_ligand(const std::string& smiles);

/// The names describe_ligand() gives to donor classes.
const std::vector<std::string>& donor_classes();

/// The graph of a ligand's heavy atoms with donor flags and bond distances to the nearest donor.
/// Throws InputError("bad_smiles").
AtomGraph atom_graph(const std::string& smiles);

/// The graph of a core. Takes nothing but the core, so that no feature can come from its partner.
CoreGraph core_graph(const Core& core);

/// Morgan count fingerprint (Rogers & Hahn, J. Chem. Inf. Model. 2010, 50, 742), folded to `size`
/// bits. Throws InputError("bad_smiles").
Fingerprint fingerprint(const std::string& smiles, unsigned radius = 2, std::uint32_t size = 2048);

/// For each heavy atom, in the order of `smiles`, the fingerprint without the surroundings that
/// hold this atom. Throws InputError("bad_smiles").
std::vector<Fingerprint> occluded_fingerprints(const std::string& smiles,
                                               unsigned radius = 2,
                                               std::uint32_t size = 2048);

}  // namespace cupel::chemistry
