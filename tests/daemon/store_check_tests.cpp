// A store checked from outside: whole, tampered with, cut short, at odds with its tables.
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>

#include <cupel/controller/store_check.hpp>

#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using controller::check_store;
using controller::StoreError;
using controller::VerifyReport;

namespace {

/// A short campaign, then whatever `sql` does to its store behind the daemon's back.
VerifyReport after(const std::string& sql) {
    Bench bench(R"({"budget": 4, "open_offers": 4})");
    bench.ok(bench.result(bench.start(bench.offers().front()), OutcomeKind::Amorphous), "RESULT");
    bench.ledger.reset();
    const auto path = bench.dir() / "cupel.db";
    {
        SQLite::Database db(path.string(), SQLite::OPEN_READWRITE);
        db.exec("DROP TRIGGER event_is_never_changed; DROP TRIGGER event_is_never_removed");
        db.exec(sql);
    }
    return check_store(path);
}

void has_problem(const VerifyReport& report, const std::string& text) {
    INFO("expected: " << text);
    REQUIRE_FALSE(report.ok());
    std::string all;
    for (const auto& problem : report.problems) {
        all += problem + "\n";
    }
    CHECK_THAT(all, Catch::Contains(text));
}

}  // namespace

TEST_CASE("a whole store is whole, also while its daemon runs", "[store_check]") {
    Bench bench(R"({"budget": 4, "open_offers": 4})");
    bench.ok(bench.result(bench.start(bench.offers().front()), OutcomeKind::NoReaction), "RESULT");
    const auto report = check_store(bench.dir() / "cupel.db");
    CHECK(report.problems == std::vector<std::string>{});
    CHECK(report.events == static_cast<std::int64_t>(bench.events.size()));
    CHECK(report.campaigns == 1);
    CHECK(report.proposals >= 4);
}

TEST_CASE("a changed row is found and named", "[store_check]") {
    has_problem(after("UPDATE event SET kind = 'CONFIRMED' WHERE gseq = 5"),
                "event 5: its hash does not fit");
    has_problem(after("UPDATE event SET body = 'x' WHERE gseq = 5"),
                "event 5: its body is no JSON");
}

TEST_CASE("a missing row is found by both counters", "[store_check]") {
    const auto report = after("DELETE FROM event WHERE gseq = 5");
    has_problem(report, "event 6: gseq follows 4");
    has_problem(report, "event 6: seq 6 of c follows 4");
}

TEST_CASE("a history that was cut short is found", "[store_check]") {
    const auto report = after("DELETE FROM event WHERE gseq > (SELECT max(gseq) - 1 FROM event)");
    has_problem(report, "but the file beside the store has seen event");
}

TEST_CASE("an emptied store is not a whole one", "[store_check]") {
    TempDir dir;
    { controller::Store empty(dir / "cupel.db", controller::Store::Mode::Write); }
    CHECK(check_store(dir / "cupel.db").ok());
    std::ofstream(dir / "cupel.db.epoch") << "01JD0000000000000000000001 24\n";
    has_problem(check_store(dir / "cupel.db"),
                "the store is empty, but the file beside it has seen event 24");
}

TEST_CASE("a table that disagrees with the history is found", "[store_check]") {
    has_problem(after("UPDATE proposal SET state = 'OFFERED' WHERE state = 'LABELLED'"),
                "the table says OFFERED, the history says LABELLED");
    has_problem(after("DELETE FROM proposal WHERE state = 'LABELLED'"),
                "LABELLED in the history, missing in the table");
    has_problem(after("INSERT INTO proposal VALUES ('01', 'c', 'OFFERED', '{}', '{}')"),
                "proposal 01: the history knows nothing of it");
    has_problem(after("UPDATE campaign SET record = replace(record, 'RUNNING', 'PAUSED')"),
                "campaign c: the table says PAUSED, the history says RUNNING");
}

TEST_CASE("what is no store gives one clear line", "[store_check]") {
    TempDir dir;
    const auto path = dir / "cupel.db";
    SECTION("absent") {
        CHECK_THROWS_AS(check_store(path), StoreError);
    }
    SECTION("text") {
        std::ofstream(path) << std::string(5000, 'x');
        CHECK_THROWS_AS(check_store(path), StoreError);
    }
    SECTION("another database") {
        SQLite::Database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
            .exec("CREATE TABLE t (x)");
        CHECK_THROWS_WITH(check_store(path), Catch::Contains("is no store of cupeld"));
    }
    SECTION("a newer version") {
        SQLite::Database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
            .exec("PRAGMA user_version = 99");
        CHECK_THROWS_WITH(check_store(path), Catch::Contains("newer version (schema 99"));
    }
}
