// From a crystal or xyz structure to core, ligands and what lies beside the cluster.
#pragma once

#include <filesystem>
#include <string>

#include <cupel/domain/verdict.hpp>

namespace cupel::chemistry {

/// Reads a small-molecule CIF, an xyz or an extended xyz file (by its ending, else by its content)
/// and analyses it: symmetry applied, the fullest alternative of each disordered region kept, the
/// cluster walked from its metals until it closes, core and ligands divided, SMILES as bound.
/// Bounded work and memory: at most 64 MiB of text, 20,000 sites, 120,000 atoms in the cell.
/// Throws InputError, its text naming file, block and reason, with one of the codes
///   no_file    the file cannot be read
///   not_cif    it is no CIF (or no xyz)
///   truncated  it breaks off
///   no_atoms   it holds no atom coordinates
///   no_metal   it holds no metal that could be a core
///   polymeric  the metals' network does not close: a chain, a sheet or a framework
///   too_large  it passes a limit
///   bad_cell   its cell or symmetry cannot be
StructureReport analyse_structure(const std::filesystem::path& file);

/// The same for the bytes of a file; `name` is used in messages and its ending says the format.
StructureReport analyse_structure_text(const std::string& bytes, const std::string& name);

}  // namespace cupel::chemistry
