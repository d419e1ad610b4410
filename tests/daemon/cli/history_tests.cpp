// cupel rebuild, backup, restore, export, import and doctor: what they print and how they end.
#include <map>

#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "../support.hpp"
#include "as_nobody.hpp"
#include "catch.hpp"
#include "program.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

struct Closed {
    Closed() {
        bench.ok(bench.result(bench.start(bench.offers().front()), OutcomeKind::Amorphous),
                 "RESULT");
        bench.ledger.reset();
    }
    std::string store() const { return (bench.dir() / "cupel.db").string(); }
    std::string beside(const std::string& name) const { return (bench.dir() / name).string(); }
    Bench bench;
};

Json parsed(const Ran& ran) {
    INFO(ran.output);
    CHECK(ran.status == 0);
    return Json::parse(ran.output);
}

bool one_line(const Ran& ran) {
    return ran.output.find('\n') == ran.output.size() - 1;
}

}  // namespace

TEST_CASE("backup and restore say what they did", "[cli][history]") {
    Closed closed;
    const auto file = closed.beside("monday.db");
    const Json made = parsed(run_cupel({"backup", file, "--store", closed.store(), "--json"}));
    CHECK(made["file"] == file);
    CHECK(made["events"] == closed.bench.events.size());
    CHECK(made["missing"] == Json::array());
    const Ran twice = run_cupel({"backup", file, "--store", closed.store()});
    CHECK(twice.status == 2);
    CHECK(twice.output == "cupel: " + file + " exists already; name another file\n");
    const Json put = parsed(run_cupel({"restore", file, "--store", closed.store(), "--json"}));
    CHECK(put["started_since"] == Json::array());
    CHECK(std::filesystem::exists(put["kept"].get<std::string>()));
    const Ran words = run_cupel({"restore", file, "--store", closed.store()});
    CHECK(words.status == 0);
    CHECK(words.output.find("next: start cupeld") != std::string::npos);
}

TEST_CASE("rebuild says where the old store is", "[cli][history]") {
    Closed closed;
    const Json made = parsed(run_cupel({"rebuild", "--store", closed.store(), "--json"}));
    CHECK(made["events"] == closed.bench.events.size());
    CHECK(std::filesystem::exists(made["kept"].get<std::string>()));
    const Ran words = run_cupel({"rebuild", "--store", closed.store()});
    CHECK(words.status == 0);
    CHECK(words.output.find("the old one is kept as ") != std::string::npos);
}

TEST_CASE("an export is imported into another place", "[cli][history]") {
    Closed closed;
    const auto folder = closed.beside("out");
    CHECK(parsed(run_cupel({"export", folder, "--store", closed.store(), "--json"}))["events"] ==
          closed.bench.events.size());
    const Json read =
        parsed(run_cupel({"import", folder, "--store", closed.beside("new.db"), "--json"}));
    CHECK(read["events"] == closed.bench.events.size());
    const Ran again = run_cupel({"import", folder, "--store", closed.beside("new.db")});
    CHECK(again.status == 2);
    CHECK(one_line(again));
}

TEST_CASE("a copy that lacks a file ends with 1 and names it", "[cli][history]") {
    Closed closed;
    const std::string hash(64, 'a');
    SQLite::Database(closed.store(), SQLite::OPEN_READWRITE)
        .exec("INSERT INTO blob VALUES ('" + hash + "', 5, 'x.cif', '', '')");
    const bool there = GENERATE(false, true);
    if (there) {
        std::filesystem::create_directories(closed.beside("blobs/aa"));
        std::ofstream(closed.beside("blobs/aa/" + hash)) << "other";
    }
    for (const char* verb : {"backup", "export"}) {
        const Ran ran = run_cupel({verb, closed.beside(verb) + "-copy", "--store", closed.store()});
        INFO(ran.output);
        CHECK(ran.status == 1);
        CHECK(ran.output.find((there ? "  DAMAGED file " : "  MISSING file ") + hash) !=
              std::string::npos);
        CHECK(ran.output.find("the history was copied, but 1 file of a result was not") !=
              std::string::npos);
    }
    const Ran verified = run_cupel({"verify", "--store", closed.store()});
    INFO(verified.output);
    CHECK(verified.status == 1);
    CHECK(verified.output.find(there ? "is damaged: its bytes" : "is not in ") !=
          std::string::npos);
    CHECK(one_line(verified));
}

