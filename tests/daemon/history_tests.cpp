// The history alone makes every table again, byte by byte; stores of every earlier schema open.
#include <cupel/controller/store_backup.hpp>
#include <cupel/controller/store_check.hpp>
#include <cupel/controller/store_health.hpp>
#include <cupel/controller/store_rebuild.hpp>

#include "busy_campaigns.hpp"
#include "catch.hpp"
#include "ledger/changes.hpp"
#include "ledger/migrations.hpp"
#include "ledger/projection.hpp"
#include "ledger/store_lock.hpp"
#include "store_tables.hpp"

using namespace cupel;
using namespace cupel::test;
using controller::check_store;
using controller::rebuild_store;
using controller::StoreError;

namespace {

std::filesystem::path store_of(const Bench& bench) {
    return bench.dir() / "cupel.db";
}

void spoil(const std::filesystem::path& store, const std::string& sql) {
    SQLite::Database(store.string(), SQLite::OPEN_READWRITE).exec(sql);
}

/// The events as they were before they told what they change.
void insert_without_changes(SQLite::Database& db, controller::Store& source) {
    std::string chain;
    SQLite::Statement insert(db, "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?)");
    source.for_each_event([&](Event event) {
        event.changes_json.clear();
        event.chain = chain = controller::chain_hash(chain, event);
        insert.reset();
        insert.bind(1, event.gseq);
        insert.bind(2, event.id);
        insert.bind(3, event.campaign);
        insert.bind(4, event.seq);
        insert.bind(5, event.kind);
        insert.bind(6, event.proposal);
        insert.bind(7, event.cause);
        insert.bind(8, to_rfc3339(event.time));
        insert.bind(9, event.body_json);
        insert.bind(10, event.chain);
        insert.exec();
    });
}

/// Puts in the place of the store what a program of that schema would have written: the same rows,
/// without what came later.
void make_older(const Bench& bench, int version) {
    const auto old = bench.dir() / "old.db";
    {
        SQLite::Database db(old.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        for (int step = 0; step < version; ++step) {
            db.exec(std::string(controller::migrations()[static_cast<std::size_t>(step)]));
        }
        db.exec("PRAGMA user_version = " + std::to_string(version));
        db.exec("ATTACH DATABASE '" + store_of(bench).string() + "' AS new");
        for (const char* table :
             {"meta", "campaign", "result", "observation", "blob", "command", "alarm"}) {
            db.exec(std::string("INSERT INTO ") + table + " SELECT * FROM new." + table);
        }
        SQLite::Statement proposals(db,
                                    "INSERT INTO proposal SELECT id, campaign, state, wire, ? "
                                    "FROM new.proposal WHERE id = ?");
        controller::Store source(store_of(bench), controller::Store::Mode::Read);
        for (const auto& row : source.proposals()) {
            proposals.reset();
            proposals.bind(1, controller::dump_stored(Json::parse(row.record)));
            proposals.bind(2, row.id);
            proposals.exec();
        }
        if (version >= 3) {
            db.exec("INSERT INTO event SELECT * FROM new.event");
        } else {
            insert_without_changes(db, source);
        }
    }
    std::filesystem::rename(old, store_of(bench));
}

std::string refusal(const std::filesystem::path& store) {
    try {
        rebuild_store(store);
    } catch (const StoreError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("rebuilt tables are byte-equal to the live ones", "[history]") {
    const std::uint32_t seed = GENERATE(11u, 12u, 13u);
    INFO("seed " << seed);
    Bench bench(kBusyKeys);
    BusyCampaigns(bench, seed).run(2000);
    for (const char* kind : {"RESULT_HELD",
                             "RESULT_AMENDED",
                             "VERDICT_OVERRULED",
                             "EDITED",
                             "CANCELLED",
                             "UNKNOWN_RAISED",
                             "OBSERVED",
                             "MODEL_PROMOTED"}) {
        INFO(kind);
        CHECK(bench.count(kind) > 0);
    }
    bench.ledger.reset();
    const Tables before = tables_of(store_of(bench));
    const auto report = rebuild_store(store_of(bench));
    CHECK(report.now.ok());
    const Tables after = tables_of(store_of(bench));
    CHECK(before.at("proposal").size() > 20);
    CHECK(before.at("result").size() > 20);
    for (const auto& [table, rows] : before) {
        INFO(table);
        CHECK(after.at(table) == rows);
    }
    CHECK(tables_of(report.kept) == before);
    bench.open();
    CHECK(bench.verify().ok());
}

TEST_CASE("a rebuild mends every table that the history tells", "[history]") {
    Bench bench(kBusyKeys);
    BusyCampaigns(bench, 14).run(300);
    bench.ledger.reset();
    const Tables whole = tables_of(store_of(bench));
    for (const auto& table : controller::projected_tables()) {
        INFO(table);
        REQUIRE_FALSE(whole.at(table).empty());
        spoil(store_of(bench), "DELETE FROM " + table);
        CHECK_FALSE(check_store(store_of(bench)).ok());
        CHECK(rebuild_store(store_of(bench)).now.ok());
        CHECK(tables_of(store_of(bench)) == whole);
    }
}

TEST_CASE("a rebuild leaves a store alone that it cannot make anew", "[history]") {
    Bench bench;
    bench.start(bench.offers().front());
    SECTION("its daemon runs") {
        const controller::StoreLock daemon(store_of(bench));
        CHECK(refusal(store_of(bench)).find("is in use by another cupeld") != std::string::npos);
    }
    SECTION("its history is damaged") {
        bench.ledger.reset();
        spoil(store_of(bench),
              "DROP TRIGGER event_is_never_changed; UPDATE event SET kind = 'X' WHERE gseq = 3");
        const Tables before = tables_of(store_of(bench));
        CHECK(refusal(store_of(bench)).find("the history itself is damaged: event 3") !=
              std::string::npos);
        CHECK(tables_of(store_of(bench)) == before);
    }
    CHECK_FALSE(std::filesystem::exists(store_of(bench).string() + ".rebuilding"));
}

TEST_CASE("whatever row is damaged, verify finds it and the daemon says what to do", "[history]") {
    Bench bench(kBusyKeys);
    BusyCampaigns(bench, 15).run(200);
    bench.ledger.reset();
    const std::string sql = GENERATE(as<std::string>{},
                                     "UPDATE proposal SET record = 'x'",
                                     "UPDATE proposal SET record = '{}'",
                                     "UPDATE work SET record = '{}'",
                                     "DELETE FROM work",
                                     "UPDATE campaign SET record = '{\"name\":\"c\"}'",
                                     "UPDATE observation SET record = '[]'",
                                     "DROP TRIGGER event_is_never_changed;"
                                     "UPDATE event SET chain = '' WHERE gseq = "
                                     "(SELECT max(gseq) FROM event)");
    INFO(sql);
    spoil(store_of(bench), sql);
    CHECK_FALSE(check_store(store_of(bench)).ok());
    try {
        bench.open();
        FAIL("it was opened");
    } catch (const StoreError& error) {
        const std::string line = error.what();
        INFO(line);
        CHECK(line.find(store_of(bench).string() + ": the store is damaged: ") == 0);
        CHECK(line.find("cupel verify --store") != std::string::npos);
        const bool tables = sql.find("event") == std::string::npos;
        CHECK((line.find("cupel rebuild") != std::string::npos) == tables);
        CHECK(line.find("cupel restore") != std::string::npos);
        CHECK(line.find('\n') == std::string::npos);
    }
}

TEST_CASE("damage that stops no daemon is found by verify all the same", "[history]") {
    Bench bench(kBusyKeys);
    BusyCampaigns(bench, 16).run(300);
    bench.ledger.reset();
    const std::string sql = GENERATE(as<std::string>{},
                                     "UPDATE result SET record = 'x'",
                                     "UPDATE result SET held = 1 - held",
                                     "UPDATE alarm SET acked_by = 'nobody at all'",
                                     "UPDATE proposal SET wire = '{}'",
                                     "DELETE FROM meta");
    INFO(sql);
    spoil(store_of(bench), sql);
    CHECK_FALSE(check_store(store_of(bench)).ok());
}

TEST_CASE("stores of every earlier schema are brought up to date and can be rebuilt", "[history]") {
    Bench bench(kBusyKeys);
    BusyCampaigns(bench, 17).run(300);
    const auto ids = bench.offers();
    bench.ledger.reset();
    const int newest = controller::Store::newest_version();
    REQUIRE(newest >= 3);
    const int version = GENERATE_COPY(range(1, newest));
    INFO("schema " << version);
    make_older(bench, version);
    bench.open();
    CHECK(bench.verify().problems == std::vector<std::string>{});
    REQUIRE_FALSE(ids.empty());
    for (const auto& id : ids) {
        CHECK(bench.state(id) == "OFFERED");
    }
    bench.start(bench.offers().front());
    bench.ledger.reset();
    const Tables before = tables_of(store_of(bench));
    CHECK(rebuild_store(store_of(bench)).now.ok());
    CHECK(tables_of(store_of(bench)) == before);
}

TEST_CASE("a damaged record of an earlier schema is found, and mended by a rebuild", "[history]") {
    Bench bench(kBusyKeys);
    BusyCampaigns(bench, 18).run(200);
    bench.ledger.reset();
    const Tables before = tables_of(store_of(bench));
    make_older(bench, 3);
    const std::string record =
        GENERATE(as<std::string>{}, "substr(record, 1, 100)", "'{}'", "'{\"proposal\":7}'");
    INFO(record);
    spoil(store_of(bench),
          "UPDATE proposal SET record = " + record + " WHERE id = (SELECT min(id) FROM proposal)");
    SECTION("by whoever starts the daemon") {
        CHECK_THROWS_WITH(
            bench.open(),
            Catch::Contains("the store is damaged: proposal ") && Catch::Contains("cupel rebuild"));
        CHECK_FALSE(check_store(store_of(bench)).ok());
    }
    SECTION("by a rebuild that comes first") {}
    CHECK(rebuild_store(store_of(bench)).now.ok());
    CHECK(tables_of(store_of(bench)) == before);
}

TEST_CASE("what an older store knows to be started is told when a backup replaces it",
          "[history]") {
    Bench bench(R"({"open_offers": 2})");
    const auto ids = bench.offers();
    const auto backup = bench.dir() / "monday.db";
    controller::backup_store(store_of(bench), bench.dir() / "blobs", backup);
    bench.start(ids[0]);
    bench.ledger.reset();
    make_older(bench, 3);
    const auto findings = controller::examine_store(store_of(bench), {});
    REQUIRE_FALSE(findings.empty());
    CHECK_FALSE(findings.front().ok);
    CHECK(findings.front().remedy == "start cupeld once");
    const auto report = controller::restore_store(backup, store_of(bench), {});
    CHECK_FALSE(report.lost_is_unknown);
    REQUIRE(report.lost.size() == 1);
    CHECK(report.lost.front().proposal == ids[0]);
    CHECK_FALSE(std::filesystem::exists(store_of(bench).string() + ".restoring-old"));
}

TEST_CASE("a campaign's files may move; its other keys stay", "[history]") {
    Bench bench(R"({"open_offers": 2})");
    bench.ledger.reset();
    bench.open(false);
    std::ofstream(bench.dir() / "moved.jsonl") << "";
    const std::string moved = (bench.dir() / "moved.jsonl").string();
    bench.ledger->ensure_campaigns({{"c", Json{{"pool", moved}, {"budget", 3}}.dump()}});
    CHECK(bench.last("CAMPAIGN_FILES")["pool"] == moved);
    CHECK(bench.last("CAMPAIGN_FILES")["before"]["pool"] == (bench.dir() / "pool.jsonl").string());
    bench.ledger->drain();
    CHECK(bench.campaign()["budget"] == 96);
    CHECK(bench.count("CAMPAIGN_FILES") == 1);
    bench.ledger.reset();
    bench.open(false);
    bench.ledger->ensure_campaigns({{"c", Json{{"pool", moved}}.dump()}});
    CHECK(bench.count("CAMPAIGN_FILES") == 1);
    CHECK(bench.verify().ok());
}
