// cupel verify: one line and an exit code.
#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>

#include "../support.hpp"
#include "catch.hpp"
#include "program.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

std::string store_of(Bench& bench) {
    bench.ok(bench.result(bench.start(bench.offers().front()), OutcomeKind::Amorphous), "RESULT");
    return (bench.dir() / "cupel.db").string();
}

}  // namespace

TEST_CASE("verify says in one line that a history is whole", "[cli][verify]") {
    Bench bench;
    const auto store = store_of(bench);
    const Ran ran = run_cupel({"verify", "--store", store});
    CHECK(ran.status == 0);
    CHECK(ran.output.find(store + ": the history is whole: ") == 0);
    CHECK(ran.output.find('\n') == ran.output.size() - 1);
    const auto report = nlohmann::json::parse(run_cupel({"verify", store, "--json"}).output);
    CHECK(report.at("ok") == true);
    CHECK(report.at("events") == bench.events.size());
}

TEST_CASE("verify names the first event that was changed", "[cli][verify]") {
    Bench bench;
    const auto store = store_of(bench);
    bench.ledger.reset();
    SQLite::Database(store, SQLite::OPEN_READWRITE)
        .exec("DROP TRIGGER event_is_never_changed; UPDATE event SET time = '' WHERE gseq = 2");
    const Ran ran = run_cupel({"verify", "--store", store});
    CHECK(ran.status == 1);
    CHECK(ran.output.find("damaged: event 2: its hash does not fit") != std::string::npos);
    CHECK(ran.output.find('\n') == ran.output.size() - 1);
}

TEST_CASE("verify of nothing is bad input", "[cli][verify]") {
    const Ran absent = run_cupel({"verify", "--store", "/nowhere/cupel.db"});
    CHECK(absent.status == 2);
    CHECK(absent.output == "cupel: /nowhere/cupel.db: there is no such store\n");
    const Ran bare = run_cupel({"verify"});
    CHECK(bare.status == 2);
    CHECK(bare.output == "cupel: --store FILE or --config FILE is required; --help shows how\n");
}
