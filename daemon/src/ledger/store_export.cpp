// Tables to JSON lines and back; files under names that people can read.
#include <cctype>
#include <fstream>
#include <map>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <cupel/codec/envelope.hpp>
#include <cupel/controller/store_export.hpp>
#include <cupel/domain/sha256.hpp>

#include "blob_store.hpp"
#include "changes.hpp"
#include "projection.hpp"
#include "store_files.hpp"
#include "store_impl.hpp"
#include "store_lock.hpp"

namespace cupel::controller {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "cupel-export-1";
constexpr int kOldestSchema = 3;  ///< since then the exported tables are as they are today

std::ofstream create(const fs::path& path) {
    std::ofstream out(path, std::ios::binary);
    if (!out) {
        throw StoreError(path.string() + ": cannot be written");
    }
    return out;
}

void finish(std::ofstream& out, const fs::path& path) {
    out.close();
    if (!out) {
        throw StoreError(path.string() + ": cannot be written; is the disk full?", true);
    }
}

/// An object that was written as we write them stands in the line as JSON; any other text as text.
Json value_of(SQLite::Column column) {
    if (column.isInteger()) {
        return column.getInt64();
    }
    const std::string text = column.getString();
    if (!text.empty() && text.front() == '{') {
        const auto parsed = nlohmann::json::parse(text, nullptr, false);
        if (parsed.is_object() && dump_stored(parsed) == text) {
            return Json::parse(text);
        }
    }
    return text;
}

std::int64_t write_table(SQLite::Database& db, const std::string& table, const fs::path& path) {
    auto out = create(path);
    SQLite::Statement rows(db, "SELECT * FROM " + table + " ORDER BY 1, 2");
    std::int64_t count = 0;
    while (rows.executeStep()) {
        Json line;
        for (int i = 0; i < rows.getColumnCount(); ++i) {
            line[rows.getColumnName(i)] = value_of(rows.getColumn(i));
        }
        out << line.dump() << '\n';
        ++count;
    }
    finish(out, path);
    return count;
}

/// The beginning of the hash, then the name that the worker gave it, letters of paths left out.
std::string file_name(const BlobRow& row) {
    std::string name;
    for (const char letter : row.name.substr(row.name.find_last_of('/') + 1)) {
        const bool plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '.' ||
                           letter == '-' || letter == '_';
        name += plain ? letter : '_';
    }
    return row.sha256.substr(0, 16) + "-" + (name.empty() ? "file" : name.substr(0, 100));
}

void write_files(Store& store, const fs::path& blobs, const fs::path& to, ExportReport& report) {
    fs::create_directories(to);
    for (const auto& row : store.blobs()) {
        const BlobState state = try_look_at_blob(blobs, row.sha256);
        if (state != BlobState::Whole) {
            (state == BlobState::Missing ? report.missing : report.damaged).push_back(row.sha256);
            continue;
        }
        std::error_code error;
        fs::copy_file(blob_path(blobs, row.sha256), to / file_name(row), error);
        if (error) {
            throw StoreError(
                (to / file_name(row)).string() + ": cannot be written: " + error.message(),
                error == std::errc::no_space_on_device);
        }
        ++report.files;
    }
}

void require_store(const fs::path& store, const fs::path& target) {
    std::error_code ignored;
    if (!fs::is_regular_file(store, ignored)) {
        throw InputError("no_file", store.string() + ": there is no such store");
    }
    if (fs::exists(target)) {
        throw InputError("exists", target.string() + " exists already; name another");
    }
}

/// The lines of one file of an export; errors name the line.
class Lines {
  public:
    explicit Lines(const fs::path& path) : path_(path), in_(path, std::ios::binary) {
        if (!in_) {
            throw InputError("no_export", path.string() + ": cannot be read");
        }
    }
    bool next(Json& line) {
        std::string text;
        if (!std::getline(in_, text)) {
            return false;
        }
        ++number_;
        line = Json::parse(text, nullptr, false);
        if (!line.is_object()) {
            fail("expected a JSON object");
        }
        return true;
    }
    [[noreturn]] void fail(const std::string& what) const {
        throw InputError("bad_export",
                         path_.string() + ":" + std::to_string(number_) + ": " + what);
    }

  private:
    fs::path path_;
    std::ifstream in_;
    int number_ = 0;
};

std::vector<std::string> columns_of(SQLite::Database& db, const std::string& table) {
    std::vector<std::string> names;
    SQLite::Statement row(db, "SELECT * FROM " + table + " LIMIT 0");
    for (int i = 0; i < row.getColumnCount(); ++i) {
        names.emplace_back(row.getColumnName(i));
    }
    return names;
}

void bind_value(SQLite::Statement& row, int index, const Json& value) {
    if (value.is_number_integer()) {
        row.bind(index, value.get<std::int64_t>());
    } else {
        // Objects are sorted again as the store has them.
        row.bind(index,
                 value.is_string() ? value.get<std::string>()
                                   : dump_stored(nlohmann::json::parse(value.dump())));
    }
}

void read_table(SQLite::Database& db, const std::string& table, const fs::path& path) {
    const auto columns = columns_of(db, table);
    std::string places;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        places += i == 0 ? "?" : ", ?";
    }
    db.exec("DELETE FROM " + table);
    SQLite::Statement insert(db, "INSERT INTO " + table + " VALUES (" + places + ")");
    Lines lines(path);
    for (Json line; lines.next(line);) {
        insert.reset();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto value = line.find(columns[i]);
            if (value == line.end()) {
                lines.fail("expected the column " + columns[i]);
            }
            bind_value(insert, static_cast<int>(i) + 1, *value);
        }
        try {
            insert.exec();
        } catch (const SQLite::Exception& error) {
            if (error.getErrorCode() == SQLITE_FULL) {
                throw;
            }
            lines.fail(error.what());
        }
    }
}

