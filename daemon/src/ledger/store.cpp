// SQLite behind the store: opening, migrating, transactions, the history.
#include "store.hpp"

#include <sqlite3.h>

#include <cupel/domain/sha256.hpp>

#include "fault_point.hpp"
#include "migrations.hpp"
#include "owner.hpp"
#include "store_impl.hpp"

namespace cupel::controller {
namespace {

std::string column(SQLite::Statement& row, int index) {
    return row.getColumn(index).getString();
}

void check_not_newer(int version, const std::filesystem::path& path) {
    if (version > Store::newest_version()) {
        throw NewerStore(path.string() + " is a database from a newer version (schema " +
                         std::to_string(version) + ", this program knows " +
                         std::to_string(Store::newest_version()) + "); use a newer cupeld");
    }
}

/// A reader changes nothing: what it finds must be of this version already.
void check_readable(SQLite::Database& db, const std::filesystem::path& path) {
    check_version(db, path);
    const int version = db.execAndGet("PRAGMA user_version").getInt();
    if (version < Store::newest_version()) {
        throw OutdatedStore(path.string() + " is a store of an older version (schema " +
                            std::to_string(version) +
                            "); start cupeld once to bring it up to date");
    }
}

/// Tables without a version of ours belong to another program: they are left alone.
void check_ours(SQLite::Database& db, int version, const std::filesystem::path& path) {
    if (version == 0 && db.execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0) {
        throw StoreError(path.string() + " is a database of another program; name another file");
    }
}

/// Brings a writable database to the newest version, each step in a transaction of its own.
void migrate(SQLite::Database& db, const std::filesystem::path& path) {
    const int version = db.execAndGet("PRAGMA user_version").getInt();
    check_not_newer(version, path);
    for (int next = version + 1; next <= Store::newest_version(); ++next) {
        SQLite::Transaction step(db);
        db.exec(std::string(migrations()[static_cast<std::size_t>(next) - 1]));
        db.exec("PRAGMA user_version = " + std::to_string(next));
        fault_point(FaultPoint::MigrationOpen);
        step.commit();
        fault_point(FaultPoint::MigrationCommitted);
    }
}

/// SQLite would open it all the same, for reading alone, and say so with the first write.
void require_writable(const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    const std::string name = path.string();
    const fs::path folder = fs::absolute(path).parent_path();
    for (const auto& each : {folder, path, fs::path(name + "-wal"), fs::path(name + "-shm")}) {
        if (const auto obstacle = obstacle_to(each)) {
            throw StoreError(obstacle->text + ": " + obstacle->remedy);
        }
    }
}

}  // namespace

void check_version(SQLite::Database& db, const std::filesystem::path& path) {
    const int version = db.execAndGet("PRAGMA user_version").getInt();
    check_not_newer(version, path);
    if (version == 0) {
        throw StoreError(path.string() + " is no store of cupeld");
    }
}

void rethrow(const SQLite::Exception& error, const std::string& doing) {
    const bool full = error.getErrorCode() == SQLITE_FULL || error.getErrorCode() == SQLITE_IOERR;
    throw StoreError("store: " + doing + ": " + error.what(), full);
}

std::string chain_hash(const std::string& previous, const Event& event) {
    // Length-prefixed fields, so that no two rows can share their bytes.
    std::string text;
    text.reserve(256 + event.body_json.size() + event.changes_json.size());
    const auto add = [&](const std::string& field) {
        text.append(std::to_string(field.size())).append(1, ':').append(field);
    };
    add(previous);
    add(event.id);
    add(event.campaign);
    add(std::to_string(event.seq));
    add(std::to_string(event.gseq));
    add(event.kind);
    add(event.proposal);
    add(event.cause);
    add(to_rfc3339(event.time));
    add(event.body_json);
    if (!event.changes_json.empty()) {
        add(event.changes_json);  // rows from before schema 3 have none, and keep their hash
    }
    return sha256_hex(text);
}

Store::Store(const std::filesystem::path& path, Mode mode) {
    std::error_code none;
    if (std::filesystem::is_directory(path, none)) {
        throw StoreError(path.string() + " is a folder; a store is a file in one");
    }
    if (mode == Mode::Write && !path.empty()) {
        require_writable(path);
    }
    try {
        // Each thread has a connection of its own: SQLite need not guard it.
        const int flags = SQLite::OPEN_NOMUTEX |
                          (mode == Mode::Write ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE
                                               : SQLite::OPEN_READONLY);
        impl_ = std::make_unique<Impl>(path, flags);
        SQLite::Database& db = impl_->db;
        db.setBusyTimeout(5000);
        if (mode == Mode::Write) {
            // The version is looked at first: a newer database is not touched.
            const int version = db.execAndGet("PRAGMA user_version").getInt();
            check_ours(db, version, path);
            if (version <= newest_version()) {
                db.exec("PRAGMA journal_mode = WAL");
                db.exec("PRAGMA synchronous = FULL");
                db.exec("PRAGMA wal_autocheckpoint = 4000");
                // What a long reader (a backup, a check) made it grow to goes when it is over.
                db.exec("PRAGMA journal_size_limit = 67108864");
            }
            migrate(db, path);
        } else {
            check_readable(db, path);
        }
    } catch (const SQLite::Exception& error) {
        throw StoreError(path.string() + ": cannot open the store: " + error.what());
    }
}

Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

int Store::newest_version() {
    return static_cast<int>(migrations().size());
}

void Store::begin() {
    try {
        impl_->db.exec("BEGIN IMMEDIATE");
        fault_point(FaultPoint::TransactionOpen);
    } catch (const SQLite::Exception& error) {
        rethrow(error, "cannot begin a transaction");
    }
}

void Store::begin_read() {
    guarded("begin reading", [&] { impl_->db.exec("BEGIN"); });
}

void Store::commit() {
    try {
        fault_point(FaultPoint::BeforeCommit);
        impl_->db.exec("COMMIT");
        fault_point(FaultPoint::AfterCommit);
    } catch (const SQLite::Exception& error) {
        rollback();
        rethrow(error, "cannot commit");
    }
}

void Store::rollback() noexcept {
    impl_->reset_statements();
    if (sqlite3_get_autocommit(impl_->db.getHandle()) == 0) {
        impl_->db.tryExec("ROLLBACK");
    }
}

void Store::checkpoint() noexcept {
    fault_point(FaultPoint::BeforeCheckpoint);
    impl_->db.tryExec("PRAGMA wal_checkpoint(PASSIVE)");
    fault_point(FaultPoint::AfterCheckpoint);
}

void Store::checkpoint_all() {
    guarded("write the log into the database",
            [&] { impl_->db.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)"); });
}

void Store::leave_syncs_to_caller() {
    // The log is still synced before its pages go into the database, and where it begins anew.
    guarded("leave syncs to the caller", [&] { impl_->db.exec("PRAGMA synchronous = NORMAL"); });
}

std::int64_t Store::rows_written() const noexcept {
    return sqlite3_total_changes64(impl_->db.getHandle());
}

void Store::set_patience(std::chrono::milliseconds patience) {
    guarded("set the patience",
            [&] { impl_->db.setBusyTimeout(static_cast<int>(patience.count())); });
}

std::optional<std::string> one_text(Store::Impl& impl, const char* sql, const std::string& key) {
    return guarded("read a row", [&]() -> std::optional<std::string> {
        const auto query = impl.statement(sql);
        query->bind(1, key);
        if (!query->executeStep()) {
            return std::nullopt;
        }
        return column(*query, 0);
    });
}

std::optional<std::string> Store::meta(const std::string& key) {
    return one_text(*impl_, "SELECT value FROM meta WHERE key = ?", key);
}

void Store::set_meta(const std::string& key, const std::string& value) {
    impl_->run(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key,
        value);
}

void Store::drop_meta(const std::string& key) {
    impl_->run("DELETE FROM meta WHERE key = ?", key);
}

Head Store::head() {
    return guarded("read the head", [&] {
        Head head;
        const auto last_lent =
            impl_->statement("SELECT gseq, chain FROM event ORDER BY gseq DESC LIMIT 1");
        auto& last = *last_lent;
        if (last.executeStep()) {
            head.gseq = last.getColumn(0).getInt64();
            head.chain = column(last, 1);
        }
        // From campaign to campaign through the index; GROUP BY would read every event.
        const auto seqs_lent = impl_->statement(
            "WITH RECURSIVE known (name) AS (SELECT min(campaign) FROM event UNION ALL "
            "SELECT (SELECT min(campaign) FROM event WHERE campaign > known.name) FROM known "
            "WHERE known.name IS NOT NULL) "
            "SELECT name, (SELECT max(seq) FROM event WHERE campaign = known.name) FROM known "
            "WHERE name IS NOT NULL");
        auto& seqs = *seqs_lent;
        while (seqs.executeStep()) {
            head.seqs[column(seqs, 0)] = seqs.getColumn(1).getInt64();
        }
        return head;
    });
}

void Store::append(const std::vector<Event>& events) {
    std::vector<std::string> times;
    times.reserve(events.size());  // they stay where they are: they are bound without a copy
    impl_->insert("event", 11, events, [&](Binder& to, const Event& event) {
        times.push_back(to_rfc3339(event.time));
        to(event.gseq)(event.id)(event.campaign)(event.seq)(event.kind)(event.proposal)(
            event.cause)(times.back())(event.body_json)(event.chain)(event.changes_json);
        fault_point(FaultPoint::EventAppended);
    });
}

namespace {

Event event_of(SQLite::Statement& row) {
    Event event;
    event.gseq = row.getColumn(0).getInt64();
    event.id = column(row, 1);
    event.campaign = column(row, 2);
    event.seq = row.getColumn(3).getInt64();
    event.kind = column(row, 4);
    event.proposal = column(row, 5);
    event.cause = column(row, 6);
    event.time = try_parse_rfc3339(column(row, 7)).value_or(Timestamp{});
    event.body_json = column(row, 8);
    event.chain = column(row, 9);
    event.changes_json = row.getColumnCount() > 10 ? column(row, 10) : "";
    return event;
}

}  // namespace

std::vector<Event> Store::events(const std::string& campaign,
                                 std::int64_t from,
                                 std::optional<std::int64_t> to,
                                 int limit,
                                 std::size_t bytes) {
    return guarded("read events", [&] {
        const auto query_lent = impl_->statement(
            "SELECT gseq, id, campaign, seq, kind, proposal, cause, time, body, chain FROM event "
            "WHERE campaign = ? AND seq >= ? AND seq <= ? ORDER BY seq LIMIT ?");
        auto& query = *query_lent;
        query.bind(1, campaign);
        query.bind(2, from);
        query.bind(3, to.value_or(INT64_MAX));
        query.bind(4, limit);
        std::vector<Event> events;
        std::size_t read = 0;
        while (read < bytes && query.executeStep()) {
            events.push_back(event_of(query));
            read += events.back().body_json.size();
        }
        return events;
    });
}

void Store::check_tail() {
    guarded("read the end of the history", [&] {
        const auto query = impl_->statement(
            "SELECT * FROM (SELECT * FROM event ORDER BY gseq DESC LIMIT ?) ORDER BY gseq");
        query->bind(1, kTail + 1);
        std::optional<Event> before;
        while (query->executeStep()) {
            Event event = event_of(*query);
            const bool first = !before && event.gseq != 1;  // its predecessor is not at hand
            const std::string chain = before ? before->chain : "";
            if (!first && event.chain != chain_hash(chain, event)) {
                throw StoreError("event " + std::to_string(event.gseq) +
                                 ": its hash does not fit the row and its predecessor");
            }
            before = std::move(event);
        }
    });
}

void Store::for_each_event(const std::function<void(const Event&)>& hear) {
    guarded("read the history", [&] {
        const auto query_lent = impl_->statement("SELECT * FROM event ORDER BY gseq");
        auto& query = *query_lent;
        while (query.executeStep()) {
            hear(event_of(query));
        }
    });
}

}  // namespace cupel::controller
