// Metal-linker pairs: linkers never seen, against degree-matched swaps.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <cupel/learner/learner.hpp>
#include <cupel/workbench/evaluation.hpp>

namespace cupel::workbench {

struct PairsOptions {
    std::filesystem::path data;  ///< columns `metal` (symbol) and `linker_SMILES`
    int seeds = 5;
    int threads = 2;           ///< fits side by side
    bool development = false;  ///< hold out linkers of the training part; the tests stay unseen
    learner::LearnerOptions learner;
};

/// Whether a table's heading is that of metal-linker pairs. False when it cannot be read.
bool holds_pairs(const std::filesystem::path& table);

/// A metal is a core of one atom, a linker a set of one ligand. One fifth of the linkers is held
/// out; each scorer learns from the pairs of the others. `scores` names rows by their place in the
/// table (from 0): train, test_pos, test_neg [row of the metal, row of the linker], model.
/// Throws InputError("bad_table", "no_rows").
EvaluationText evaluate_pairs(const PairsOptions& options,
                              const std::function<void(double, const std::string&)>& progress);

}  // namespace cupel::workbench
