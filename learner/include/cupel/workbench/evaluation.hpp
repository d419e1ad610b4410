// Fixed splits scored beside the baselines, with paired intervals.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <cupel/learner/learner.hpp>

namespace cupel::workbench {

struct EvaluationOptions {
    std::filesystem::path data;
    std::optional<std::filesystem::path> test;  ///< train on `data`, score this; split "given"
    std::vector<std::string> splits;            ///< only these; empty = all
    int seeds = 5;
    int threads = 2;  ///< fits side by side
    bool development =
        false;              ///< splits made inside the training part; the fixed tests stay unseen
    bool calibrate = true;  ///< fit scales inside the training parts: half as much work again
    double train_share = 1.0;  ///< of each training part; less draws a learning curve
    learner::LearnerOptions learner;
};

struct EvaluationText {
    std::string json, scores;          ///< the documented shapes
    std::string table;                 ///< for people
    std::vector<std::string> refused;  ///< rows of `test` that do not hold, and why
    std::vector<std::string> notes;    ///< what else a reader of `test` or the stock should know
};

/// Trains and scores; `progress` gets one line per finished fit, from any thread, one at a time.
EvaluationText evaluate(const EvaluationOptions& options,
                        const std::function<void(double, const std::string&)>& progress);

}  // namespace cupel::workbench
