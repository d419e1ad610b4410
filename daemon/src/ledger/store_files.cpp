// fsync, link, rename; content-addressed copies.
#include "store_files.hpp"

#include <cerrno>
#include <cstring>

#include <SQLiteCpp/Backup.h>
#include <fcntl.h>
#include <unistd.h>

#include <cupel/domain/timestamp.hpp>

#include "blob_store.hpp"
#include "owner.hpp"
#include "store_impl.hpp"
#include "store_lock.hpp"

namespace cupel::controller {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* doing) {
    const int code = errno;
    throw StoreError(path.string() + ": cannot " + doing + ": " + std::strerror(code),
                     code == ENOSPC || code == EDQUOT);
}

void sync(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        fail(path, "open");
    }
    const int result = ::fsync(descriptor);
    ::close(descriptor);
    if (result != 0) {
        fail(path, "fsync");
    }
}

fs::path with(const fs::path& path, const char* ending) {
    return path.string() + ending;
}

fs::path folder_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A name that nothing has yet.
fs::path aside_name(const fs::path& store, const std::string& why) {
    std::string stamp = to_rfc3339(
        std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now()));
    stamp = stamp.substr(0, stamp.find('.')) + "Z";
    std::string name = store.string() + "." + why + "-";
    for (const char letter : stamp) {
        name += letter == '-' || letter == ':' ? std::string() : std::string(1, letter);
    }
    fs::path free = name;
    for (int n = 2; fs::exists(free); ++n) {
        free = name + "-" + std::to_string(n);
    }
    return free;
}

void link_aside(const fs::path& from, const fs::path& to) {
    if (fs::exists(from) && ::link(from.c_str(), to.c_str()) != 0) {
        fail(to, "keep the old store");
    }
}

/// A daemon that was killed leaves commits in the WAL: they are moved into the database, if it can
/// still be opened.
void settle(const fs::path& store) noexcept {
    try {
        Store(store, Store::Mode::Write).checkpoint();
    } catch (const std::exception&) {
        // Damaged: kept as it is, with its WAL.
    }
}

}  // namespace

fs::path blobs_beside(const fs::path& store, const fs::path& blobs) {
    return blobs.empty() ? store.parent_path() / "blobs" : blobs;
}

void remove_database(const fs::path& path) {
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
        fs::remove(with(path, ending), ignored);
    }
}

fs::path replace_store(const fs::path& store, const fs::path& made, const std::string& why) {
    sync(made);
    fs::path aside;
    std::error_code ignored;
    if (fs::exists(store)) {
        settle(store);
        aside = aside_name(store, why);
        link_aside(store, aside);
        link_aside(with(store, "-wal"), with(aside, "-wal"));
        // The daemon goes on writing into this one.
        if (fs::exists(with(store, ".epoch"))) {
            fs::copy_file(with(store, ".epoch"), with(aside, ".epoch"), ignored);
            if (const auto owner = owner_of(aside)) {
                give_to(with(aside, ".epoch"), *owner);
            }
        }
        sync(folder_of(store));
    }
    // A WAL of the old database must never meet the new one.
    fs::remove(with(store, "-wal"), ignored);
    fs::remove(with(store, "-shm"), ignored);
    if (::rename(made.c_str(), store.c_str()) != 0) {
        fail(store, "put the new store in its place");
    }
    remove_database(made);  // what a reader of it left beside it
    sync(folder_of(store));
    return aside;
}

void hand_over(const fs::path& made, const fs::path& store, const fs::path& blobs) {
    const auto owner = owner_of_store(store);
    if (!owner) {
        return;
    }
    give_to(made, *owner);
    give_to(real_store(store).string() + ".epoch", *owner);
    std::error_code none;
    const auto before = fs::status(store, none);
    if (!none && fs::exists(before)) {
        fs::permissions(made, before.permissions(), none);
    }
    if (::geteuid() == 0 && fs::exists(blobs, none)) {
        give_to(blobs, *owner);
        for (const auto& row : Store(made, Store::Mode::Read).blobs()) {
            const fs::path file = blob_path(blobs, row.sha256);
            give_to(file.parent_path(), *owner);
            give_to(file, *owner);
        }
    }
}

void copy_database(const fs::path& from, const fs::path& to) {
    const std::string doing = "copy " + from.string() + " to " + to.string();
    guarded(doing.c_str(), [&] {
        SQLite::Database source(from.string(), SQLite::OPEN_READONLY);
        source.setBusyTimeout(5000);
        check_version(source, from);
        SQLite::Database copy(to.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        SQLite::Backup(copy, source).executeStep(-1);  // all pages at once: one moment's state
        copy.exec("PRAGMA journal_mode = DELETE");     // one file, nothing beside it
    });
}

void copy_tables(Store& to, const fs::path& from, const std::vector<std::string>& tables) {
    guarded("copy the tables", [&] {
        SQLite::Database& db = to.impl().db;
        SQLite::Statement attach(db, "ATTACH DATABASE ? AS source");
        attach.bind(1, from.string());
        attach.exec();
        {
            SQLite::Transaction all(db);
            for (const auto& table : tables) {
                db.exec("DELETE FROM main." + table);
                db.exec("INSERT INTO main." + table + " SELECT * FROM source." + table);
            }
            all.commit();
        }
        db.exec("DETACH DATABASE source");
    });
}

CarriedBlobs carry_blobs(Store& store, const fs::path& from, const fs::path& to) {
    CarriedBlobs carried;
    std::error_code error;
    fs::create_directories(to, error);
    if (error) {
        throw StoreError(to.string() + ": cannot make the folder: " + error.message());
    }
    for (const auto& row : store.blobs()) {
        ++carried.files;
        carried.bytes += static_cast<std::int64_t>(row.length);
        const BlobState there = try_look_at_blob(to, row.sha256);
        if (there == BlobState::Whole) {
            continue;
        }
        const BlobState here = try_look_at_blob(from, row.sha256);
        if (here == BlobState::Whole) {
            put_blob_file(to, read_blob_file(from, row.sha256));
        } else if (here == BlobState::Damaged || there == BlobState::Damaged) {
            carried.damaged.push_back(row.sha256);
        } else {
            carried.missing.push_back(row.sha256);
        }
    }
    return carried;
}

}  // namespace cupel::controller
