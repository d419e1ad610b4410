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

void add_store_options(CLI::App& command, StoreOptions& options) {
    command.add_option("--store", options.store, "the store's file");
    command.add_option("--config", options.config, "the daemon's TOML file, which names the store");
    command.add_option("--blobs", options.blobs, "folder of its files (blobs beside the store)");
    command.add_flag("--json", options.json, "as JSON");
}

}  // namespace cupel::cli
