// From a crystal or xyz structure to core, ligands and what lies beside the cluster.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/error.hpp>
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
///   bad_atom   the place or the occupancy of a metal atom cannot be read
///   no_metal   it holds no metal that could be a core
///   polymeric  the metals' network does not close: a chain, a sheet or a framework
///   too_large  it passes a limit
///   bad_cell   its cell or symmetry cannot be
StructureReport analyse_structure(const std::filesystem::path& file);

/// The same for the bytes of a file; `name` is used in messages and its ending says the format.
StructureReport analyse_structure_text(const std::string& bytes, const std::string& name);

enum class Clusters { Largest, All };

/// One block of a file: what is in it, or why that cannot be told. @since 0.2
struct BlockAnalysis {
    std::string block;
    std::vector<StructureReport> clusters;  ///< the largest first; none where `refused`
    std::optional<InputError> refused;
};

/// The same for every block that holds metal, and for every kind of cluster in its cell where
/// `which` is All; the block that analyse_structure() reads is the first. At most 16 blocks and 8
/// clusters in each: a block beyond is refused as too_large.
/// Throws as analyse_structure() where no block gives a cluster. @since 0.2
std::vector<BlockAnalysis> analyse_blocks(const std::filesystem::path& file, Clusters which);

/// The same for the bytes of a file, as analyse_structure_text(). @since 0.2
std::vector<BlockAnalysis> analyse_blocks_text(const std::string& bytes,
                                               const std::string& name,
                                               Clusters which);

}  // namespace cupel::chemistry
