// Each check on its own: one that cannot be done is a finding, and the others are done all the
// same.
#include <functional>

#include <cupel/controller/store_check.hpp>
#include <cupel/controller/store_health.hpp>
#include <cupel/domain/candidate.hpp>

#include "../campaign/records.hpp"
#include "blob_store.hpp"
#include "epoch_file.hpp"
#include "owner.hpp"
#include "store_files.hpp"
#include "store_impl.hpp"

namespace cupel::controller {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMega = 1024 * 1024;
constexpr std::uintmax_t kLittleRoom = 256 * kMega;
constexpr std::uintmax_t kLongWal = 256 * kMega;

std::string megabytes(std::uintmax_t bytes) {
    return std::to_string(bytes / kMega) + " MB";
}

Finding fine(const char* check, std::string text) {
    return {check, true, std::move(text), ""};
}
Finding wrong(const char* check, std::string text, std::string remedy) {
    return {check, false, std::move(text), std::move(remedy)};
}

Finding check_pages(Store& store) {
    const std::string answer = store.impl().db.execAndGet("PRAGMA quick_check(1)").getString();
    return answer == "ok" ? fine("pages", "SQLite finds every page whole")
                          : wrong("pages",
                                  "SQLite finds: " + answer,
                                  "stop cupeld, then cupel restore the last backup");
}

Finding check_chain(Store& store) {
    store.check_tail();
    return fine("history",
                std::to_string(store.head().gseq) + " events; the last " +
                    std::to_string(Store::kTail) + " are chained (cupel verify reads all)");
}

Finding check_side(Store& store, const fs::path& path) {
    const auto [epoch, gseq] = EpochFile(path).read();
    if (const auto how = store.meta("restored")) {
        return fine("epoch", *how + "; a new epoch begins when cupeld opens it");
    }
    const auto stored = store.meta("epoch");
    const std::int64_t last = store.head().gseq;
    if (!stored && gseq > last) {
        return wrong(
            "epoch",
            "the store is empty, but the file beside it has seen event " + std::to_string(gseq),
            "the history is gone: cupel restore the last backup");
    }
    if (epoch.empty() && last == 0) {
        return fine("epoch", "the file beside the store comes with the first event");
    }
    if (stored != epoch) {
        return wrong("epoch",
                     "the file " + path.filename().string() + ".epoch is " +
                         (epoch.empty() ? "not there, or cannot be read" : "not of this store"),
                     "nothing, if the store was copied here: a new epoch begins at the next start");
    }
    if (gseq > last) {
        return wrong("epoch",
                     "the store ends with event " + std::to_string(last) +
                         ", the file beside it has seen " + std::to_string(gseq),
                     "put the newer store back; otherwise cupeld treats it as a restored one");
    }
    return fine("epoch", epoch);
}

Finding check_keys(Store& store) {
    std::int64_t count = 0;
    std::string first;
    std::int64_t differ = 0;
    const auto compare = [&](const std::string& id,
                             const Candidate& candidate,
                             const std::string& identity,
                             const std::string& learning) {
        ++count;
        if (identity_key(candidate) != identity || learning_key(candidate) != learning) {
            first = differ++ == 0 ? id : first;
        }
    };
    for (const auto& row : store.proposals()) {
        const Proposal proposal = decode_proposal_record(row.record).proposal;
        compare(row.id, proposal.candidate, proposal.identity_key, proposal.learning_key);
    }
    for (const auto& row : store.observations()) {
        const ObservationRecord seen = decode_observation_record(row.record);
        compare(row.id, seen.candidate, seen.identity_key, seen.learning_key);
    }
    if (differ == 0) {
        return fine("keys", std::to_string(count) + " stored keys are computed the same again");
    }
    return wrong("keys",
                 std::to_string(differ) + " of " + std::to_string(count) +
                     " stored keys are computed otherwise today, first that of " + first,
                 "nothing breaks, keys are compared as stored; but duplicates of these are no "
                 "longer recognised: report it");
}

Finding check_files(Store& store, const fs::path& blobs) {
    std::int64_t count = 0;
    std::string first;
    std::int64_t missing = 0;
    for (const auto& row : store.blobs()) {
        ++count;
        std::error_code gone;
        if (fs::file_size(blob_path(blobs, row.sha256), gone) != row.length || gone) {
            first = missing++ == 0 ? row.sha256 + " (" + row.name + ")" : first;
        }
    }
    if (missing == 0) {
        return fine("files",
                    std::to_string(count) + " files of results are in " + blobs.string() +
                        " (cupel verify reads their bytes)");
    }
    return wrong("files",
                 std::to_string(missing) + " of " + std::to_string(count) +
                     " files of results are not in " + blobs.string() +
                     ", or of another length, first " + first,
                 "copy them from the .blobs folder of a backup; the name is the hash");
}

/// Whoever the folder belongs to is whom cupeld runs as.
Finding check_rights(const fs::path& store, const fs::path& blobs) {
    const auto daemon = owner_of(store.parent_path());
    std::vector<fs::path> all{store.parent_path()};
    for (const char* ending : {"", "-wal", "-shm", ".lock", ".epoch"}) {
        all.emplace_back(store.string() + ending);
    }
    for (const auto& folder : blob_folders(blobs)) {
        all.push_back(folder);
    }
    for (const auto& path : all) {
        if (const auto obstacle = daemon ? obstacle_to(path, *daemon) : std::nullopt) {
            return wrong("rights", obstacle->text, obstacle->remedy);
        }
    }
    return fine("rights",
                "the user of the folder (" + (daemon ? daemon->name() : "nobody") +
                    ") can write the store and the files beside it");
}

Finding check_clock(Store& store) {
    Timestamp last{};
    for (const auto& [name, seq] : store.head().seqs) {
        for (const auto& event : store.events(name, seq, seq, 1)) {
            last = std::max(last, event.time);
        }
    }
    const auto ahead =
        std::chrono::duration_cast<std::chrono::seconds>(last - std::chrono::system_clock::now());
    if (ahead.count() > 5) {
        return wrong("clock",
                     "the last event is " + std::to_string(ahead.count()) +
                         " s in the future of this machine's clock",
                     "set the clock (timedatectl); leases do not depend on it, dates do");
    }
    return fine("clock", "not behind the last event");
}

Finding check_alarms(Store& store) {
    const auto open = store.open_alarms();
    if (open.empty()) {
        return fine("alarms", "none is open");
    }
    return wrong("alarms",
                 std::to_string(open.size()) + " open, the last of " + open.back().campaign + ": " +
                     open.back().text,
                 "cupel status lists them; mend it, then cupel ack");
}

Finding check_disk(const fs::path& folder) {
    std::error_code error;
    const auto space = fs::space(folder, error);
    if (error) {
        return wrong("disk", folder.string() + ": " + error.message(), "is it mounted?");
    }
    const std::string text = megabytes(space.available) + " free in " + folder.string();
    return space.available >= kLittleRoom
               ? fine("disk", text)
               : wrong("disk", text, "make room before nothing can be written any more");
}

Finding check_wal(const fs::path& store) {
    std::error_code none;
    const auto size = fs::file_size(store.string() + "-wal", none);
    const std::uintmax_t bytes = none ? 0 : size;
    if (bytes < kLongWal) {
        return fine("log", "write-ahead log of " + megabytes(bytes));
    }
    return wrong("log",
                 "write-ahead log of " + megabytes(bytes),
                 "another program reads the store and does not end (a backup, a browser): end it");
}

}  // namespace

