// The subcommands of `cupel`; each function adds one, or one family.
#pragma once

#include <CLI/CLI.hpp>

namespace cupel::cli {

void add_pool(CLI::App& app);
void add_views(CLI::App& app);
void add_board(CLI::App& app);
void add_log(CLI::App& app);
void add_models(CLI::App& app);
void add_alarms(CLI::App& app);
void add_work(CLI::App& app);
void add_results(CLI::App& app);
void add_review(CLI::App& app);
void add_campaign(CLI::App& app);
void add_learner_programs(CLI::App& app);
void add_keys(CLI::App& app);
void add_verify(CLI::App& app);
void add_history(CLI::App& app);
void add_doctor(CLI::App& app);
void add_structure(CLI::App& app);

}  // namespace cupel::cli
