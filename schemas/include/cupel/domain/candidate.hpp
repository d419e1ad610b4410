// A synthesis target: core, ligands, charge, conditions; and the keys that say which are the same.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/core.hpp>
#include <cupel/domain/ligand.hpp>

namespace cupel {

/// How a candidate came from a known cluster.
struct Edit {
    std::string parent;              ///< identity key or name of the parent
    std::vector<std::string> steps;  ///< in words: "[Cu(PPh3)]+ removed", "acetate -> formate"
};

struct Candidate {
    Core core;
    LigandSet ligands;
    std::optional<int> charge;                      ///< nothing = unknown
    std::map<std::string, std::string> conditions;  ///< e.g. {"solvent": "CH2Cl2"}
    std::optional<Edit> edit;

    /// A formula as chemists write it: "[Au25(C8H9S)18]-"; unknown charges are left out.
    std::string name() const;
};

/// Identity: stereo, charge, counts. Decides replicate or duplicate. "k1:" + 32 hex characters.
/// Expects canonical SMILES; equality of stored keys never depends on recomputing them.
std::string identity_key(const Candidate& candidate);

/// Learning: no stereo, no charge, no counts: core composition x set of ligands. "k1:" + 32 hex.
std::string learning_key(const Candidate& candidate);

/// The parts of the learning key: core composition (hydrides: unknown counts as none here, so that
/// a formula without stated hydrides meets itself), and ligand SMILES without stereo marks joined
/// by '|'.
std::string core_learning_key(const Core& core);
std::string ligand_set_learning_key(const LigandSet& ligands);

}  // namespace cupel
