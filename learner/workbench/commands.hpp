// The subcommands of cupel-learner; each function adds one.
#pragma once

#include <CLI/CLI.hpp>

namespace cupel::workbench {

void add_serve(CLI::App& app);
void add_train(CLI::App& app);
void add_pretrain(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_score(CLI::App& app);
void add_campaign_replay(CLI::App& app);

}  // namespace cupel::workbench
