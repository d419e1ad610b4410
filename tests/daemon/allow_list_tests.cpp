// The allow-list file, key files, the table of roles, the audit and the upgrade that brought it.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cupel/controller/allow_list.hpp>
#include <cupel/domain/key_file.hpp>

#include "catch.hpp"
#include "other_user.hpp"
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

TEST_CASE("a list that is replaced keeps its mode, its owner and the link that leads to it",
          "[auth]") {
    namespace fs = std::filesystem;
    TempDir dir;
    AllowList list;
    list.allow(kKey, {"furnace", {Role::Worker}, {"gold"}, {LeaseClass::Robot}, 3});
    const mode_t mask = ::umask(077);  // as of a careful root
    list.save(dir / "real.toml");
    CHECK(fs::status(dir / "real.toml").permissions() == fs::perms{0644});
    std::ifstream in(dir / "real.toml");
    CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == list.to_toml());
    fs::permissions(dir / "real.toml", fs::perms{0640});
    if (is_root()) {
        REQUIRE(::chown((dir / "real.toml").c_str(), AsNobody::kNobody, AsNobody::kNobody) == 0);
    } else {
        WARN("only root can give a list to another user; that part is left out");
    }
    fs::create_symlink("real.toml", dir / "allow.toml");
    REQUIRE(list.revoke("furnace"));
    list.save(dir / "allow.toml");
    ::umask(mask);
    CHECK(fs::is_symlink(dir / "allow.toml"));
    CHECK(AllowList::load(dir / "real.toml").size() == 0);
    CHECK(fs::status(dir / "real.toml").permissions() == fs::perms{0640});
    if (is_root()) {
        struct stat about {};
        REQUIRE(::stat((dir / "real.toml").c_str(), &about) == 0);
        CHECK(about.st_uid == AsNobody::kNobody);
        CHECK(about.st_gid == AsNobody::kNobody);
    }
    fs::create_symlink("b", dir / "a");
    fs::create_symlink("a", dir / "b");
    CHECK_THROWS_AS(list.save(dir / "a"), InputError);
}

TEST_CASE("a list that is edited keeps what people wrote into it", "[auth]") {
    TempDir dir;
    const auto file = dir / "allow.toml";
    const std::string furnace =
        "# the furnace in room 3\n[[client]]\nname = \"furnace\"  # since May\nkey = \"" + kKey +
        "\"\nroles = [\n  \"worker\",\n]\ncampaigns = [\"gold\"]\n";
    const std::string oven = "[[client]]\nkey = \"" + kOther +
                             "\"\nname = \"oven\"\nroles = [\"worker\"]\ncampaigns = "
                             "[\"*\"]\n";
    const auto text = [&] {
        std::ifstream in(file);
        std::ostringstream out;
        out << in.rdbuf();
        return out.str();
    };
    std::ofstream(file) << "# ours\n\n" << furnace << "\n# hired\n" << oven << "# end\n";
    AllowList list = AllowList::load(file);
    SECTION("one is revoked") {
        REQUIRE(list.revoke("oven"));
        list.save(file);
        CHECK(text() == "# ours\n\n" + furnace + "\n# hired\n# end\n");
    }
    SECTION("one gets other rights") {
        list.allow(kOther, {"oven", {Role::Analyst}, {"*"}, {LeaseClass::Robot}, 0});
        list.save(file);
        CHECK(text().find("# ours\n\n" + furnace + "\n# hired\n[[client]]\nkey = \"" + kOther +
                          "\"\nname = \"oven\"\nroles = [\"analyst\"]\n") == 0);
    }
    SECTION("one is added") {
        list.allow(std::string(40, 'c'), {"lamp", {Role::Worker}, {"*"}, {LeaseClass::Robot}, 0});
        list.save(file);
        CHECK(text().find(furnace + "\n# hired\n" + oven + "# end\n\n[[client]]\n") !=
              std::string::npos);
    }
    SECTION("in another form, it is written anew") {
        std::ofstream(file) << "client = [{key = \"" << kKey
                            << "\", name = \"furnace\", roles = [\"worker\"], campaigns = "
                               "[\"*\"]}]\n";
        list.save(file);
    }
    CHECK(AllowList::load(file).to_toml() == list.to_toml());
}

TEST_CASE("a list that may not be read is no empty list, and nobody else's is replaced", "[auth]") {
    namespace fs = std::filesystem;
    if (!is_root()) {
        WARN("only root can be two users; left out");
        return;
    }
    TempDir dir;
    AllowList list;
    list.allow(kKey, {"furnace", {Role::Worker}, {"gold"}, {LeaseClass::Robot}, 3});
    list.save(dir / "allow.toml");
    fs::permissions(dir / "allow.toml", fs::perms{0600});
    fs::permissions(dir.path(), fs::perms{0777});
    write_key_file(dir / "server.key", {kKey, kOther});
    const AsNobody nobody;
    REQUIRE(nobody.is());
    const std::string denied = ": cannot be read: Permission denied";
    CHECK_THROWS_WITH(AllowList::load(dir / "allow.toml"), (dir / "allow.toml").string() + denied);
    CHECK_THROWS_WITH(
        read_key_file(dir / "server.key"),
        (dir / "server.key").string() + denied + "; it must belong to the user who uses it");
    CHECK_THROWS_WITH(list.save(dir / "allow.toml"),
                      (dir / "allow.toml").string() +
                          ": belongs to user 0 and group 0, and a new one would not; do it as "
                          "that user, or as root");
    CHECK(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()) == 2);
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
