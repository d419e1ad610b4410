// The file that tells the next start of a disk that failed.
#include <fstream>

#include "catch.hpp"
#include "ledger/disk_failure.hpp"
#include "temp_dir.hpp"

using cupel::controller::DiskFailure;
using cupel::test::TempDir;

TEST_CASE("a failure is told until it is cleared, the last one", "[disk_failure]") {
    const TempDir dir;
    const DiskFailure failure(dir / "cupel.db");
    CHECK_FALSE(failure.read());

    failure.write("2026-11-30T18:00:00Z", "a long account of what the disk said, the first time");
    failure.write("2026-11-30T18:05:00Z", "cannot be synced");
    CHECK(DiskFailure(dir / "cupel.db").read() == "at 2026-11-30T18:05:00Z: cannot be synced");

    failure.clear();
    CHECK_FALSE(failure.read());
    failure.clear();
}

TEST_CASE("a failure that cannot be written, or whose file is empty, tells nothing",
          "[disk_failure]") {
    const TempDir dir;
    const DiskFailure nowhere(dir / "missing" / "cupel.db");
    nowhere.write("2026-11-30T18:00:00Z", "cannot be synced");
    CHECK_FALSE(nowhere.read());

    std::ofstream(dir / "cupel.db.failed").flush();
    CHECK_FALSE(DiskFailure(dir / "cupel.db").read());
}
