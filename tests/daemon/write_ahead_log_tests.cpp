// The log beside a store, synced from outside.
#include "catch.hpp"
#include "ledger/store.hpp"
#include "ledger/write_ahead_log.hpp"
#include "temp_dir.hpp"

using namespace cupel::controller;
using cupel::test::TempDir;

TEST_CASE("the log of an open store can be synced, also through a link", "[write_ahead_log]") {
    TempDir dir;
    Store store(dir / "cupel.db", Store::Mode::Write);
    store.leave_syncs_to_caller();
    std::filesystem::create_symlink(dir / "cupel.db", dir / "link.db");
    const WriteAheadLog log(dir / "cupel.db");
    const WriteAheadLog linked(dir / "link.db");
    const auto rows = store.rows_written();
    store.begin();
    store.set_meta("epoch", "1");
    store.commit();
    CHECK(store.rows_written() == rows + 1);
    CHECK_NOTHROW(log.sync());
    CHECK_NOTHROW(linked.sync());
    Store again(dir / "cupel.db", Store::Mode::Read);
    CHECK(again.meta("epoch") == "1");
}

TEST_CASE("a log that cannot be opened is named", "[write_ahead_log]") {
    TempDir dir;
    CHECK_THROWS_WITH(WriteAheadLog(dir / "none.db"),
                      Catch::Contains("none.db-wal: cannot be opened: No such file"));
}
