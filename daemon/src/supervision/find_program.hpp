// Where the programs are that the daemon runs as children.
#pragma once

#include <optional>
#include <string>

namespace cupel::controller {

/// A name with a slash stands for itself; a bare name is looked for beside the running program,
/// then on PATH. Nothing when no such file can be executed.
std::optional<std::string> find_program(const std::string& name);

/// What to say when there is none; `key` is where the name stands in the configuration.
std::string no_program(const std::string& key, const std::string& name);

}  // namespace cupel::controller
