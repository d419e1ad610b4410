// Finished tables from CSV files, with their molecules turned into fingerprints.
#pragma once

#include <filesystem>
#include <string>

#include <cupel/acquisition/replay_table.hpp>

namespace cupel::workbench {

/// Reads a table with the columns `slot:NAME` (SMILES or labels), `label:NAME` (labels, whatever
/// they look like), `num:NAME`, `y` and `hit`, others kept as unused, and its companion
/// `TABLE.features.csv` (`slot,label,f...`) where there is one. A slot holds SMILES when at least
/// half of its labels parse; then all must. An empty cell is a label of its own ("nothing added").
/// Throws InputError: "file:line: column: problem".
acquisition::ReplayTable read_replay_table(const std::filesystem::path& path);

/// How the columns were read: "slots base (12 SMILES); numbers temp; not used: comment".
std::string columns_text(const acquisition::ReplayTable& table);

}  // namespace cupel::workbench
