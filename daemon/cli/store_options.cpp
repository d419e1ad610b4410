// --store or --config.
#include "store_options.hpp"

#include <cupel/controller.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::cli {

std::filesystem::path StoreOptions::store_path() const {
    if (!store.empty()) {
        return std::filesystem::absolute(store);
    }
    if (config.empty()) {
        throw InputError("no_store", "--store FILE or --config FILE is required; --help shows how");
    }
    return controller::Config::load(config).store.path;
}

std::filesystem::path StoreOptions::blobs_path() const {
    if (!blobs.empty()) {
        return std::filesystem::absolute(blobs);
    }
    return config.empty() ? std::filesystem::path() : controller::Config::load(config).store.blobs;
}

CLI::Validator file_name() {
    return CLI::Validator(
        [](std::string& text) {
            return text.empty() || text.find_first_of("\n\r") != std::string::npos
                       ? std::string("a file's name is neither empty nor longer than a line")
                       : std::string();
        },
        "FILE");
}

void add_store_options(CLI::App& command, StoreOptions& options, const std::string& store) {
    command.add_option(store, options.store, "the store's file");
    command.add_option("--config", options.config, "the daemon's TOML file, which names the store");
    command.add_option("--blobs", options.blobs, "folder of its files (blobs beside the store)");
    command.add_flag("--json", options.json, "as JSON");
}

}  // namespace cupel::cli
