// The subcommand that replays finished tables.
#pragma once

#include <CLI/CLI.hpp>

namespace cupel::workbench {

/// `replay TABLE.csv`: closed loops on a finished table, against random and popularity.
void add_replay(CLI::App& app);

}  // namespace cupel::workbench
