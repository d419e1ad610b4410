// Reads the daemon's TOML file; every error names the file, the line and the key.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <cupel/controller.hpp>

namespace cupel::controller {

/// See Config::load().
Config load_config(const std::filesystem::path& file);

/// Throws InputError for a value that no file could hold, as in `bus.inbox: expected 1..1000000,
/// got 0`: for configurations that a program made.
void check_config(Config config);

/// Every key but those of campaigns with its value, `bus.inbox` -> `4096`.
std::map<std::string, std::string> key_values(Config config);

}  // namespace cupel::controller
