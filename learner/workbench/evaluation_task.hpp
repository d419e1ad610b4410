// One seed of one split: what to train on, what to score, and what came of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <cupel/chemistry/reported_table.hpp>
#include <cupel/learner/score_scale.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/evaluation.hpp>

namespace cupel::workbench {

/// The scorers, in the order of the reports.
const std::vector<std::string>& evaluation_scorers();

struct EvaluationTask {
    std::string split;
    int seed = 0;
    std::vector<learner::Pair> train, test;
    std::vector<int> label;     ///< 1 = reported
    std::vector<int> relative;  ///< 1 = the same set stands in training on a core one metal away
    std::vector<int> big;       ///< 1 = six metals or more
    std::vector<int> shares;    ///< 1 = a negative whose donor classes a known partner has

    // By scorer, filled by run_evaluation_task().
    std::map<std::string, std::vector<double>> scores;         ///< one per test pair
    std::map<std::string, std::vector<double>> probabilities;  ///< scores through `scales`
    std::map<std::string, learner::ScoreScale> scales;         ///< fitted inside the training part
    std::map<std::string, std::vector<double>> found;          ///< hit@10, one per test positive
    std::size_t ranked_sets = 0;  ///< ligand sets each core was ranked against
};

/// The fixed splits beside the table, or development splits inside their training parts.
/// Throws InputError("no_splits", "bad_splits").
std::vector<EvaluationTask> fixed_tasks(const Dataset& data, const EvaluationOptions& options);
/// What became of the rows of another table that are not tested.
struct TestTable {
    std::vector<std::string> refused;  ///< rows that do not hold, and why
    std::size_t same = 0;  ///< same core and ligands as a training row, or as a row before
    /// Same metals and ligands, and no difference in hydrides and anions that both tell of.
    std::size_t as_far_as_told = 0;
    chemistry::TableNotes notes;
    std::vector<std::string> lines;  ///< all but `refused`, for people
};
/// Train on `data`, score `options.test`, whose candidates are added to the catalogue of `data`.
/// What is not tested is told in `table`.
/// Throws InputError("no_rows") when nothing new is left.
std::vector<EvaluationTask> given_tasks(Dataset& data,
                                        const EvaluationOptions& options,
                                        TestTable& table);
/// The same kind of hold-out made again inside the training part of a task.
EvaluationTask inner_task(const Dataset& data, const EvaluationTask& task, std::uint64_t seed);

/// Trains, scores and calibrates one task.
void run_evaluation_task(const Dataset& data,
                         const EvaluationOptions& options,
                         EvaluationTask& task);

}  // namespace cupel::workbench
