// Offline: copies what is no consequence of the history, projects the rest, swaps the files.
#include <cupel/controller/store_rebuild.hpp>

#include "projection.hpp"
#include "store_files.hpp"
#include "store_lock.hpp"

namespace cupel::controller {

RebuildReport rebuild_store(const std::filesystem::path& given) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(given, ignored)) {
        throw InputError("no_file", given.string() + ": there is no such store");
    }
    const StoreLock lock(given);
    const std::filesystem::path& path = lock.store();
    const std::filesystem::path made = path.string() + ".rebuilding";
    remove_database(made);
    RebuildReport report;
    try {
        Store old(path, Store::Mode::Write);
        const VerifyReport history = old.verify_history();
        if (!history.ok()) {
            throw StoreError(path.string() +
                             ": the history itself is damaged: " + history.problems.front() +
                             "; no rebuild can mend that: cupel restore a backup");
        }
        {
            Store fresh(made, Store::Mode::Write);
            copy_tables(fresh, path, kept_tables());
            project(old, fresh);
        }
        report.now = Store(made, Store::Mode::Read).verify();
    } catch (const StoreError& error) {
        remove_database(made);
        if (std::string(error.what()).find(path.string()) != std::string::npos) {
            throw;
        }
        throw StoreError(path.string() + ": cannot be rebuilt: " + error.what(), error.full());
    }
    hand_over(made, path, {});
    report.kept = replace_store(path, made, "before-rebuild");
    return report;
}

}  // namespace cupel::controller
