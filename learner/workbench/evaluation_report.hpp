// What `cupel evaluate` prints and writes.
#pragma once

#include <string>
#include <vector>

#include <cupel/workbench/evaluation.hpp>

#include "evaluation_task.hpp"

namespace cupel::workbench {

/// The documented shapes, from tasks that have run.
EvaluationText evaluation_report(const Dataset& data,
                                 const EvaluationOptions& options,
                                 const std::vector<EvaluationTask>& tasks,
                                 const TestTable& table);

}  // namespace cupel::workbench
