// The plain numbers a learner works on: cores, ligands and sets of ligands by index, and labels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <cupel/domain/atom_graph.hpp>

namespace cupel::learner {

/// A ligand as the ligand encoder reads it.
struct LigandInput {
    AtomGraph graph;
    Fingerprint fingerprint;
};

/// Cores, ligands and ligand sets, each held once and named by an index from 0.
/// Nothing of a core is computed from a ligand or the other way round.
class Catalogue {
  public:
    /// Index of the core named `key`; it is added when it is new.
    std::size_t add_core(const std::string& key, const CoreGraph& core);
    /// Gives a core the places of its atoms (angstrom) instead of any it had; its key stays. Throws
    /// Error when elements and positions differ in number.
    void place_atoms(std::size_t core,
                     const std::vector<std::uint8_t>& elements,
                     const std::vector<std::array<float, 3>>& positions);
    /// Index of the ligand named by its SMILES; it is added when it is new.
    std::size_t add_ligand(const std::string& smiles, const LigandInput& ligand);
    bool has_ligand(const std::string& smiles) const { return ligand_index_.count(smiles) != 0; }
    /// Index of the ligand set `key` made of ligand indices (sorted, each once; counts ignored).
    std::size_t add_set(const std::string& key, std::vector<std::size_t> ligands);

    const std::vector<CoreGraph>& cores() const noexcept { return cores_; }
    const std::vector<LigandInput>& ligands() const noexcept { return ligands_; }
    const std::vector<std::vector<std::size_t>>& sets() const noexcept { return sets_; }
    const std::string& core_key(std::size_t core) const { return core_keys_.at(core); }
    const std::string& set_key(std::size_t set) const { return set_keys_.at(set); }

  private:
    std::map<std::string, std::size_t> core_index_, ligand_index_, set_index_;
    std::vector<CoreGraph> cores_;
    std::vector<LigandInput> ligands_;
    std::vector<std::vector<std::size_t>> sets_;
    std::vector<std::string> core_keys_, set_keys_;
};

/// A core and a ligand set of one catalogue.
struct Pair {
    std::size_t core = 0;
    std::size_t set = 0;
    bool operator<(const Pair& other) const {
        return core != other.core ? core < other.core : set < other.set;
    }
    bool operator==(const Pair& other) const { return core == other.core && set == other.set; }
};

/// What an experiment taught about a pair; a negative value = not known (trains nothing).
struct LabelledPair {
    Pair pair;
    double pair_label = -1.0;    ///< 0..1: do core and ligands form a cluster?
    double target_label = -1.0;  ///< 0..1: was exactly this made?
    bool provisional = false;    ///< counts half, wherever it counts
};

}  // namespace cupel::learner