std::vector<Finding> examine_store(const fs::path& path, const fs::path& given_blobs) {
    std::vector<Finding> findings;
    const auto add =
        [&](const char* check, const char* remedy, const std::function<Finding()>& look) {
            try {
                findings.push_back(look());
            } catch (const std::exception& error) {
                findings.push_back(wrong(check, error.what(), remedy));
            }
        };
    const fs::path folder = fs::absolute(path).parent_path();
    const fs::path blobs = blobs_beside(fs::absolute(path), given_blobs);
    std::unique_ptr<Store> store;
    std::error_code ignored;
    const char* absent = "start cupeld, which makes it; or name another with --store";
    const char* unreadable = "cupel restore the last backup; or name another store with --store";
    add("store", fs::exists(path, ignored) ? unreadable : absent, [&] {
        if (!fs::is_regular_file(path, ignored)) {
            throw StoreError(path.string() + ": there is no such store yet");
        }
        try {
            store = std::make_unique<Store>(path, Store::Mode::Read);
        } catch (const OutdatedStore& outdated) {
            return wrong("store", outdated.what(), "start cupeld once");
        } catch (const NewerStore& newer) {
            // An older backup would lose what the newer program wrote.
            return wrong("store", newer.what(), "use a newer cupeld and cupel; restore nothing");
        }
        return fine("store", path.string() + ", schema " + std::to_string(Store::newest_version()));
    });
    add("rights", "see to the owner of the store", [&] {
        return check_rights(fs::absolute(path), blobs);
    });
    if (store) {
        const char* damaged = "cupel verify lists the damage; cupel rebuild mends the tables";
        add("pages", damaged, [&] { return check_pages(*store); });
        add("history", "cupel restore the last backup", [&] { return check_chain(*store); });
        add("epoch", damaged, [&] { return check_side(*store, path); });
        add("keys", damaged, [&] { return check_keys(*store); });
        add("files", damaged, [&] { return check_files(*store, blobs); });
        add("log", damaged, [&] { return check_wal(path); });
        add("clock", damaged, [&] { return check_clock(*store); });
        add("alarms", damaged, [&] { return check_alarms(*store); });
    }
    add("disk", "make room", [&] { return check_disk(folder); });
    return findings;
}

}  // namespace cupel::controller