Json read_manifest(const fs::path& folder) {
    std::error_code none;
    if (!fs::is_directory(folder, none)) {
        throw InputError("no_export",
                         folder.string() +
                             ": there is no such folder; name one that cupel "
                             "export made");
    }
    std::ifstream in(folder / "export.json");
    const Json manifest = Json::parse(in, nullptr, false);
    const std::string where = (folder / "export.json").string();
    if (!manifest.is_object() || manifest.value("format", "") != kFormat) {
        throw InputError("bad_export",
                         where + ": expected the file of a cupel export (format " + kFormat + ")");
    }
    const int schema = manifest.value("schema", 0);
    if (schema < kOldestSchema || schema > Store::newest_version()) {
        throw InputError("bad_export",
                         where + ": it was written with schema " + std::to_string(schema) +
                             ", this program reads " + std::to_string(kOldestSchema) + " to " +
                             std::to_string(Store::newest_version()) +
                             "; import it with the version that wrote it");
    }
    return manifest;
}

/// One bad file among many keeps nobody from the history.
void read_files(Store& store, const fs::path& folder, const fs::path& blobs, ImportReport& report) {
    for (const auto& row : store.blobs()) {
        const fs::path file = folder / "files" / file_name(row);
        std::ifstream in(file, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        if (in.is_open() && sha256_hex(bytes) == row.sha256) {
            put_blob_file(blobs, bytes);
        } else if (try_look_at_blob(blobs, row.sha256) != BlobState::Whole) {
            // Without a file: it was missing when it was exported, or was left out on purpose.
            (in.is_open() ? report.damaged : report.missing).push_back(row.sha256);
        }
    }
}

ExportReport write_store(Store& source, const fs::path& blobs, const fs::path& folder) {
    ExportReport report;
    report.history = source.verify_history();
    guarded("export", [&] {
        for (const auto& table : kept_tables()) {
            const auto rows = write_table(source.impl().db, table, folder / (table + ".jsonl"));
            report.events += table == "event" ? rows : 0;
        }
    });
    write_files(source, blobs, folder / "files", report);
    const Head head = source.head();
    const fs::path manifest = folder / "export.json";
    auto out = create(manifest);
    out << Json{{"format", kFormat},
                {"schema", Store::newest_version()},
                {"epoch", source.meta("epoch").value_or("")},
                {"events", report.events},
                {"files", report.files},
                {"chain", head.chain}}
               .dump(2)
        << '\n';
    finish(out, manifest);
    return report;
}

}  // namespace

ExportReport export_store(const fs::path& store, const fs::path& blobs, const fs::path& folder) {
    require_store(store, folder);
    Store source(store, Store::Mode::Read);
    source.begin_read();
    fs::create_directories(folder);
    try {
        return write_store(source, blobs_beside(store, blobs), folder);
    } catch (...) {
        // Half an export would only be in the way of the next try.
        std::error_code ignored;
        fs::remove_all(folder, ignored);
        throw;
    }
}

ExportReport export_events(const fs::path& store, const fs::path& file) {
    require_store(store, file);
    ExportReport report;
    Store source(store, Store::Mode::Read);
    source.begin_read();
    report.history = source.verify_history();
    const std::string epoch = source.meta("epoch").value_or("");
    auto out = create(file);
    source.for_each_event([&](const Event& event) {
        out << codec::encode(event, epoch) << '\n';
        ++report.events;
    });
    finish(out, file);
    return report;
}

ImportReport import_store(const fs::path& folder, const fs::path& given, const fs::path& blobs) {
    const Json manifest = read_manifest(folder);
    const StoreLock lock(given);
    const fs::path& store = lock.store();
    if (fs::exists(store)) {
        throw InputError("exists", store.string() + " exists already; name another file");
    }
    const fs::path made = store.string() + ".importing";
    remove_database(made);
    ImportReport report;
    try {
        Store fresh(made, Store::Mode::Write);
        guarded("import", [&] {
            SQLite::Transaction all(fresh.impl().db);
            for (const auto& table : kept_tables()) {
                read_table(fresh.impl().db, table, folder / (table + ".jsonl"));
            }
            all.commit();
        });
        const VerifyReport history = fresh.verify_history();
        if (!history.ok() || fresh.head().chain != manifest.value("chain", "")) {
            throw InputError(
                "bad_export",
                folder.string() + ": the history is damaged: " +
                    (history.ok() ? "it does not end as it did" : history.problems.front()));
        }
        project(fresh, fresh);
        read_files(fresh, folder, blobs_beside(store, blobs), report);
        fresh.begin();
        fresh.set_meta("restored", "imported from " + fs::absolute(folder).filename().string());
        fresh.commit();
        report.check = fresh.verify();
    } catch (...) {
        remove_database(made);
        throw;
    }
    hand_over(made, store, blobs_beside(store, blobs));
    replace_store(store, made, "");
    return report;
}

}  // namespace cupel::controller
