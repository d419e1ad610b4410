// The raw limit of the disk: the rows of commands and events, and nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include <cupel/domain/ulid.hpp>

namespace cupel::test {

/// A bare store: one row for the command and one for its event, as long as ours, in tables like
/// ours. Nothing is parsed, made, hashed or told.
class BareStore {
  public:
    /// `handful`: rows of one statement; of ours, sixteen.
    explicit BareStore(const std::filesystem::path& file, int handful = 1)
        : handful_(handful),
          db_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX) {
        db_.exec("PRAGMA journal_mode = WAL");
        db_.exec("PRAGMA synchronous = FULL");
        db_.exec("PRAGMA wal_autocheckpoint = 4000");
        db_.exec(
            "CREATE TABLE command (client TEXT, cmd_id TEXT, kind TEXT, hash TEXT, reply TEXT, "
            "time TEXT, UNIQUE (cmd_id, client))");
        db_.exec(
            "CREATE TABLE event (gseq INTEGER PRIMARY KEY, id TEXT, campaign TEXT, seq INTEGER, "
            "kind TEXT, proposal TEXT, cause TEXT, time TEXT, body TEXT, chain TEXT, "
            "changes TEXT, UNIQUE (campaign, seq))");
        for (int i = 0; i < 64; ++i) {
            commit(256);  // from the first checkpoint on the log is written in place
        }
    }
    void commit(int commands) {
        SQLite::Transaction transaction(db_);
        for (int left = commands; left > 0;) {
            const int rows = left >= handful_ ? handful_ : 1;
            insert_commands(rows);
            insert_events(rows);
            left -= rows;
        }
        transaction.commit();
    }

  private:
    SQLite::Statement& insertion(const char* table, int columns, int rows) {
        auto& slot = insertions_[{table, rows}];
        if (!slot) {
            std::string row = "(?";
            for (int i = 1; i < columns; ++i) {
                row += ",?";
            }
            std::string sql = std::string("INSERT OR FAIL INTO ") + table + " VALUES " + row + ")";
            for (int i = 1; i < rows; ++i) {
                sql += "," + row + ")";
            }
            slot = std::make_unique<SQLite::Statement>(db_, sql);
        }
        slot->reset();
        return *slot;
    }
    void insert_commands(int rows) {
        auto& insert = insertion("command", 6, rows);
        std::vector<std::string> ids;
        for (int i = 0; i < rows; ++i) {
            ids.push_back(make_ulid());
        }
        for (int i = 0, column = 0; i < rows; ++i) {
            insert.bindNoCopy(++column, client_);
            insert.bindNoCopy(++column, ids[static_cast<std::size_t>(i)]);
            insert.bindNoCopy(++column, kind_);
            insert.bindNoCopy(++column, hash_);
            insert.bindNoCopy(++column, reply_);
            insert.bindNoCopy(++column, time_);
        }
        insert.exec();
    }
    void insert_events(int rows) {
        auto& insert = insertion("event", 11, rows);
        for (int i = 0, column = 0; i < rows; ++i) {
            insert.bind(++column, ++gseq_);
            insert.bindNoCopy(++column, id_);
            insert.bindNoCopy(++column, campaign_);
            insert.bind(++column, gseq_);
            insert.bindNoCopy(++column, kind_);
            insert.bindNoCopy(++column, id_);
            insert.bindNoCopy(++column, cause_);
            insert.bindNoCopy(++column, time_);
            insert.bindNoCopy(++column, body_);
            insert.bindNoCopy(++column, hash_);
            insert.bindNoCopy(++column, none_);
        }
        insert.exec();
    }

    const int handful_;
    SQLite::Database db_;
    std::map<std::pair<const char*, int>, std::unique_ptr<SQLite::Statement>> insertions_;
    std::int64_t gseq_ = 0;
    const std::string client_ = "local:bench", kind_ = "PROGRESS", campaign_ = "c";
    const std::string hash_ = std::string(64, 'a'), id_ = make_ulid(), cause_ = "p123456";
    const std::string time_ = "2026-11-30T12:00:00.000Z", none_;
    const std::string reply_ = R"({"state":"STARTED","ttl_s":1799.999983225})";
    const std::string body_ =
        R"({"attempt":1,"campaign":"c","client":"local:bench","deadline":"2026-11-30T12:30:00.000Z",)"
        R"("note":null,"proposal":"01KB9MBCQFGN657XET1CM4ABW0","stage":"stirring","state":"STARTED"})";
};

}  // namespace cupel::test
