// Stores that root had in hand: their daemon can still write them, or is told why not.
#include <sys/stat.h>
#include <unistd.h>

#include <cupel/controller/store_backup.hpp>
#include <cupel/controller/store_export.hpp>
#include <cupel/controller/store_rebuild.hpp>

#include "as_nobody.hpp"
#include "busy_campaigns.hpp"
#include "catch.hpp"
#include "ledger/owner.hpp"
#include "ledger/store.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace cupel::controller;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kUser = 4242;
constexpr gid_t kGroup = 4243;

/// Everything in the folder and the folder itself, as a daemon of that user would have made it.
void give_all(const fs::path& folder) {
    REQUIRE(::lchown(folder.c_str(), kUser, kGroup) == 0);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        REQUIRE(::lchown(entry.path().c_str(), kUser, kGroup) == 0);
    }
}

void all_is_theirs(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        INFO(entry.path());
        struct stat found {};
        REQUIRE(::lstat(entry.path().c_str(), &found) == 0);
        CHECK(found.st_uid == kUser);
        CHECK(found.st_gid == kGroup);
    }
}

}  // namespace

TEST_CASE("what root restores, rebuilds or imports belongs to its daemon's user", "[owner]") {
    if (!is_root()) {
        WARN("SKIPPED: only root gives files away");
        return;
    }
    Bench bench(kBusyKeys);
    BusyCampaigns(bench, 21).run(200);
    bench.ledger.reset();
    const auto store = bench.dir() / "cupel.db";
    TempDir elsewhere;
    backup_store(store, {}, elsewhere / "b.db");
    export_store(store, {}, elsewhere / "export");
    fs::permissions(store, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    fs::remove(store.string() + ".lock");
    SECTION("restored, with files that were lost") {
        fs::remove_all(bench.dir() / "blobs");
        give_all(bench.dir().path());
        restore_store(elsewhere / "b.db", store, {});
        CHECK(fs::exists(bench.dir() / "blobs"));
    }
    SECTION("rebuilt") {
        give_all(bench.dir().path());
        rebuild_store(store);
    }
    SECTION("imported") {
        fs::remove(store);
        fs::remove_all(bench.dir() / "blobs");
        give_all(bench.dir().path());
        import_store(elsewhere / "export", store, {});
        CHECK(fs::exists(bench.dir() / "blobs"));
        fs::permissions(store,
                        fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    }
    all_is_theirs(bench.dir().path());
    CHECK((fs::status(store).permissions() & fs::perms::all) ==
          (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
    // But a backup is whose it is made by.
    CHECK(owner_of(elsewhere / "b.db")->user == 0);
}

TEST_CASE("a store that cannot be written names its owner and the remedy", "[owner]") {
    TempDir dir;
    fs::permissions(dir.path(), fs::perms::all);
    const auto path = dir / "cupel.db";
    { Store store(path, Store::Mode::Write); }
    fs::permissions(path, fs::perms::owner_read | fs::perms::others_read);
    const AsNobody nobody;
    if (::geteuid() == 0) {
        WARN("SKIPPED: root is kept out of nothing");
        return;
    }
    const auto obstacle = obstacle_to(path);
    REQUIRE(obstacle);
    const bool own = owner_of(path)->user == ::geteuid();
    const std::string self = Owner{::geteuid(), 0}.name();
    CHECK(obstacle->text == path.string() + " cannot be written: " +
                                (own ? "its mode forbids it"
                                     : "it belongs to root, and this program runs as " + self));
    CHECK(obstacle->remedy == (own ? "chmod u+w " : "chown " + self + " ") + path.string());
    CHECK_THROWS_WITH(Store(path, Store::Mode::Write), obstacle->text + ": " + obstacle->remedy);
    CHECK_FALSE(obstacle_to(dir / "none"));
}

TEST_CASE("a folder in the place of a store is named as such", "[owner]") {
    const TempDir dir;
    CHECK_THROWS_WITH(Store(dir.path(), Store::Mode::Write),
                      dir.path().string() + " is a folder; a store is a file in one");
    CHECK_THROWS_WITH(Store(dir.path(), Store::Mode::Read),
                      dir.path().string() + " is a folder; a store is a file in one");
}

TEST_CASE("root's files in the folder of another are in the way of that other", "[owner]") {
    if (!is_root()) {
        WARN("SKIPPED: only root makes files of root");
        return;
    }
    TempDir dir;
    const auto path = dir / "cupel.db";
    std::ofstream(path) << "";
    REQUIRE(::chown(dir.path().c_str(), kUser, kGroup) == 0);
    const Owner daemon = *owner_of(dir.path());
    const auto obstacle = obstacle_to(path, daemon);
    REQUIRE(obstacle);
    CHECK(obstacle->text.find(path.string() + " belongs to root") == 0);
    CHECK(obstacle->remedy == "chown 4242 " + path.string());
    fs::permissions(path, fs::perms::all);
    CHECK_FALSE(obstacle_to(path, daemon));
    CHECK_FALSE(obstacle_to(path, Owner{0, 0}));
}
