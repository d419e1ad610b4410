// What a daemon that died finds again: everything that was answered, and nothing twice.
#include <fstream>

#include "as_nobody.hpp"
#include "catch.hpp"
#include "ledger/epoch_file.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

TEST_CASE("a reopened store is the same campaign", "[recovery]") {
    Bench bench(R"({"open_offers": 3})");
    const auto ids = bench.offers();
    const auto held = bench.start(ids[0]);
    const auto claimed = bench.claim(ids[1]);
    const std::string epoch = bench.ledger->epoch();
    const auto heads = bench.ledger->heads();
    bench.reopen();
    CHECK(bench.ledger->epoch() == epoch);
    CHECK(bench.ledger->heads() == heads);
    CHECK(bench.state(ids[0]) == "STARTED");
    CHECK(bench.state(ids[1]) == "CLAIMED");
    CHECK(bench.count("PROPOSED") == 3);
    CHECK(bench.error_of(Start{make_ulid(), ids[0], held.proof, {}}, "START") ==
          ErrorCode::AlreadyStarted);
    bench.ok(Start{make_ulid(), ids[1], claimed.proof, {}}, "START");
    bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
    CHECK(bench.campaign()["spent"] == 2);
    CHECK(bench.verify().ok());
}

namespace {

/// Bytes that this process has read from files, cached or not.
std::int64_t bytes_read() {
    std::ifstream io("/proc/self/io");
    std::string name;
    std::int64_t count = 0;
    io >> name >> count;
    REQUIRE(name == "rchar:");
    return count;
}

/// So many reports on one experiment, written as the ledger would.
void report_often(const std::filesystem::path& path, const std::string& proposal, int times) {
    controller::Store store(path, controller::Store::Mode::Write);
    controller::Head head = store.head();
    store.begin();
    for (int i = 0; i < times; ++i) {
        Event event;
        event.id = make_ulid();
        event.campaign = "c";
        event.seq = ++head.seqs["c"];
        event.gseq = ++head.gseq;
        event.kind = "PROGRESS";
        event.proposal = proposal;
        event.body_json = Json{{"campaign", "c"},
                               {"proposal", proposal},
                               {"state", "STARTED"},
                               {"stage", std::string(200, 's')}}
                              .dump();
        event.chain = controller::chain_hash(head.chain, event);
        head.chain = event.chain;
        store.append({event});
    }
    store.commit();
}

}  // namespace