TEST_CASE("an export of a damaged history ends with 1", "[cli][history]") {
    Closed closed;
    SQLite::Database(closed.store(), SQLite::OPEN_READWRITE)
        .exec("DROP TRIGGER event_is_never_changed; UPDATE event SET kind = 'X' WHERE gseq = 3");
    const Ran ran = run_cupel({"export", closed.beside("out"), "--store", closed.store()});
    CHECK(ran.status == 1);
    CHECK(ran.output.find("it is damaged: event 3") != std::string::npos);
}

TEST_CASE("verify takes the store and its files from the configuration", "[cli][history]") {
    Closed closed;
    std::ofstream(closed.beside("c.toml")) << "[store]\npath = \"cupel.db\"\nblobs = \"nowhere\"\n";
    SQLite::Database(closed.store(), SQLite::OPEN_READWRITE)
        .exec("INSERT INTO blob VALUES ('" + std::string(64, 'a') + "', 5, 'x.cif', '', '')");
    const Ran ran = run_cupel({"verify", "--config", closed.beside("c.toml")});
    CHECK(ran.status == 1);
    CHECK(ran.output.find("is not in " + closed.beside("nowhere")) != std::string::npos);
    CHECK(one_line(ran));
}

TEST_CASE("bad input gives one line and 2", "[cli][history]") {
    Closed closed;
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"rebuild"},
             {"backup", closed.beside("b.db")},
             {"backup", closed.beside("b.db"), "--store", "/nowhere/cupel.db"},
             {"restore", "/nowhere/b.db", "--store", closed.store()},
             {"export", closed.beside("e"), "--store", "/nowhere/cupel.db"},
             {"import", "/nowhere", "--store", closed.beside("n.db")},
             {"rebuild", "--config", "/nowhere/cupeld.toml"},
             {"rebuild", "--store", closed.store(), "--colour"}}) {
        const Ran ran = run_cupel(arguments);
        INFO(arguments.front() << ": " << ran.output);
        CHECK(ran.status == 2);
        CHECK(one_line(ran));
    }
}

