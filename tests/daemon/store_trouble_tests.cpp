// A store that cannot be written for a while: told at once, written down later, nothing lost.
#include <csignal>
#include <memory>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/resource.h>

#include "catch.hpp"
#include "ledger/store_trouble.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

namespace {

/// No file of this process may grow past the store's WAL as it is: a quota, for as long as it
/// lives.
class Quota {
  public:
    explicit Quota(const std::filesystem::path& store) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit now = before_;
        now.rlim_cur = std::filesystem::file_size(store.string() + "-wal");
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~Quota() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    Quota(const Quota&) = delete;
    Quota& operator=(const Quota&) = delete;

  private:
    rlimit before_{};
};

/// Another program that writes to the store and does not finish.
class Holder {
  public:
    explicit Holder(const std::filesystem::path& store)
        : db_(store.string(), SQLite::OPEN_READWRITE) {
        db_.exec("BEGIN IMMEDIATE");
    }

  private:
    SQLite::Database db_;
};

std::string alarms(Bench& bench) {
    std::string text;
    const Json status = bench.ok(Status{}, "STATUS");
    for (const auto& alarm : status["alarms"]) {
        text += alarm["text"].get<std::string>() + "\n";
    }
    return text;
}

template <typename Obstacle>
void nothing_is_lost(ErrorCode expected) {
    Bench bench(R"({"open_offers": 4})");
    const auto ids = bench.offers();
    const auto held = bench.claim(ids[0]);
    const auto events = bench.events.size();
    const Start start{make_ulid(), ids[0], held.proof, {}};
    {
        const Obstacle obstacle(bench.dir() / "cupel.db");
        const Reply reply = bench.send(start, "START");
        CHECK(reply.error == expected);
        CHECK(bench.state(ids[0]) == "CLAIMED");
        CHECK(alarms(bench).find("nothing can be written since") != std::string::npos);
        bench.clock.advance(30s);
        bench.ledger->drain();
        CHECK(bench.events.size() == events);
        REQUIRE(bench.troubles.size() == 1);
        CHECK(bench.troubles[0].find("nothing can be written since") == 0);
    }
    // Its client sends it again, as it was told.
    bench.ok(start, "START");
    CHECK(bench.state(ids[0]) == "STARTED");
    CHECK(alarms(bench).find("nothing can be written since") == std::string::npos);
    CHECK(bench.last("ALARM")["text"].get<std::string>().find("nothing could be written: ") !=
          std::string::npos);
    CHECK(bench.count("ALARM") == 1);
    bench.reopen();
    CHECK(bench.state(ids[0]) == "STARTED");
    CHECK(bench.verify().problems == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("a full store says so, loses nothing and goes on", "[store_trouble]") {
    nothing_is_lost<Quota>(ErrorCode::StoreFull);
}

TEST_CASE("a store that another program holds says so, loses nothing and goes on",
          "[store_trouble]") {
    nothing_is_lost<Holder>(ErrorCode::Busy);
}

TEST_CASE("the end of the trouble is found and written down when nobody sends anything",
          "[store_trouble]") {
    Bench bench;
    const auto held = bench.claim(bench.offers().front());
    {
        const Quota quota(bench.dir() / "cupel.db");
        CHECK(bench.error_of(Start{make_ulid(), held.proposal, held.proof, {}}, "START") ==
              ErrorCode::StoreFull);
    }
    bench.clock.advance(60s);
    bench.ledger->drain();
    CHECK(bench.count("ALARM") == 1);
    CHECK(alarms(bench).find("nothing could be written") != std::string::npos);
    CHECK(alarms(bench).find("can be written since") == std::string::npos);
}

TEST_CASE("the write-ahead log stays bounded, and shrinks after a long reader", "[store_trouble]") {
    Bench bench(R"({"open_offers": 1, "budget": 1000000})");
    const auto wal = (bench.dir() / "cupel.db").string() + "-wal";
    const auto held = bench.start(bench.offers().front());
    const auto write = [&](int times) {
        for (int i = 0; i < times; ++i) {
            Progress progress{make_ulid(), held.proposal, held.proof, "stage", {}, {}};
            progress.note = std::string(240000, 'x');
            bench.ok(progress, "PROGRESS");
        }
    };
    constexpr std::uintmax_t kBound = 48u << 20;  // 4000 pages of 4 KiB, and one transaction
    write(150);
    CHECK(std::filesystem::file_size(wal) < kBound);
    {
        SQLite::Database reader((bench.dir() / "cupel.db").string(), SQLite::OPEN_READONLY);
        SQLite::Statement query(reader, "SELECT * FROM event");
        query.executeStep();  // and does not go on
        write(320);
        CHECK(std::filesystem::file_size(wal) > 64u << 20);
    }
    write(100);
    CHECK(std::filesystem::file_size(wal) <= 64u << 20);
    CHECK(bench.state(held.proposal) == "STARTED");
}

TEST_CASE("a store in trouble is tried ever less often, but each minute", "[store_trouble]") {
    controller::StoreTrouble trouble;
    const controller::Instant start{};
    CHECK_FALSE(trouble.time_to_probe(start));
    trouble.begin({"disk full", true, false}, "2026-11-24T12:00:00.000Z", start);
    trouble.begin({"something later", false, false}, "2026-11-24T12:00:01.000Z", start + 1s);
    std::vector<long long> tries;
    for (auto now = start; now < start + 200s; now += 1s) {
        if (trouble.time_to_probe(now)) {
            tries.push_back(std::chrono::duration_cast<std::chrono::seconds>(now - start).count());
        }
    }
    CHECK(tries == std::vector<long long>{0, 2, 6, 14, 30, 62, 122, 182});
    CHECK(trouble.alarm().text ==
          "nothing can be written since 2026-11-24T12:00:00.000Z: disk full; make room on the disk "
          "of the store, cupeld goes on by itself");
    CHECK(
        trouble.account("2026-11-24T12:05:00.000Z") ==
        "from 2026-11-24T12:00:00.000Z to 2026-11-24T12:05:00.000Z nothing could be written: disk "
        "full; whoever sent a command meanwhile was told to send it again");
    trouble.end();
    CHECK_FALSE(trouble.lasts());
    CHECK_FALSE(trouble.time_to_probe(start + 300s));
}

TEST_CASE("WHY in a transaction that fails is answered once", "[store_trouble]") {
    Bench bench(R"({"open_offers": 4})");
    const auto ids = bench.offers();
    const auto held = bench.claim(ids[0]);
    int answers = 0;
    std::optional<ErrorCode> refused;
    {
        const Quota full(bench.dir() / "cupel.db");
        std::vector<controller::Submission> group;
        group.push_back({Command{make_ulid(),
                                 "robot",
                                 "START",
                                 sha256_hex("START"),
                                 Start{make_ulid(), ids[0], held.proof, {}}},
                         {},
                         [&](const Reply& reply) { refused = reply.error; }});
        group.push_back({Command{make_ulid(), "robot", "WHY", sha256_hex("WHY"), Why{ids[0]}},
                         {},
                         [&](const Reply&) { ++answers; }});
        bench.ledger->submit(std::move(group));
        bench.ledger->drain();
    }
    CHECK(refused == ErrorCode::StoreFull);
    CHECK(answers == 1);
}

TEST_CASE("the answer to WHY outlasts a store that another program holds", "[store_trouble]") {
    Bench bench;
    const auto ids = bench.offers();
    bench.learner.slow = true;
    int answers = 0;
    Command why{make_ulid(), "robot", "WHY", sha256_hex("WHY"), Why{ids.front()}};
    bench.ledger->submit(
        std::move(why), {}, [&](const Reply& reply) { answers += reply.error ? 0 : 1; });
    bench.ledger->drain();
    {
        const Holder holder(bench.dir() / "cupel.db");
        bench.learner.say_held();
        bench.ledger->drain();
        CHECK(answers == 0);
    }
    SECTION("told when somebody writes") {
        bench.claim(ids.front());
        bench.ledger->drain();
    }
    SECTION("told when nobody sends anything") {
        bench.clock.advance(60s);
        bench.ledger->drain();
    }
    SECTION("told at the end") {
        bench.ledger.reset();
    }
    CHECK(answers == 1);
}

TEST_CASE("a suggestion outlasts a store that another program holds, and is not asked for again",
          "[store_trouble]") {
    Bench bench(R"({"open_offers": 4})");
    const auto ids = bench.offers();
    bench.learner.slow = true;
    const auto asked = bench.learner.requests.size();
    bench.start(ids[0]);
    bench.start(ids[1]);
    REQUIRE(bench.learner.requests.size() == asked + 1);
    {
        const Holder holder(bench.dir() / "cupel.db");
        bench.learner.say_held();
        bench.ledger->drain();
        bench.clock.advance(5s);
        bench.ledger->drain();
    }
    for (int minute = 0; minute < 3; ++minute) {
        bench.clock.advance(60s);
        bench.ledger->drain();
    }
    CHECK(bench.offers().size() == 4);
    CHECK(bench.learner.requests.size() == asked + 1);
    CHECK(bench.learner.held.empty());
    CHECK(bench.verify().problems == std::vector<std::string>{});
}

TEST_CASE("posted work keeps its order over a time in which nothing can be written",
          "[store_trouble]") {
    Bench bench;
    std::string done;
    const auto post = [&](char name) { bench.ledger->post([&done, name] { done += name; }); };
    auto holder = std::make_unique<Holder>(bench.dir() / "cupel.db");
    post('a');
    bench.ledger->drain();
    post('b');
    post('c');
    bench.ledger->drain();
    CHECK(done.empty());
    SECTION("and is done when that is over") {
        holder.reset();
        post('d');
        bench.clock.advance(60s);
        bench.ledger->drain();
        CHECK(done == "abcd");
    }
    SECTION("and does not hold up the end of the daemon") {
        bench.ledger.reset();
        CHECK(done.empty());
    }
}
