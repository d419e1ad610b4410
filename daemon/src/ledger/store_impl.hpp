// The connection behind the store, shared by its sources: cached statements and error translation.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "store.hpp"

namespace cupel::controller {

/// Throws StoreError for a SQLite error met while `doing` something.
[[noreturn]] void rethrow(const SQLite::Exception& error, const std::string& doing);

/// Binds one value after the other. The caller's texts outlive the run: they are not copied.
class Binder {
  public:
    explicit Binder(SQLite::Statement& to) : to_(to) {}
    Binder& operator()(const std::string& text) {
        to_.bindNoCopy(++index_, text);
        return *this;
    }
    template <typename Number>
    Binder& operator()(Number number) {
        to_.bind(++index_, number);
        return *this;
    }

  private:
    SQLite::Statement& to_;
    int index_ = 0;
};

struct Store::Impl {
    Impl(const std::filesystem::path& path, int flags) : db(path.string(), flags) {}

    /// Ends a query when its user is done: an open one would pin an old state of the database.
    struct Reset {
        void operator()(SQLite::Statement* query) const noexcept { query->tryReset(); }
    };
    using Lent = std::unique_ptr<SQLite::Statement, Reset>;

    /// The prepared statement for `sql`, ready to bind: its last user left it reset, and the next
    /// binds every parameter anew. `sql` must be a literal: it is known by its address.
    Lent statement(const char* sql) {
        auto& slot = statements[sql];
        if (!slot) {
            slot = std::make_unique<SQLite::Statement>(db, sql);
        }
        return Lent(slot.get());
    }

    /// Binds the values and runs a statement that returns no rows; the number of rows it changed.
    template <typename... Values>
    int run(const char* sql, const Values&... values) {
        try {
            const Lent query = statement(sql);
            Binder to(*query);
            (to(values), ...);
            return query->exec();
        } catch (const SQLite::Exception& error) {
            rethrow(error, "cannot write");
        }
    }

    /// Rows that one statement inserts where there are so many: half the cost of a statement each.
    static constexpr std::size_t kHandful = 16;

    /// Inserts rows of so many columns; `bind_row` hands those of one to a Binder. `table` must be
    /// a literal.
    template <typename Row, typename BindRow>
    void insert(const char* table,
                std::size_t columns,
                const std::vector<Row>& rows,
                const BindRow& bind_row) {
        try {
            for (std::size_t first = 0; first < rows.size();) {
                const std::size_t count = rows.size() - first < kHandful ? 1 : kHandful;
                const Lent query(&insertion(table, columns, count));
                Binder to(*query);
                for (std::size_t i = 0; i < count; ++i) {
                    bind_row(to, rows[first + i]);
                }
                query->exec();
                first += count;
            }
        } catch (const SQLite::Exception& error) {
            rethrow(error, "cannot write");
        }
    }

    void reset_statements() noexcept {
        for (auto& [sql, slot] : statements) {
            slot->tryReset();
        }
        for (auto& [what, slot] : insertions) {
            slot->tryReset();
        }
    }

    SQLite::Database db;
    std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements;
    std::map<std::pair<const char*, std::size_t>, std::unique_ptr<SQLite::Statement>> insertions;

  private:
    SQLite::Statement& insertion(const char* table, std::size_t columns, std::size_t rows) {
        auto& slot = insertions[{table, rows}];
        if (!slot) {
            std::string row = "(?";
            for (std::size_t i = 1; i < columns; ++i) {
                row += ",?";
            }
            // A row that is refused fails the transaction: OR FAIL spares SQLite the journal by
            // which it would undo the other rows of the statement alone.
            std::string sql = std::string("INSERT OR FAIL INTO ") + table + " VALUES ";
            for (std::size_t i = 0; i < rows; ++i) {
                sql += (i == 0 ? "" : ",") + row + ')';
            }
            slot = std::make_unique<SQLite::Statement>(db, sql);
        }
        return *slot;
    }
};

/// The store is one of a newer version: whole, as far as this program can tell.
class NewerStore : public StoreError {
  public:
    using StoreError::StoreError;
};

/// Throws StoreError for a database that is no store, NewerStore for one of a newer version.
void check_version(SQLite::Database& db, const std::filesystem::path& path);

/// The one text that a query gives for one key; nothing when it gives none.
std::optional<std::string> one_text(Store::Impl& impl, const char* sql, const std::string& key);

/// Runs `work`, turning SQLite's exceptions into ours.
template <typename Work>
auto guarded(const char* doing, Work&& work) {
    try {
        return work();
    } catch (const SQLite::Exception& error) {
        rethrow(error, std::string("cannot ") + doing);
    }
}

}  // namespace cupel::controller
