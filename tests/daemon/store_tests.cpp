// The store: migrations, the chain, contiguity, and what it refuses to open.
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>

#include "catch.hpp"
#include "ledger/blob_store.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using controller::Store;
using controller::StoreError;

TEST_CASE("events are contiguous and chained", "[store]") {
    Bench bench(R"({"budget": 4, "open_offers": 4})");
    for (int i = 0; i < 4; ++i) {
        const auto held = bench.start(bench.offers().front());
        bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
    }
    REQUIRE(bench.events.size() > 20);
    for (std::size_t i = 0; i < bench.events.size(); ++i) {
        CHECK(bench.events[i].gseq == static_cast<std::int64_t>(i) + 1);
    }
    const auto report = bench.verify();
    CHECK(report.ok());
    CHECK(report.events == static_cast<std::int64_t>(bench.events.size()));
}

TEST_CASE("a changed or missing row breaks the chain", "[store]") {
    Bench bench;
    bench.ledger.reset();
    {
        SQLite::Database db((bench.dir() / "cupel.db").string(), SQLite::OPEN_READWRITE);
        CHECK_THROWS_AS(db.exec("UPDATE event SET body = '{}' WHERE gseq = 3"), SQLite::Exception);
        CHECK_THROWS_AS(db.exec("DELETE FROM event WHERE gseq = 3"), SQLite::Exception);
        CHECK(bench.verify().ok());
        db.exec("DROP TRIGGER event_is_never_changed; DROP TRIGGER event_is_never_removed");
    }
    SQLite::Database db((bench.dir() / "cupel.db").string(), SQLite::OPEN_READWRITE);
    SECTION("changed") {
        db.exec("UPDATE event SET body = '{\"p\":1}' WHERE gseq = 3");
    }
    SECTION("missing") {
        db.exec("DELETE FROM event WHERE gseq = 3");
    }
    const auto report = bench.verify();
    REQUIRE_FALSE(report.ok());
    CHECK(report.problems.front().find("event ") == 0);
}

TEST_CASE("a database from a newer version is refused and left alone", "[store]") {
    TempDir dir;
    const auto path = dir / "cupel.db";
    {
        SQLite::Database db(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        db.exec("PRAGMA user_version = 99");
    }
    try {
        Store store(path, Store::Mode::Write);
        FAIL("it was opened");
    } catch (const StoreError& error) {
        CHECK(std::string(error.what()).find("newer version (schema 99") != std::string::npos);
    }
    SQLite::Database db(path.string(), SQLite::OPEN_READONLY);
    CHECK(db.execAndGet("PRAGMA user_version").getInt() == 99);
    CHECK_FALSE(db.tableExists("event"));
}

TEST_CASE("a database of another program is refused and left alone", "[store]") {
    TempDir dir;
    const auto path = dir / "samples.db";
    {
        SQLite::Database db(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        db.exec("CREATE TABLE sample(name)");
    }
    try {
        Store store(path, Store::Mode::Write);
        FAIL("it was opened");
    } catch (const StoreError& error) {
        CHECK(std::string(error.what()).find("of another program") != std::string::npos);
    }
    SQLite::Database db(path.string(), SQLite::OPEN_READONLY);
    CHECK(db.execAndGet("PRAGMA user_version").getInt() == 0);
    CHECK_FALSE(db.tableExists("event"));
}

TEST_CASE("a fresh store has the newest schema and is durable", "[store]") {
    TempDir dir;
    Store(dir / "cupel.db", Store::Mode::Write);
    SQLite::Database db((dir / "cupel.db").string(), SQLite::OPEN_READONLY);
    CHECK(db.execAndGet("PRAGMA user_version").getInt() == Store::newest_version());
    CHECK(db.execAndGet("PRAGMA journal_mode").getString() == "wal");
}

TEST_CASE("a file that is no database gives one clear line", "[store]") {
    TempDir dir;
    std::ofstream(dir / "cupel.db") << std::string(5000, 'x');
    CHECK_THROWS_AS(Store(dir / "cupel.db", Store::Mode::Write), StoreError);
    CHECK_THROWS_AS(Store(dir / "no", Store::Mode::Read), StoreError);
}

TEST_CASE("files are addressed by their content", "[store]") {
    TempDir dir;
    const std::string hash = controller::put_blob_file(dir.path(), "data_x");
    CHECK(hash == sha256_hex("data_x"));
    CHECK(controller::put_blob_file(dir.path(), "data_x") == hash);
    CHECK(controller::read_blob_file(dir.path(), hash) == "data_x");
    CHECK_THROWS_AS(controller::read_blob_file(dir.path(), "../../etc/passwd"), InputError);
}

TEST_CASE("a large file arrives in parts, in any order", "[store]") {
    Bench bench;
    const std::string hash = sha256_hex("onetwo");
    CHECK(bench.ok(BlobPut{hash, 1, 2}, "BLOB_PUT", "robot", {"two"})["complete"] == false);
    CHECK(bench.ok(BlobPut{hash, 0, 2}, "BLOB_PUT", "robot", {"one"})["complete"] == true);
    const Reply got = bench.send(BlobGet{hash}, "BLOB_GET");
    REQUIRE(got.blobs.size() == 1);
    CHECK(got.blobs[0] == "onetwo");
    CHECK(bench.send(BlobGet{sha256_hex("none")}, "BLOB_GET").error == ErrorCode::NoSuchBlob);
    CHECK(bench.send(BlobPut{sha256_hex("three"), 0, 1}, "BLOB_PUT", "robot", {"other"}).error ==
          ErrorCode::BadMessage);
}

TEST_CASE("blob frames must be what the body says", "[store]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    Result result = bench.result(held, OutcomeKind::Amorphous);
    result.blobs = {{"notes.txt", "text/plain", sha256_hex("hello"), 5}};
    CHECK(bench.send(result, "RESULT", "robot", {"jello"}).error == ErrorCode::BadMessage);
    CHECK(bench.send(result, "RESULT", "robot", {}).error == ErrorCode::NoSuchBlob);
    CHECK(bench.send(result, "RESULT", "robot", {std::string(9u << 20, 'x')}).error ==
          ErrorCode::TooLarge);
    CHECK(bench.state(held.proposal) == "STARTED");
    bench.ok(result, "RESULT", "robot", {"hello"});
    CHECK(bench.state(held.proposal) == "LABELLED");
}
