// Backups beside a running daemon, exports, and what comes of them.
#include <algorithm>
#include <fstream>

#include <cupel/controller/store_backup.hpp>
#include <cupel/controller/store_check.hpp>
#include <cupel/controller/store_export.hpp>

#include "busy_campaigns.hpp"
#include "catch.hpp"
#include "ledger/blob_store.hpp"
#include "ledger/store_lock.hpp"
#include "store_tables.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace cupel::controller;

namespace {

struct Copied {
    Copied() { BusyCampaigns(bench, 21).run(300); }
    std::filesystem::path store() const { return bench.dir() / "cupel.db"; }
    std::filesystem::path blobs() const { return bench.dir() / "blobs"; }
    Bench bench{kBusyKeys};
    TempDir elsewhere;
};

/// Without the mark by which a daemon knows a restored store.
Tables unmarked(Tables tables) {
    auto& meta = tables.at("meta");
    meta.erase(std::remove_if(meta.begin(),
                              meta.end(),
                              [](const std::string& row) { return row.find("8:restored") == 0; }),
               meta.end());
    return tables;
}

}  // namespace

TEST_CASE("a backup beside a running daemon is the store of one moment, in one file",
          "[store_copies]") {
    Copied copied;
    const auto file = copied.elsewhere / "monday.db";
    const auto report = backup_store(copied.store(), copied.blobs(), file);
    CHECK(report.check.ok());
    CHECK(report.check.events == static_cast<std::int64_t>(copied.bench.events.size()));
    CHECK(report.missing.empty());
    REQUIRE(report.files > 1);
    CHECK(tables_of(file) == tables_of(copied.store()));
    CHECK_FALSE(std::filesystem::exists(file.string() + "-wal"));
    CHECK_FALSE(std::filesystem::exists(file.string() + ".part"));
    const std::string cif = "data_0\n";
    CHECK(read_blob_file(file.string() + ".blobs", sha256_hex(cif)) == cif);
    // The daemon goes on, the copy stays.
    copied.bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Pause, ""},
                    "CAMPAIGN_PAUSE");
    CHECK(tables_of(file) != tables_of(copied.store()));
    CHECK(check_store(file).ok());
}

TEST_CASE("a backup overwrites nothing and says which files are missing", "[store_copies]") {
    Copied copied;
    const auto file = copied.elsewhere / "monday.db";
    std::filesystem::remove(blob_path(copied.blobs(), sha256_hex("data_0\n")));
    const auto report = backup_store(copied.store(), copied.blobs(), file);
    CHECK(report.missing == std::vector<std::string>{sha256_hex("data_0\n")});
    CHECK_THROWS_AS(backup_store(copied.store(), copied.blobs(), file), InputError);
    CHECK_THROWS_AS(backup_store(copied.elsewhere / "none.db", {}, copied.elsewhere / "x"),
                    InputError);
}

namespace {

/// As a disk would that turned a bit: the length stays.
void spoil_file(const std::filesystem::path& file) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.put('X');
    REQUIRE(bytes.good());
}

}  // namespace

TEST_CASE("a file whose bytes changed is found, left out of copies and named", "[store_copies]") {
    Copied copied;
    const std::string hash = sha256_hex("data_1\n");
    spoil_file(blob_path(copied.blobs(), hash));
    const auto checked = check_store(copied.store(), copied.blobs());
    CHECK_FALSE(checked.ok());
    CHECK(checked.problems.empty());
    CHECK(checked.files ==
          std::vector<std::string>{"file " + hash +
                                   " (x.cif) is damaged: its bytes are not those it had"});
    const std::vector<std::string> damaged{hash};
    const auto backup = backup_store(copied.store(), copied.blobs(), copied.elsewhere / "b.db");
    CHECK(backup.damaged == damaged);
    CHECK(backup.missing.empty());
    CHECK_FALSE(check_store(copied.elsewhere / "b.db").files.empty());
    const auto folder = copied.elsewhere / "export";
    const auto exported = export_store(copied.store(), copied.blobs(), folder);
    CHECK(exported.damaged == damaged);
    CHECK(exported.history.ok());
    // And the export is read all the same.
    const auto imported = import_store(folder, copied.elsewhere / "cupel.db", {});
    CHECK(imported.check.ok());
    CHECK(imported.missing == damaged);
}

TEST_CASE("a restore mends a file whose bytes changed since the backup", "[store_copies]") {
    Copied copied;
    const auto file = copied.elsewhere / "monday.db";
    backup_store(copied.store(), copied.blobs(), file);
    copied.bench.ledger.reset();
    const std::string hash = sha256_hex("data_1\n");
    spoil_file(blob_path(copied.blobs(), hash));
    SECTION("which has it") {
        CHECK(restore_store(file, copied.store(), copied.blobs()).damaged.empty());
        CHECK(read_blob_file(copied.blobs(), hash) == "data_1\n");
    }
    SECTION("which has it no more") {
        std::filesystem::remove(blob_path(file.string() + ".blobs", hash));
        CHECK(restore_store(file, copied.store(), copied.blobs()).damaged ==
              std::vector<std::string>{hash});
    }
}

