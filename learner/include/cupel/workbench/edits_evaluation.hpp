// Leave-one-edit-out: is the edit that was reported ranked above the ones that were not?
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <cupel/learner/learner.hpp>
#include <cupel/workbench/evaluation.hpp>

namespace cupel::workbench {

struct EditsOptions {
    std::filesystem::path data;   ///< table of reported clusters
    std::filesystem::path stock;  ///< ligands for exchanges; empty = edit_stock.csv of the data
    int folds = 10;               ///< trainings; each hides that share of the reported edits
    int threads = 2;              ///< trainings side by side
    learner::LearnerOptions learner;
};

/// Pairs of reported clusters that differ by one metal atom, each taken in both directions: one is
/// the parent, the other is hidden from training (with about a tenth of the other children) and
/// ranked among the charge-consistent edits of the parent. Candidates of one core and one set of
/// ligands are one; those already reported are left out. Scorers: `model` (interaction and
/// popularity), `edit_score` (EditScore, fitted on edits of other folds), `popularity`,
/// `smallest_edit`, `nearest_neighbour`; expected ranks where scores tie. The reference edit
/// Cu20 -> Cu19 follows, in no training. Throws InputError.
EvaluationText evaluate_edits(const EditsOptions& options,
                              const std::function<void(double, const std::string&)>& progress);

}  // namespace cupel::workbench
