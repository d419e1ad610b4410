// The allow-list file, key files, the table of roles, the audit and the upgrade that brought it.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <SQLiteCpp/SQLiteCpp.h>

#include <cupel/controller/allow_list.hpp>
#include <cupel/domain/key_file.hpp>

#include "catch.hpp"
#include "support.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::test;
using controller::AllowList;
using controller::RefusalRow;
using controller::Store;

namespace {

const std::string kKey(40, 'a');
const std::string kOther(40, 'b');

std::string problem(const std::string& text) {
    try {
        AllowList::parse(text, "allow.toml");
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("an allow-list is written and read without loss", "[auth]") {
    TempDir dir;
    AllowList list;
    list.allow(kKey, {"furnace", {Role::Worker, Role::Analyst}, {"gold"}, {LeaseClass::Robot}, 3});
    list.save(dir / "allow.toml");
    const AllowList read = AllowList::load(dir / "allow.toml");
    const auto access = read.find(kKey);
    REQUIRE(access);
    CHECK(access->client == "furnace");
    CHECK(access->roles == std::set<Role>{Role::Worker, Role::Analyst});
    CHECK(access->campaigns == std::set<std::string>{"gold"});
    CHECK(access->max_claims == 3);
    CHECK_FALSE(read.find(kOther));
    CHECK_THROWS_AS(list.allow(kOther, *access), InputError);  // one name, one key
    CHECK(AllowList::load(dir / "none.toml").size() == 0);
}

TEST_CASE("a list is narrower when somebody lost something", "[auth]") {
    AllowList before;
    before.allow(kKey, {"a", {Role::Worker, Role::Admin}, {"*"}, {LeaseClass::Robot}, 0});
    AllowList after = before;
    CHECK_FALSE(after.is_narrower_than(before));
    after.allow(kOther, {"b", {Role::Worker}, {"gold"}, {LeaseClass::Robot}, 0});
    CHECK_FALSE(after.is_narrower_than(before));
    SECTION("a role") {
        after.allow(kKey, {"a", {Role::Worker}, {"*"}, {LeaseClass::Robot}, 0});
    }
    SECTION("a campaign") {
        after.allow(kKey, {"a", {Role::Worker, Role::Admin}, {"gold"}, {LeaseClass::Robot}, 0});
    }
    SECTION("everything") {
        CHECK(after.revoke("a"));
    }
    CHECK(after.is_narrower_than(before));
}

TEST_CASE("a mistake in an allow-list is one line that names it", "[auth]") {
    const std::string key = "key = \"" + kKey + "\"\n";
    const std::string rest = "name = \"a\"\nroles = [\"worker\"]\ncampaigns = [\"*\"]\n";
    CHECK(problem("[[client]]\n" + key + rest) == "no error");
    CHECK(problem("[[client]]\nkey = \"short\"\n" + rest).find("allow.toml:1: key: ") == 0);
    CHECK(problem("[[client]]\n" + key + rest + "rolls = 1\n") ==
          "allow.toml:6: rolls: unknown key");
    CHECK(problem("[[client]]\n" + key + "name = \"a\"\nroles = [\"boss\"]\n")
              .find("allow.toml:1: roles: expected observer") == 0);
    CHECK(problem("x = \n").find("allow.toml:1: not TOML") == 0);
    CHECK(problem("[[client]]\n" + key + rest + "[[client]]\n" + key + rest)
              .find("allow.toml:6: key: stands there twice") == 0);
    CHECK_THROWS_WITH(AllowList::load("/dev/zero"), "/dev/zero: is no file");
}

TEST_CASE("a key file is its owner's alone, and no message shows it", "[auth]") {
    namespace fs = std::filesystem;
    TempDir dir;
    const auto file = dir / "my.key";
    write_key_file(file, {kKey, kOther});
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(read_key_file(file).secret_key == kOther);
    CHECK_THROWS_AS(write_key_file(file, {kKey, kOther}), InputError);
    fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
    try {
        read_key_file(file);
        FAIL("it was read");
    } catch (const InputError& error) {
        const std::string what = error.what();
        CHECK(what.find("chmod 600") != std::string::npos);
        CHECK(what.find(kOther) == std::string::npos);
    }
    CHECK_THROWS_AS(read_key_file(dir / "none.key"), InputError);
}

TEST_CASE("every command of the protocol has its roles", "[auth]") {
    const std::set<Role> all{
        Role::Observer, Role::Worker, Role::Analyst, Role::Reviewer, Role::Admin};
    for (const auto& entry :
         std::filesystem::directory_iterator(source_dir() / "schemas" / "json")) {
        std::string kind = entry.path().filename().string();
        if (kind.rfind("command-", 0) != 0) {
            continue;
        }
        kind = kind.substr(8, kind.find("-1.schema") - 8);
        for (char& c : kind) {
            c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        }
        INFO(kind);
        CHECK(may_send(all, kind));
        CHECK_FALSE(may_send({}, kind));
    }
    CHECK_FALSE(may_send(all, "NONSENSE"));
    CHECK_FALSE(may_send({Role::Worker}, "APPROVE"));
    CHECK_FALSE(may_send({Role::Admin}, "CLAIM"));
    CHECK(may_send({Role::Analyst}, "RESULT"));
}

TEST_CASE("refusals of one client and minute are one row, and the rows are bounded", "[auth]") {
    TempDir dir;
    Store store(dir / "cupel.db", Store::Mode::Write);
    store.begin();
    store.add_refusals({{"m1", "a", "NOT_ALLOWED", 2, "first"}, {"m1", "b", "NOT_ALLOWED", 1, ""}});
    store.add_refusals({{"m1", "a", "NOT_ALLOWED", 3, "last"}});
    const auto rows = store.refusals();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].count == 5);
    CHECK(rows[0].last == "last");
    std::vector<RefusalRow> flood;
    for (int n = 0; n < Store::kAuditRows + 10; ++n) {
        flood.push_back({"m2", std::to_string(n), "BUSY", 1, ""});
    }
    store.add_refusals(flood);
    store.commit();
    const auto kept = store.refusals();
    CHECK(kept.size() == static_cast<std::size_t>(Store::kAuditRows));
    CHECK(kept.back().client == flood.back().client);
}

TEST_CASE("a store of schema 1 opens, keeps what it held and can be audited", "[store]") {
    TempDir dir;
    const auto path = dir / "cupel.db";
    std::ifstream in(source_dir() / "schemas" / "sql" / "0001_init.sql");
    std::ostringstream schema;
    schema << in.rdbuf();
    {
        SQLite::Database db(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        db.exec(schema.str());
        db.exec("INSERT INTO meta VALUES ('epoch', 'kept'); PRAGMA user_version = 1");
    }
    Store store(path, Store::Mode::Write);
    CHECK(store.meta("epoch") == std::optional<std::string>("kept"));
    store.begin();
    store.add_refusals({{"m", "a", "NOT_ALLOWED", 1, ""}});
    store.commit();
    CHECK(store.refusals().size() == 1);
}