TEST_CASE("opening reads the tables and the end of the history, however long it is", "[recovery]") {
    Bench bench;
    const std::string proposal = bench.start(bench.offers().front()).proposal;
    const auto path = bench.dir() / "cupel.db";
    const auto read_to_open = [&](int more_events) {
        bench.ledger.reset();
        report_often(path, proposal, more_events);
        const std::int64_t before = bytes_read();
        bench.open();
        return bytes_read() - before;
    };
    const std::int64_t some = read_to_open(5'000);
    const std::int64_t many = read_to_open(20'000);
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));
    CAPTURE(some, many, size);
    REQUIRE(size > 10'000'000);
    CHECK(many < some + 200'000);  // a level more of the trees
    CHECK(bench.state(proposal) == "STARTED");
}

TEST_CASE("a restart goes on from the model that was promoted last", "[recovery]") {
    Bench bench(R"({"train_every": 1, "open_offers": 2})");
    CHECK(bench.learner.asked_for.empty());
    const auto held = bench.start(bench.offers().front());
    bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
    REQUIRE(bench.count("MODEL_PROMOTED") == 2);
    bench.learner.warning = "model-1 is gone";
    bench.reopen();
    CHECK(bench.learner.asked_for == "model-1");
    CHECK(bench.last("ALARM")["text"] == "model-1 is gone");
    const auto told = bench.count("ALARM");
    bench.reopen();
    CHECK(bench.count("ALARM") == told);  // it is open still
}

TEST_CASE("the daemon's own downtime expires nobody", "[recovery]") {
    Bench bench;
    const auto held = bench.claim(bench.offers().front());
    bench.ledger.reset();
    bench.clock.advance(std::chrono::hours(5));
    bench.open();
    CHECK(bench.state(held.proposal) == "CLAIMED");
    bench.clock.advance(121s);
    bench.ledger->drain();
    CHECK(bench.state(held.proposal) == "OFFERED");
}

TEST_CASE("a structure that was being read when the daemon died is read again", "[recovery]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    const std::string cif = "data_x\n";
    Result result = bench.result(held, OutcomeKind::Amorphous);
    result.outcome.reset();
    result.blobs = {{"x.cif", "chemical/x-cif", sha256_hex(cif), cif.size()}};
    bench.structures.silent = true;
    bench.ok(result, "RESULT", "robot", {cif});
    CHECK(bench.state(held.proposal) == "RESULT_IN");
    bench.structures.silent = false;
    bench.structures.answers["x.cif"] = {std::nullopt, "no_atoms", "no atoms", false};
    bench.reopen();
    CHECK(bench.structures.asked == 2);
    CHECK(bench.state(held.proposal) == "AWAITING");
}

TEST_CASE("a database older than the file beside it starts a new epoch and offers nothing again",
          "[recovery]") {
    Bench bench;
    const auto ids = bench.offers();
    bench.ledger.reset();
    for (const char* end : {"", "-wal"}) {
        const auto from = (bench.dir() / "cupel.db").string() + end;
        std::error_code ignored;
        std::filesystem::copy_file(from, from + ".old", ignored);
    }
    bench.open();
    const std::string epoch = bench.ledger->epoch();
    bench.start(ids[0]);
    bench.ledger.reset();
    std::filesystem::remove((bench.dir() / "cupel.db-wal").string());
    std::filesystem::copy_file((bench.dir() / "cupel.db").string() + ".old",
                               bench.dir() / "cupel.db",
                               std::filesystem::copy_options::overwrite_existing);
    bench.open();
    CHECK_FALSE(bench.learner.asked_unattached);
    CHECK(bench.ledger->epoch() != epoch);
    CHECK(bench.state(ids[0]) == "UNKNOWN");
    CHECK(bench.offers().empty());
    CHECK(bench.campaign()["state"] == "RESTORED");
    CHECK(bench.verify().ok());
}

TEST_CASE(
    "a store without its side file is of unknown age: it offers nothing until a person says so",
    "[recovery]") {
    Bench bench;
    REQUIRE_FALSE(bench.offers().empty());
    const std::string epoch = bench.ledger->epoch();
    bench.ledger.reset();
    std::filesystem::remove((bench.dir() / "cupel.db").string() + ".epoch");
    bench.open();
    CHECK_FALSE(bench.learner.asked_unattached);
    CHECK(bench.ledger->epoch() != epoch);
    CHECK(bench.campaign()["state"] == "RESTORED");
    CHECK(bench.offers().empty());
    CHECK(bench.ok(Status{}, "STATUS")["alarms"].size() == 1);
    const std::string begun = bench.ledger->epoch();
    bench.reopen();
    CHECK(bench.ledger->epoch() == begun);
}

TEST_CASE("a store beside the side file of another life is of unknown age as well", "[recovery]") {
    Bench bench;
    REQUIRE_FALSE(bench.offers().empty());
    bench.ledger.reset();
    controller::EpochFile(bench.dir() / "cupel.db").write({make_ulid(), 1'000'000});
    bench.open();
    CHECK(bench.campaign()["state"] == "RESTORED");
    CHECK(bench.offers().empty());
    CHECK(bench.ok(Status{}, "STATUS")["alarms"].size() == 1);
}

TEST_CASE("a new store has its side file before its first event", "[recovery]") {
    Bench bench;
    bench.ledger.reset();
    const std::string store = (bench.dir() / "cupel.db").string();
    for (const char* ending : {"", "-wal", "-shm", ".epoch"}) {
        std::filesystem::remove(store + ending);
    }
    bench.open(false);
    CHECK(std::filesystem::exists(store + ".epoch"));
}

TEST_CASE("an emptied store does not begin again beside a file that has seen more", "[recovery]") {
    Bench bench;
    bench.start(bench.offers().front());
    bench.ledger.reset();
    const std::string store = (bench.dir() / "cupel.db").string();
    for (const char* ending : {"", "-wal", "-shm"}) {
        std::filesystem::remove(store + ending);
    }
    for (int twice = 0; twice < 2; ++twice) {
        CHECK_THROWS_WITH(bench.open(),
                          Catch::Contains("there is no store, but " + store + ".epoch"));
        CHECK_FALSE(std::filesystem::exists(store));
    }
    std::ofstream(store) << "";
    CHECK_THROWS_WITH(bench.open(), Catch::Contains("the store is empty, but " + store + ".epoch"));
    // On purpose, as the line says.
    std::filesystem::remove(store + ".epoch");
    bench.open();
    CHECK_FALSE(bench.offers().empty());
}

TEST_CASE("REPLAY gives every event once, in pages", "[recovery]") {
    Bench bench(R"({"open_offers": 4})");
    bench.start(bench.offers().front());
    std::int64_t from = 1;
    std::vector<std::string> kinds;
    for (;;) {
        const Json page = bench.ok(Replay{"c", from, {}, 3}, "REPLAY");
        if (page["events"].empty()) {
            break;
        }
        CHECK(page["events"].size() <= 3);
        for (const auto& event : page["events"]) {
            CHECK(event["header"]["seq"] == static_cast<std::int64_t>(kinds.size()) + 1);
            kinds.push_back(event["header"]["kind"]);
        }
        from = page["next"];
    }
    CHECK(static_cast<std::int64_t>(kinds.size()) == bench.ledger->heads().at("c"));
    CHECK(kinds.size() == bench.events.size());
    CHECK(bench.error_of(Replay{"nobody", 1, {}, 10}, "REPLAY") == ErrorCode::NoSuchCampaign);
}

TEST_CASE("a page of REPLAY ends where its events are long, none is left out", "[recovery]") {
    Bench bench(R"({"open_offers": 4})");
    const auto held = bench.start(bench.offers().front());
    constexpr int kNotes = 40;
    const std::string note(200'000, 'x');
    for (int i = 0; i < kNotes; ++i) {
        bench.ok(Progress{make_ulid(), held.proposal, held.proof, "stage", note, {}}, "PROGRESS");
    }
    std::int64_t from = 1;
    int pages = 0;
    for (;; ++pages) {
        const Json page = bench.ok(Replay{"c", from, {}, 1000}, "REPLAY");
        if (page["events"].empty()) {
            break;
        }
        CHECK(page["events"].front()["header"]["seq"] == from);
        CHECK(page.dump().size() < (std::size_t{4} << 20) + 2 * note.size());
        from = page["next"];
    }
    CHECK(pages == 2);
    CHECK(from == bench.ledger->heads().at("c") + 1);
}

TEST_CASE("a stopping ledger answers what it no longer does", "[recovery]") {
    Bench bench;
    bench.ledger->start();
    bench.ledger->request_stop();
    bench.ledger->stop();
    std::optional<ErrorCode> error;
    bench.ledger->submit(Command{make_ulid(), "robot", "STATUS", "", Status{}},
                         {},
                         [&](Reply reply) { error = reply.error; });
    CHECK(error == ErrorCode::ShuttingDown);
}

TEST_CASE("a side file that cannot be written is told of once", "[recovery]") {
    Bench bench(R"({"open_offers": 3})");
    const auto path = (bench.dir() / "cupel.db").string() + ".epoch";
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);  // in the way of root too
    bench.start(bench.offers().front());
    bench.ledger->drain();
    bench.start(bench.offers().front());
    bench.ledger->drain();
    CHECK(bench.count("ALARM") == 1);
    CHECK(bench.last("ALARM")["text"].get<std::string>().find(path + ": cannot be written: ") == 0);
}

TEST_CASE("a folder of files that cannot be written stops a start", "[recovery]") {
    Bench bench;
    bench.ledger.reset();
    const auto blobs = bench.dir() / "blobs";
    if (is_root()) {
        std::filesystem::permissions(bench.dir().path(), std::filesystem::perms::all);
        for (const auto& entry : std::filesystem::directory_iterator(bench.dir().path())) {
            std::filesystem::permissions(entry.path(), std::filesystem::perms::all);
        }
    }
    std::filesystem::permissions(
        blobs, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    {
        const AsNobody nobody;
        if (is_root()) {
            WARN("SKIPPED: root is kept out of nothing");
        } else {
            CHECK_THROWS_WITH(bench.open(),
                              Catch::Contains(blobs.string() + " cannot be written: "));
        }
    }
    std::filesystem::permissions(blobs, std::filesystem::perms::owner_all);
}
