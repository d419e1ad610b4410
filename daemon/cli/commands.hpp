// The subcommands of `cupel`; each function adds one, or one family.
#pragma once

#include <CLI/CLI.hpp>

namespace cupel::cli {

void add_pool(CLI::App& app);
void add_learner_programs(CLI::App& app);
void add_verify(CLI::App& app);
void add_structure(CLI::App& app);

}  // namespace cupel::cli
