// One writer per store, whatever name it is called by.
#include <fstream>

#include "catch.hpp"
#include "ledger/store.hpp"
#include "ledger/store_lock.hpp"
#include "temp_dir.hpp"

using cupel::controller::StoreError;
using cupel::controller::StoreLock;
using cupel::test::TempDir;
namespace fs = std::filesystem;

TEST_CASE("a store that is locked is locked by its other names too", "[store_lock]") {
    const TempDir dir;
    std::ofstream(dir / "cupel.db") << "";
    fs::create_symlink(dir / "cupel.db", dir / "link.db");
    fs::create_directory_symlink(dir.path(), dir / "folder");
    fs::create_hard_link(dir / "cupel.db", dir / "twin.db");
    {
        const StoreLock lock(dir / "link.db");
        CHECK(lock.store() == fs::canonical(dir / "cupel.db"));
        for (const char* name : {"cupel.db", "link.db", "folder/cupel.db", "twin.db"}) {
            CAPTURE(name);
            CHECK_THROWS_WITH(
                StoreLock(dir / name),
                (dir / name).string() + " is in use by another cupeld; stop it first");
        }
    }
    CHECK_NOTHROW(StoreLock(dir / "twin.db"));
}

TEST_CASE("a link to a store that is still to be made is followed", "[store_lock]") {
    const TempDir dir;
    fs::create_directory(dir / "real");
    fs::create_symlink("real/cupel.db", dir / "link.db");
    const StoreLock lock(dir / "link.db");
    CHECK(lock.store() == fs::canonical(dir / "real") / "cupel.db");
    CHECK_THROWS_AS(StoreLock(dir / "real" / "cupel.db"), StoreError);
    fs::create_symlink("round.db", dir / "round.db");
    CHECK_THROWS_AS(StoreLock(dir / "round.db"), StoreError);
}

TEST_CASE("the folder of a store is made, or the line says why not", "[store_lock]") {
    const TempDir dir;
    {
        const StoreLock lock(dir / "new" / "deep" / "cupel.db");
        CHECK(fs::is_directory(dir / "new" / "deep"));
        CHECK_FALSE(fs::exists(lock.store()));
    }
    std::ofstream(dir / "file") << "";
    CHECK_THROWS_AS(StoreLock(dir / "file" / "cupel.db"), StoreError);
}
