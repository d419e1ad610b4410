// cupel pool import: tables and structures of clusters joined into one table.
#pragma once

#include <CLI/CLI.hpp>

namespace cupel::cli {

/// Adds `import` to `pool`.
void add_pool_import(CLI::App& pool);

}  // namespace cupel::cli