TEST_CASE("an export of a damaged history says so", "[store_copies]") {
    Copied copied;
    copied.bench.ledger.reset();
    SQLite::Database(copied.store().string(), SQLite::OPEN_READWRITE)
        .exec("DROP TRIGGER event_is_never_changed; UPDATE event SET kind = 'X' WHERE gseq = 3");
    const auto report = export_store(copied.store(), copied.blobs(), copied.elsewhere / "export");
    REQUIRE_FALSE(report.history.ok());
    CHECK(report.history.problems.front().find("event 3: its hash does not fit") == 0);
    CHECK_FALSE(export_events(copied.store(), copied.elsewhere / "e.jsonl").history.ok());
}

TEST_CASE("an export read back is an equal store", "[store_copies]") {
    Copied copied;
    const auto folder = copied.elsewhere / "export";
    const auto report = export_store(copied.store(), copied.blobs(), folder);
    CHECK(report.events == static_cast<std::int64_t>(copied.bench.events.size()));
    CHECK(report.files > 1);
    const auto store = copied.elsewhere / "cupel.db";
    const auto imported = import_store(folder, store, {});
    CHECK(imported.check.ok());
    CHECK(imported.missing.empty());
    const Tables before = tables_of(copied.store());
    const Tables after = unmarked(tables_of(store));
    for (const auto& [table, rows] : before) {
        INFO(table);
        CHECK(after.at(table) == rows);
    }
    CHECK(read_blob_file(copied.elsewhere / "blobs", sha256_hex("data_1\n")) == "data_1\n");
}

TEST_CASE("an export is text that people and programs read", "[store_copies]") {
    Copied copied;
    const auto folder = copied.elsewhere / "export";
    export_store(copied.store(), copied.blobs(), folder);
    std::ifstream events(folder / "event.jsonl");
    std::string line;
    std::getline(events, line);
    const Json first = Json::parse(line);
    CHECK(first["kind"] == "CAMPAIGN_CREATED");
    CHECK(first["body"]["config"]["open_offers"] == 6);
    bool cif = false;
    for (const auto& file : std::filesystem::directory_iterator(folder / "files")) {
        const std::string name = file.path().filename().string();
        cif = cif || name == sha256_hex("data_1\n").substr(0, 16) + "-x.cif";
    }
    CHECK(cif);
    const auto only = copied.elsewhere / "events.jsonl";
    CHECK(export_events(copied.store(), only).events ==
          static_cast<std::int64_t>(copied.bench.events.size()));
    std::ifstream in(only);
    std::getline(in, line);
    CHECK(Json::parse(line)["header"]["kind"] == "CAMPAIGN_CREATED");
}

TEST_CASE("another file in the place of a result's keeps nobody from an export", "[store_copies]") {
    Copied copied;
    const auto folder = copied.elsewhere / "export";
    export_store(copied.store(), copied.blobs(), folder);
    const std::string hash = sha256_hex("data_1\n");
    std::ofstream(folder / "files" / (hash.substr(0, 16) + "-x.cif")) << "y";
    const auto imported = import_store(folder, copied.elsewhere / "cupel.db", {});
    CHECK(imported.check.ok());
    CHECK(imported.damaged == std::vector<std::string>{hash});
    CHECK(check_store(copied.elsewhere / "cupel.db").files.size() == 1);
}

TEST_CASE("an export that was changed is refused with file and line", "[store_copies]") {
    Copied copied;
    const auto folder = copied.elsewhere / "export";
    export_store(copied.store(), copied.blobs(), folder);
    const auto refused = [&] {
        try {
            import_store(folder, copied.elsewhere / "cupel.db", {});
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("imported");
    };
    const auto append = [&](const char* file, const char* text) {
        std::ofstream(folder / file, std::ios::app) << text << "\n";
    };
    SECTION("no JSON") {
        append("alarm.jsonl", "");  // no table of an export: ignored
        append("audit.jsonl", "nonsense");
        CHECK(refused().find("audit.jsonl:1: expected a JSON object") != std::string::npos);
    }
    SECTION("a column less") {
        append("blob.jsonl", R"({"sha256": "x"})");
        CHECK(refused().find("expected the column length") != std::string::npos);
    }
    SECTION("an event more") {
        append("event.jsonl",
               R"({"gseq": 100000, "id": "x", "campaign": "c", "seq": 1, "kind": "X", )"
               R"("proposal": "", "cause": "", "time": "", "body": "{}", "chain": "", )"
               R"("changes": ""})");
        CHECK(refused().find("event.jsonl:") != std::string::npos);
    }
    SECTION("no export at all") {
        std::filesystem::remove(folder / "export.json");
        CHECK(refused().find("expected the file of a cupel export") != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(copied.elsewhere / "cupel.db"));
    CHECK_FALSE(std::filesystem::exists(copied.elsewhere / "cupel.db.importing"));
}
