// Options of the model itself, shared by several subcommands.
#pragma once

#include <CLI/CLI.hpp>

#include <cupel/domain/output_paths.hpp>
#include <cupel/learner/learner.hpp>

namespace cupel::workbench {

/// Adds them to `command`; what `options` holds is the default.
void add_learner_options(CLI::App& command, learner::LearnerOptions& options);
/// The file that --pretrained of `command` names; empty where it was not given.
ReadPath pretrained_file(const CLI::App& command);
/// Of an option: a number in low..high. CLI::Range lets "nan" pass.
CLI::Validator number_between(double low, double high);

}  // namespace cupel::workbench