TEST_CASE("doctor finds what is wrong and says what to do", "[cli][history]") {
    Closed closed;
    const std::vector<std::string> ask{"doctor",
                                       "--store",
                                       closed.store(),
                                       "--connect",
                                       "ipc://" + closed.beside("nobody.sock"),
                                       "--timeout",
                                       "0.2",
                                       "--json"};
    const auto findings = [&] {
        const Ran ran = run_cupel(ask);
        CHECK(ran.status == 1);  // no daemon answers
        std::map<std::string, Json> all;
        const Json report = Json::parse(ran.output.substr(0, ran.output.find('\n')));
        CHECK(report["ok"] == false);
        for (const auto& check : report["checks"]) {
            CHECK(check["ok"].get<bool>() == check["do"].get<std::string>().empty());
            all[check["check"]] = check;
        }
        return all;
    };
    SECTION("only the daemon is missing") {
        for (const auto& [name, check] : findings()) {
            INFO(check.dump());
            // The bench's clock is a fixed day; that may be tomorrow here.
            CHECK((name == "clock" || check["ok"] == (name != "daemon")));
        }
    }
    SECTION("keys that are computed otherwise") {
        SQLite::Database(closed.store(), SQLite::OPEN_READWRITE)
            .exec("UPDATE proposal SET record = replace(record, 'k1:', 'k1:0')");
        CHECK(findings()["keys"]["ok"] == false);
    }
    SECTION("an open alarm") {
        SQLite::Database(closed.store(), SQLite::OPEN_READWRITE)
            .exec("INSERT INTO alarm VALUES ('01', 'c', 'the oven is cold', '', '')");
        CHECK(findings()["alarms"]["text"].get<std::string>().find("the oven is cold") !=
              std::string::npos);
    }
    SECTION("a store that its daemon cannot write") {
        if (is_root()) {
            // As root left it behind in the folder of the daemon's user.
            REQUIRE(::chown(closed.bench.dir().path().c_str(), 4242, 4242) == 0);
            CHECK(findings()["rights"]["do"] == "chown 4242 " + closed.store());
        } else {
            std::filesystem::permissions(closed.store(), std::filesystem::perms::owner_read);
            CHECK(findings()["rights"]["do"] == "chmod u+w " + closed.store());
        }
    }
    SECTION("files that its daemon cannot put away") {
        const auto blobs = closed.beside("blobs");
        if (is_root()) {
            REQUIRE(::chown(closed.bench.dir().path().c_str(), 4242, 4242) == 0);
            for (const char* ending : {"", "-wal", "-shm", ".lock", ".epoch"}) {
                if (std::filesystem::exists(closed.store() + ending)) {
                    REQUIRE(::chown((closed.store() + ending).c_str(), 4242, 4242) == 0);
                }
            }
            CHECK(findings()["rights"]["do"] == "chown 4242 " + blobs);
        } else {
            std::filesystem::permissions(
                blobs, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
            CHECK(findings()["rights"]["do"] == "chmod u+w " + blobs);
            std::filesystem::permissions(blobs, std::filesystem::perms::owner_all);
        }
    }
    SECTION("a store of a newer version") {
        SQLite::Database(closed.store(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
        CHECK(findings()["store"]["do"] == "use a newer cupeld and cupel; restore nothing");
    }
    SECTION("a store that is new") {
        std::filesystem::remove(closed.store());
        std::filesystem::remove(closed.store() + ".epoch");
        { controller::Store empty(closed.store(), controller::Store::Mode::Write); }
        CHECK(findings()["epoch"]["ok"] == true);
        std::ofstream(closed.store() + ".epoch") << "01JD0000000000000000000001 24\n";
        CHECK(findings()["epoch"]["ok"] == false);
    }
    SECTION("a broken chain") {
        SQLite::Database(closed.store(), SQLite::OPEN_READWRITE)
            .exec(
                "DROP TRIGGER event_is_never_changed; UPDATE event SET kind = 'X' WHERE gseq = 3");
        CHECK(findings()["history"]["text"].get<std::string>().find("event 3") == 0);
    }
    SECTION("a file that is gone") {
        SQLite::Database(closed.store(), SQLite::OPEN_READWRITE)
            .exec("INSERT INTO blob VALUES ('" + std::string(64, 'a') + "', 5, 'x.cif', '', '')");
        CHECK(findings()["files"]["ok"] == false);
    }
    SECTION("a store that is none") {
        std::ofstream(closed.store(), std::ios::trunc) << std::string(5000, 'x');
        CHECK(findings()["store"]["ok"] == false);
    }
}

TEST_CASE("doctor finds in a configuration what keeps cupeld from starting", "[cli][history]") {
    Closed closed;
    const std::string file = closed.beside("cupeld.toml");
    std::ofstream(file) << "[bus]\nauth = \"curve\"\ncontrol = \"ipc://"
                        << closed.beside("nobody.sock")
                        << "\"\n[learner]\nkind = \"popularity\"\n[alarms]\ncommand = "
                           "\"./no-such-lamp\"\n";
    const auto findings = [&] {
        const Ran ran = run_cupel({"doctor", "--config", file, "--timeout", "0.2", "--json"});
        std::map<std::string, Json> all;
        const Json report = Json::parse(ran.output.substr(0, ran.output.find('\n')));
        for (const auto& check : report["checks"]) {
            all[check["check"]] = check;
        }
        return all;
    };
    std::ofstream(closed.beside("allow.toml")) << "x = \n";
    auto all = findings();
    CHECK(all["configuration"]["ok"] == true);
    CHECK(all["alarms.command"]["ok"] == false);
    CHECK(all["bus.server_key"]["ok"] == false);
    CHECK(all["bus.server_key"]["text"].get<std::string>().find("there is no such key file") !=
          std::string::npos);
    CHECK(all["bus.allow_list"]["ok"] == false);
    REQUIRE(run_cupel({"keygen", closed.beside("server.key"), "--server"}).status == 0);
    std::filesystem::remove(closed.beside("allow.toml"));
    all = findings();
    CHECK(all["bus.server_key"]["ok"] == true);
    CHECK(all["bus.allow_list"]["ok"] == true);
}
