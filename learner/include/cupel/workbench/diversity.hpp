// What makes two candidates near-relatives, so that a batch does not put all on one guess.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <cupel/domain/atom_graph.hpp>
#include <cupel/learner/catalogue.hpp>

namespace cupel::workbench {

/// Metals of one kind in one band of sizes (bands widen with size, a quarter each): Cu19 and Cu20
/// share a family, Cu20 and Cu25 do not, nor do Cu20 and Cu19Ag.
std::string core_family(const CoreGraph& core);

/// A ligand without its side chains: rings and what joins them and the donors, and the donor
/// class. Alkyl thiolates share one; benzenethiolate and its 4-chloro relative share another.
std::string ligand_scaffold(const AtomGraph& ligand);
/// Those of all ligands of a set, each once, sorted.
std::string ligand_scaffold(const learner::Catalogue& catalogue, std::size_t set);

/// Numbers of what the candidates of a pool share, one entry each (PoolView): the family of their
/// core, the scaffolds of their ligands, the pair of both.
struct PoolGroups {
    std::vector<std::size_t> family, scaffold, pair;
};
PoolGroups pool_groups(const learner::Catalogue& catalogue,
                       const std::vector<learner::Pair>& pairs);

}  // namespace cupel::workbench
