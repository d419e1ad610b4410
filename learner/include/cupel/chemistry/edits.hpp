// Small changes of a known cluster: the candidates nearest to what has been made.
#pragma once

#include <string>
#include <vector>

#include <cupel/chemistry/pool.hpp>
#include <cupel/chemistry/stock.hpp>
#include <cupel/domain/candidate.hpp>

namespace cupel::chemistry {

/// Which edits are made.
struct EditOptions {
    /// Metals that may be added or put in place of another.
    std::vector<std::string> metals{"Cu", "Ag", "Au", "Pd", "Pt", "Cd", "Hg"};
    /// Also at most one metal move, one ligand lost or gained and one whole-species exchange
    /// together.
    bool compound = true;
    int min_nuclearity = 2;
};

/// What edits lead to.
struct EditNeighbourhood {
    std::vector<Candidate> kept;  ///< each with its edit: parent and steps in words
    std::vector<RejectedCandidate> rejected;
};

/// All edits of `parent`, which is called `parent_name` in the steps.
/// Elementary edits: a metal removed (alone, or with one ligand: "[Cu(PPh3)]+ removed"), added or
/// substituted; a hydride more or less (where their number is known); all of a halide or of a
/// chalcogenide swapped for another; a ligand of one species lost or gained; one species exchanged
/// as a whole for a ligand in stock of the same donor class and denticity.
/// Closures: each edit leaves the charge as it is, moves it by one either way, or moves it so that
/// the electron count stays. Kept are those whose count is unchanged or moves by two; the others
/// are rejected with reason `charge`. Where the parent's charge is unknown, so is the edit's.
EditNeighbourhood edits_of(const Candidate& parent,
                           const std::string& parent_name,
                           const Stock& stock,
                           const EditOptions& options = {});

}  // namespace cupel::chemistry
