// SQLite's online backup, and a restore that says what it forgets.
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/controller/store_backup.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/records.hpp"
#include "owner.hpp"
#include "store_files.hpp"
#include "store_lock.hpp"

namespace cupel::controller {
namespace {

namespace fs = std::filesystem;

using S = ProposalState;

bool was_started(S state) {
    return state == S::Started || state == S::CancelRequested || state == S::Unknown ||
           state == S::ResultIn || state == S::Awaiting || state == S::Labelled ||
           state == S::Failed || state == S::Abandoned || state == S::Retracted;
}

/// A store to read from; of one of an older version a copy, brought up to date at `scratch`.
Store readable(const fs::path& store, const fs::path& scratch) {
    try {
        return {store, Store::Mode::Read};
    } catch (const OutdatedStore&) {
        remove_database(scratch);
        copy_database(store, scratch);
        return {scratch, Store::Mode::Write};
    }
}

/// What the old store knows to be started and the new one does not; nothing when it cannot be read.
std::optional<std::vector<LostStart>> lost_starts(const fs::path& old_store,
                                                  const fs::path& scratch,
                                                  Store& restored) {
    std::vector<LostStart> lost;
    try {
        Store old = readable(old_store, scratch);
        std::set<std::string> known, started;
        for (const auto& row : restored.proposal_states()) {
            known.insert(row.id);
            const auto state = try_parse<S>(row.state);
            if (state && was_started(*state)) {
                started.insert(row.id);
            }
        }
        for (const auto& row : old.proposals()) {
            const Proposal proposal = decode_proposal_record(row.record).proposal;
            if (was_started(proposal.state) && started.count(row.id) == 0) {
                lost.push_back({row.id,
                                row.campaign,
                                proposal.candidate.name(),
                                std::string(to_string(proposal.state)),
                                known.count(row.id) != 0});
            }
        }
    } catch (const Error&) {
        // It is damaged, or gone; that may be why it is replaced.
        return std::nullopt;
    }
    return lost;
}

void require_file(const fs::path& file, const char* what) {
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) {
        throw InputError("no_file", file.string() + ": there is no such " + what);
    }
}

}  // namespace

BackupReport backup_store(const fs::path& store, const fs::path& blobs, const fs::path& file) {
    require_file(store, "store");
    if (fs::exists(file)) {
        throw InputError("exists", file.string() + " exists already; name another file");
    }
    const fs::path folder = fs::absolute(file).parent_path();
    std::error_code none;
    if (!fs::is_directory(folder, none)) {
        throw InputError("no_folder", folder.string() + ": there is no such folder; make it first");
    }
    if (const auto obstacle = obstacle_to(folder)) {
        throw StoreError(obstacle->text + ": " + obstacle->remedy);
    }
    const fs::path part = file.string() + ".part";
    remove_database(part);
    BackupReport report;
    try {
        copy_database(store, part);
        Store copy(part, Store::Mode::Read);
        report.check = copy.verify();
        // Files are never removed and are durable before the row that names them: every file of
        // the copy exists by now.
        const auto carried =
            carry_blobs(copy, blobs_beside(store, blobs), file.string() + ".blobs");
        report.files = carried.files;
        report.bytes = carried.bytes;
        report.missing = carried.missing;
        report.damaged = carried.damaged;
    } catch (...) {
        remove_database(part);
        throw;
    }
    replace_store(file, part, "");
    return report;
}

RestoreReport restore_store(const fs::path& file, const fs::path& given, const fs::path& blobs) {
    require_file(file, "backup");
    const StoreLock lock(given);
    const fs::path& store = lock.store();
    std::error_code none;
    if (fs::equivalent(file, store, none)) {
        throw InputError(
            "same_file",
            file.string() + " is the store itself; name a file that cupel backup made");
    }
    const fs::path made = store.string() + ".restoring";
    remove_database(made);
    RestoreReport report;
    try {
        copy_database(file, made);
        Store restored(made, Store::Mode::Write);
        report.check = restored.verify();
        if (!report.check.ok()) {
            throw StoreError(file.string() +
                             ": the backup is damaged: " + report.check.problems.front());
        }
        const auto carried =
            carry_blobs(restored, file.string() + ".blobs", blobs_beside(store, blobs));
        report.missing = carried.missing;
        report.damaged = carried.damaged;
        const fs::path scratch = store.string() + ".restoring-old";
        const auto lost = lost_starts(store, scratch, restored);
        remove_database(scratch);
        report.lost_is_unknown = !lost && fs::exists(store);
        restored.begin();
        restored.set_meta("restored", "restored from " + fs::absolute(file).filename().string());
        if (lost) {
            report.lost = *lost;
            nlohmann::json started = nlohmann::json::array();
            for (const auto& one : report.lost) {
                started.push_back(one.proposal);
            }
            restored.set_meta("started_since", started.dump());  // to be UNKNOWN
        }
        restored.commit();
    } catch (...) {
        remove_database(made);
        throw;
    }
    hand_over(made, store, blobs_beside(store, blobs));
    report.kept = replace_store(store, made, "before-restore");
    return report;
}

}  // namespace cupel::controller
