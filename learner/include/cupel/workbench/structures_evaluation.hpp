// Does the 3-D path earn its place? Judged on the rows whose core has coordinates, and no others.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <cupel/learner/learner.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/evaluation.hpp>

namespace cupel::workbench {

struct StructuresOptions {
    std::filesystem::path data;                  ///< table of reported clusters
    std::vector<std::filesystem::path> folders;  ///< of CIF and xyz files
    int folds = 0;    ///< parts the cores with coordinates are hidden in; 0 = each core alone
    int seeds = 2;    ///< trainings of each part, paired between the models
    int threads = 2;  ///< parts side by side
    learner::LearnerOptions learner;  ///< 3 structure layers where it names none
};

/// Each core with coordinates is hidden with all its rows; three models that differ in nothing else
/// train on the rest: `formula` (no 3-D path), `structure`, and `exchanged` (every core has the
/// coordinates of another one: what a mark "has coordinates" is worth). For each hidden row: `auc`,
/// the share of sets ranked below its own among the sets of all other rows, a set as often as it is
/// reported (degree-matched); `mrr`, one over its rank among all sets, popularity added. Other sets
/// reported for the core are left out of both. Figures are means over cores of means over their
/// rows; intervals (95 %) resample cores, for the rows of a core are no independent witnesses.
/// Throws InputError as place_structures(), and "few_structures" for fewer than 3 cores.
EvaluationText evaluate_structures(const StructuresOptions& options,
                                   const std::function<void(double, const std::string&)>& progress);

}  // namespace cupel::workbench
