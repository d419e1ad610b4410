// The subcommands of cupel-learner; each function adds one.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <cupel/learner/learner.hpp>

namespace cupel::workbench {

void add_serve(CLI::App& app);
void add_train(CLI::App& app);
void add_pretrain(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_score(CLI::App& app);
void add_campaign_replay(CLI::App& app);

/// Options of the model itself, shared by several subcommands.
void add_learner_options(CLI::App& command, learner::LearnerOptions& options);
/// Writes a text and a newline in the place of what stands there, whole or not at all; throws Error
/// naming the file.
void write_file(const std::string& file, const std::string& text);
/// Of an option: a number in low..high. CLI::Range lets "nan" pass.
CLI::Validator number_between(double low, double high);

}  // namespace cupel::workbench
