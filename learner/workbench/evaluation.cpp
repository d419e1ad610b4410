// Trains on each split, scores its test pairs, and compares pair by pair.
#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/evaluation.hpp>

#include "evaluation_report.hpp"
#include "evaluation_task.hpp"

namespace cupel::workbench {

EvaluationText evaluate(const EvaluationOptions& options,
                        const std::function<void(double, const std::string&)>& progress) {
    Dataset data = load_dataset(options.data);
    TestTable table;
    std::vector<EvaluationTask> tasks =
        options.test ? given_tasks(data, options, table) : fixed_tasks(data, options);
    if (tasks.empty()) {
        throw InputError("no_splits", "no split of that name; see splits.json for the names");
    }
    std::size_t finished = 0;
    run_side_by_side(
        tasks.size(),
        options.threads,
        [&](std::size_t i) { run_evaluation_task(data, options, tasks[i]); },
        [&](std::size_t i) {
            if (progress) {
                progress(static_cast<double>(++finished) / static_cast<double>(tasks.size()),
                         tasks[i].split + " seed " + std::to_string(tasks[i].seed));
            }
        });
    EvaluationText text = evaluation_report(data, options, tasks, table);
    text.refused = table.refused;
    text.notes = table.lines;
    return text;
}

}  // namespace cupel::workbench
