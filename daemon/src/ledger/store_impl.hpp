// The connection behind the store, shared by its sources: cached statements and error translation.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "store.hpp"

namespace cupel::controller {

/// Throws StoreError for a SQLite error met while `doing` something.
[[noreturn]] void rethrow(const SQLite::Exception& error, const std::string& doing);

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
            int index = 0;
            (bind(*query, ++index, values), ...);
            return query->exec();
        } catch (const SQLite::Exception& error) {
            rethrow(error, "cannot write");
        }
    }

    void reset_statements() noexcept {
        for (auto& [sql, slot] : statements) {
            slot->tryReset();
        }
    }

    SQLite::Database db;
    std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements;

  private:
    /// The caller's text outlives the run: it is not copied.
    static void bind(SQLite::Statement& query, int index, const std::string& text) {
        query.bindNoCopy(index, text);
    }
    template <typename Number>
    static void bind(SQLite::Statement& query, int index, Number number) {
        query.bind(index, number);
    }
};

/// Throws StoreError for a database that is no store, or one of a newer version.
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
