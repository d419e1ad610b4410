// SQLite's online backup, and a restore that says what it forgets.
#include <optional>
#include <set>

#include <cupel/controller/store_backup.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/records.hpp"
#include "owner.hpp"
#include "started_since.hpp"
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

/// A worker has begun it, or may have: it is not to be proposed under another id.
bool may_have_begun(const ProposalRecord& record) {
    const Proposal& proposal = record.proposal;
    return was_started(proposal.state) || proposal.state == S::Claimed || record.charged ||
           proposal.attempt > 1;
}

/// Has the old store seen all that the backup has, and does it know itself what became of it?
bool goes_on_from(Store& old, Store& restored) {
    if (old.meta("restored")) {
        return false;  // no daemon ran on it: what it replaced may have known more
    }
    for (const auto& row : old.campaigns()) {
        const CampaignRecord record = decode_campaign_record(row.record);
        if (record.state == CampaignState::Restored && !record.restored_unknowns) {
            return false;  // a copy of which the same is not known
        }
    }
    for (const auto& [campaign, seq] : restored.head().seqs) {
        const auto ours = restored.events(campaign, seq, seq, 1);
        const auto theirs = old.events(campaign, seq, seq, 1);
        if (theirs.empty() || theirs.front().id != ours.at(0).id) {
            return false;
        }
    }
    return true;
}

struct Lost {
    std::vector<LostStart> starts;  ///< to be told
    StartedSince since;             ///< to be carried over
};

/// What the old store knows to be started and the new one does not; nothing when it cannot tell.
std::optional<Lost> lost_starts(const fs::path& old_store,
                                const fs::path& scratch,
                                Store& restored) {
    Lost lost;
    try {
        Store old = readable(old_store, scratch);
        if (!goes_on_from(old, restored)) {
            return std::nullopt;
        }
        std::set<std::string> known, started, campaigns;
        for (const auto& row : restored.proposal_states()) {
            known.insert(row.id);
            const auto state = try_parse<S>(row.state);
            if (state && was_started(*state)) {
                started.insert(row.id);
            }
        }
        for (const auto& row : old.proposals()) {
            const ProposalRecord record = decode_proposal_record(row.record);
            const Proposal& proposal = record.proposal;
            const bool in_backup = known.count(row.id) != 0;
            if (was_started(proposal.state) && started.count(row.id) == 0) {
                lost.starts.push_back({row.id,
                                       row.campaign,
                                       proposal.candidate.name(),
                                       std::string(to_string(proposal.state)),
                                       in_backup});
            }
            if (!may_have_begun(record)) {
                continue;
            }
            if (in_backup) {
                lost.since.in_backup.insert(row.id);
            } else {
                lost.since.proposals.push_back(record);
                campaigns.insert(row.campaign);
            }
        }
        for (const auto& name : campaigns) {
            if (!restored.campaign_record(name)) {
                lost.since.campaigns.push_back(
                    decode_campaign_record(old.campaign_record(name).value()));
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
        report.lost_is_unknown = !lost;
        restored.begin();
        restored.set_meta("restored", "restored from " + fs::absolute(file).filename().string());
        if (lost) {
            report.lost = lost->starts;
            put_started_since(restored, lost->since);
        } else {
            drop_started_since(restored);  // the copy may be of a store that had one
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
