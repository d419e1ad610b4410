// Answers that were given, found again or surely new.
#include <map>
#include <random>

#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "ledger/answered_commands.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::controller;
using namespace cupel::test;

namespace {

CommandRow row_of(const std::string& client, const std::string& id, const std::string& reply) {
    return {client, id, "PROGRESS", "hash", reply, "2026-11-24T12:00:00.000Z"};
}

struct Written {
    TempDir dir;
    Store store{dir / "cupel.db", Store::Mode::Write};
    AnsweredCommands answered{store};

    void commit() {
        answered.write();
        store.commit();
        store.begin();
    }
    Written() { store.begin(); }
    ~Written() { store.rollback(); }
};

}  // namespace

TEST_CASE("a command is found before and after its commit, for its client alone", "[answered]") {
    Written written;
    const std::string id = make_ulid();
    CHECK_FALSE(written.answered.find("a", id));
    written.answered.add(row_of("a", id, "{}"));
    REQUIRE(written.answered.find("a", id));
    CHECK_FALSE(written.answered.find("b", id));
    written.commit();
    const auto found = written.answered.find("a", id);
    REQUIRE(found);
    CHECK(found->kind == "PROGRESS");
    CHECK(found->hash == "hash");
    CHECK(found->reply == "{}");
    CHECK_FALSE(written.answered.find("b", id));
}

TEST_CASE("what a failed transaction answered was never answered", "[answered]") {
    Written written;
    const std::string id = make_ulid();
    written.answered.add(row_of("a", id, "first"));
    written.answered.write();
    written.store.rollback();
    written.answered.discard();
    written.store.begin();
    CHECK_FALSE(written.answered.find("a", id));
    written.answered.add(row_of("a", id, "second"));
    written.commit();
    CHECK(written.answered.find("a", id)->reply == "second");
}

TEST_CASE("a client that was silent while thousands of others spoke is known", "[answered]") {
    Written written;
    written.answered.add(row_of("silent", "id-1", "first"));
    for (int i = 0; i < 2500; ++i) {
        written.answered.add(
            row_of("other-" + std::to_string(i % 7), "id-" + std::to_string(i + 2), "{}"));
    }
    written.commit();
    AnsweredCommands after(written.store);
    REQUIRE(after.find("silent", "id-1"));
    CHECK(after.find("silent", "id-1")->reply == "first");
    CHECK_FALSE(after.find("silent", "id-2"));
    CHECK_FALSE(after.find("new", "id-1"));
    REQUIRE(after.find("other-0", "id-2"));
    CHECK_FALSE(after.find("other-1", "id-2"));
}

TEST_CASE("ids in any order, of any number of clients, are told apart", "[answered]") {
    Written written;
    std::mt19937 random(7);
    std::map<std::pair<std::string, std::string>, std::string> committed, running;
    int known = 0;
    for (int step = 0; step < 6000; ++step) {
        const std::string client = "client-" + std::to_string(random() % 1500);
        const std::string id(1, static_cast<char>(33 + 3 * (random() % 60)));
        const auto before = running.find({client, id});
        const auto found = written.answered.find(client, id);
        REQUIRE(found.has_value() == (before != running.end()));
        if (found) {
            ++known;
            REQUIRE(found->reply == before->second);
        } else {
            const std::string reply = std::to_string(step);
            written.answered.add(row_of(client, id, reply));
            running[{client, id}] = reply;
        }
        if (random() % 40 == 0) {
            written.commit();
            committed = running;
        } else if (random() % 200 == 0) {
            written.store.rollback();
            written.answered.discard();
            written.store.begin();
            running = committed;
        }
    }
    CHECK(known > 50);
}
