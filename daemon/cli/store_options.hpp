// Which store a command works on: named itself, or by the configuration of its daemon.
#pragma once

#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

namespace cupel::cli {

struct StoreOptions {
    std::string store, config;
    std::string blobs;  ///< empty: as the configuration says, else beside the store
    bool json = false;

    /// The database, and its folder of files. Throws InputError when neither option was given.
    std::filesystem::path store_path() const;
    std::filesystem::path blobs_path() const;
};

/// Of an option or argument: the name of a file to make, on one line and not empty.
CLI::Validator file_name();

/// --store FILE, --config FILE, --blobs FOLDER and --json. `store`: how CLI11 is to name the first.
void add_store_options(CLI::App& command,
                       StoreOptions& options,
                       const std::string& store = "--store");

}  // namespace cupel::cli
