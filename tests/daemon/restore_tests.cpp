// An old backup in the place of a store: nothing is offered twice, people settle, campaigns go on.
#include <algorithm>
#include <set>

#include <cupel/controller/store_backup.hpp>

#include "catch.hpp"
#include "ledger/store_lock.hpp"
#include "store_tables.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace cupel::controller;

namespace {

/// A campaign, its backup, and what happened after it.
struct Rewound {
    Rewound() {
        ids = bench.offers();
        started = bench.start(ids[0]);
        backup_store(store(), {}, backup);
        bench.start(ids[1]);  // the backup will not know
        epoch = bench.ledger->epoch();
    }
    RestoreReport restore() {
        bench.ledger.reset();
        const auto report = restore_store(backup, store(), {});
        bench.open();
        return report;
    }
    void settle(const std::string& id) {
        bench.ok(ResolveUnknown{make_ulid(), id, "asked", ResolveUnknown::Way::Failed, {}},
                 "RESOLVE_UNKNOWN");
    }
    std::filesystem::path store() const { return bench.dir() / "cupel.db"; }

    TempDir elsewhere;
    std::filesystem::path backup = elsewhere / "backup.db";
    Bench bench{R"({"open_offers": 3})"};
    std::vector<std::string> ids;
    Bench::Held started;
    std::string epoch;
};

}  // namespace

TEST_CASE("a restored store offers nothing, in a new epoch", "[restore]") {
    Rewound rewound;
    const auto report = rewound.restore();
    CHECK(report.check.ok());
    CHECK(rewound.bench.ledger->epoch() != rewound.epoch);
    CHECK(rewound.bench.campaign()["state"] == "RESTORED");
    for (const auto& id : rewound.ids) {
        CHECK(rewound.bench.state(id) == "UNKNOWN");
    }
    CHECK(rewound.bench.offers().empty());
    CHECK(rewound.bench.error_of(Claim{make_ulid(), {rewound.ids[1]}, LeaseClass::Robot},
                                 "CLAIM") == ErrorCode::NotOffered);
    CHECK(rewound.bench.verify().ok());
    // It says what the backup forgot, and keeps what was there.
    REQUIRE(report.lost.size() == 1);
    CHECK(report.lost[0].proposal == rewound.ids[1]);
    CHECK(report.lost[0].in_backup);
    CHECK(check_store(report.kept).ok());
}

TEST_CASE("what was proposed and started since the backup is unknown, and not proposed again",
          "[restore]") {
    Rewound rewound;
    Bench& bench = rewound.bench;
    for (const auto& id : {rewound.ids[1], rewound.ids[2]}) {
        if (bench.state(id) == "OFFERED") {
            bench.start(id);
        }
    }
    const auto later = bench.offers();  // of these the backup knows nothing
    REQUIRE(later.size() >= 2);
    const auto started = bench.start(later[0]);
    const auto claimed = bench.claim(later[1], "other");
    std::set<std::string> begun;
    const Json before = bench.ok(Snapshot{}, "SNAPSHOT");
    for (const auto& entry : before["campaigns"][0]["proposals"]) {
        if (entry["state"] == "STARTED" || entry["state"] == "CLAIMED") {
            begun.insert(entry["candidate"]["key"]);
        }
    }
    REQUIRE(begun.size() == 5);
    const auto spent = bench.campaign()["spent"];
    const auto report = rewound.restore();
    REQUIRE(report.lost.back().proposal == later[0]);
    CHECK_FALSE(report.lost.back().in_backup);
    CHECK(bench.state(later[0]) == "UNKNOWN");
    CHECK(bench.state(later[1]) == "UNKNOWN");
    CHECK(bench.verify().ok());
    // Their workers come back under the leases that they have.
    CHECK(bench.ok(bench.result(started, OutcomeKind::NoReaction), "RESULT")["held"] == false);
    bench.ok(Start{make_ulid(), later[1], claimed.proof, std::nullopt}, "START", "other");
    CHECK(bench.campaign()["state"] == "RESTORED");
    for (const auto& id : rewound.ids) {
        rewound.settle(id);
    }
    CHECK(bench.campaign()["state"] == "RUNNING");
    CHECK(bench.campaign()["spent"] == spent.get<int>() - 1);  // two settled ones were not charged
    const Json after = bench.ok(Snapshot{}, "SNAPSHOT");
    for (const auto& entry : after["campaigns"][0]["proposals"]) {
        if (entry["state"] == "OFFERED") {
            CHECK(begun.count(entry["candidate"]["key"]) == 0);
        }
    }
    bench.reopen();
    CHECK(bench.verify().ok());
}

TEST_CASE("a campaign made since the backup comes back with what was started of it", "[restore]") {
    Rewound rewound;
    Bench& bench = rewound.bench;
    const std::string pool = (bench.dir() / "pool.jsonl").string();
    bench.ok(CampaignNew{make_ulid(), "new", Json{{"pool", pool}}.dump()}, "CAMPAIGN_NEW");
    std::string id;
    const Json offers = bench.ok(ListOffers{}, "LIST_OFFERS")["offers"];
    for (const auto& offer : offers) {
        if (offer["campaign"] == "new") {
            id = offer["proposal"];
        }
    }
    bench.start(id);
    rewound.restore();
    CHECK(bench.state(id) == "UNKNOWN");
    rewound.settle(id);
    CHECK(bench.ok(Status{}, "STATUS")["campaigns"][1]["state"] == "PAUSED");
    CHECK(bench.verify().ok());
}

TEST_CASE("where nobody knows what was started since, a campaign waits for a person", "[restore]") {
    Rewound rewound;
    Bench& bench = rewound.bench;
    bench.ledger.reset();
    SECTION("the newer store is gone") {
        std::filesystem::remove(rewound.store());
    }
    SECTION("the store that was there is another one") {
        std::filesystem::remove(rewound.store());
        std::filesystem::remove(rewound.store().string() + ".epoch");
        bench.open();
        bench.start(bench.offers().front());
        bench.ledger.reset();
    }
    SECTION("it was restored before, and no daemon has run on it") {
        restore_store(rewound.backup, rewound.store(), {});
    }
    CHECK(restore_store(rewound.backup, rewound.store(), {}).lost_is_unknown);
    bench.open();
    for (const auto& id : rewound.ids) {
        rewound.settle(id);
    }
    CHECK(bench.campaign()["state"] == "RESTORED");
    CHECK(bench.offers().empty());
    const Json alarms = bench.ok(Status{}, "STATUS")["alarms"];
    REQUIRE(alarms.size() == 1);
    CHECK(alarms[0]["text"].get<std::string>().find("is not known") != std::string::npos);
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, "looked"},
             "CAMPAIGN_RESUME");
    CHECK(bench.campaign()["state"] == "RUNNING");
    CHECK(bench.ok(Status{}, "STATUS")["alarms"].empty());
    CHECK(bench.verify().ok());
}

TEST_CASE("a restored campaign goes on when the last unknown is settled", "[restore]") {
    Rewound rewound;
    rewound.restore();
    rewound.settle(rewound.ids[1]);
    rewound.settle(rewound.ids[2]);
    CHECK(rewound.bench.campaign()["state"] == "RESTORED");
    // The first one's worker still has its lease.
    rewound.bench.ok(rewound.bench.result(rewound.started, OutcomeKind::NoReaction), "RESULT");
    CHECK(rewound.bench.campaign()["state"] == "RUNNING");
    CHECK(rewound.bench.verify().ok());
}

TEST_CASE("an experiment that a backup does not know is charged when its result comes",
          "[restore]") {
    Rewound rewound;
    rewound.restore();
    CHECK(rewound.bench.campaign()["spent"] == 1);
    Result result;
    result.cmd_id = make_ulid();
    result.proposal = rewound.ids[1];
    result.outcome = Outcome{};
    result.outcome->kind = OutcomeKind::NoReaction;
    CHECK(rewound.bench.ok(result, "RESULT")["held"] == false);
    CHECK(rewound.bench.campaign()["spent"] == 2);
    // And so does what a person says became of it, but not that it never took place.
    Outcome amorphous;
    amorphous.kind = OutcomeKind::Amorphous;
    rewound.bench.ok(ResolveUnknown{make_ulid(),
                                    rewound.ids[2],
                                    "seen on the bench",
                                    ResolveUnknown::Way::Result,
                                    amorphous},
                     "RESOLVE_UNKNOWN");
    CHECK(rewound.bench.campaign()["spent"] == 3);
    CHECK(rewound.bench.verify().ok());
}

TEST_CASE("a person may let a restored campaign go on at once", "[restore]") {
    Rewound rewound;
    rewound.restore();
    rewound.bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, "looked"},
                     "CAMPAIGN_RESUME");
    CHECK(rewound.bench.campaign()["state"] == "RUNNING");
    CHECK(rewound.bench.state(rewound.ids[1]) == "UNKNOWN");
    const auto offers = rewound.bench.offers();
    CHECK(std::find(offers.begin(), offers.end(), rewound.ids[1]) == offers.end());
}

TEST_CASE("a restored campaign that was stopped is not run again by resuming it", "[restore]") {
    Bench bench(R"({"open_offers": 2})");
    TempDir elsewhere;
    bench.start(bench.offers().front());
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Stop, ""}, "CAMPAIGN_STOP");
    backup_store(bench.dir() / "cupel.db", {}, elsewhere / "b.db");
    bench.ledger.reset();
    restore_store(elsewhere / "b.db", bench.dir() / "cupel.db", {});
    bench.open();
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, ""},
             "CAMPAIGN_RESUME");
    CHECK(bench.campaign()["state"] == "DRAINING");
    CHECK(bench.offers().empty());
}

namespace {

/// What the campaign of this bench is after a restore of what it was, all unknowns settled.
std::string state_after_restore(Bench& bench) {
    TempDir elsewhere;
    backup_store(bench.dir() / "cupel.db", {}, elsewhere / "b.db");
    bench.ledger.reset();
    restore_store(elsewhere / "b.db", bench.dir() / "cupel.db", {});
    bench.open();
    const Json proposals = bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0]["proposals"];
    for (const auto& entry : proposals) {
        if (entry["state"] == "UNKNOWN") {
            bench.ok(ResolveUnknown{make_ulid(),
                                    entry["proposal"].get<std::string>(),
                                    "asked",
                                    ResolveUnknown::Way::Failed,
                                    {}},
                     "RESOLVE_UNKNOWN");
        }
    }
    bench.ledger->drain();
    return bench.campaign()["state"].get<std::string>();
}

}  // namespace

TEST_CASE("a restore leaves a paused campaign paused and a finished one alone", "[restore]") {
    Bench bench(R"({"open_offers": 1, "budget": 1})");
    SECTION("paused") {
        bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Pause, "fume hood"},
                 "CAMPAIGN_PAUSE");
        CHECK(state_after_restore(bench) == "PAUSED");
    }
    SECTION("paused, and restored twice") {
        bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Pause, "fume hood"},
                 "CAMPAIGN_PAUSE");
        TempDir elsewhere;
        backup_store(bench.dir() / "cupel.db", {}, elsewhere / "b.db");
        bench.ledger.reset();
        restore_store(elsewhere / "b.db", bench.dir() / "cupel.db", {});
        bench.open();
        REQUIRE(bench.campaign()["state"] == "RESTORED");
        CHECK(state_after_restore(bench) == "PAUSED");
    }
    SECTION("finished") {
        bench.ok(bench.result(bench.start(bench.offers().front()), OutcomeKind::NoReaction),
                 "RESULT");
        REQUIRE(bench.campaign()["state"] == "FINISHED");
        CHECK(state_after_restore(bench) == "FINISHED");
    }
}

TEST_CASE("what was in review in the backup and started since is unknown", "[restore]") {
    Bench bench(R"({"open_offers": 2, "review": true})");
    TempDir elsewhere;
    const Json before = bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0]["proposals"];
    const std::string passed = before[0]["proposal"], other = before[1]["proposal"];
    backup_store(bench.dir() / "cupel.db", {}, elsewhere / "b.db");
    bench.ok(Approve{make_ulid(), passed, ""}, "APPROVE");
    const auto held = bench.start(passed);
    if (GENERATE(false, true)) {  // stopped since: approved once more it would be made again
        bench.ok(Cancel{make_ulid(), passed, "contaminated"}, "CANCEL");
        bench.ok(CancelAck{make_ulid(), passed, held.proof, true}, "CANCEL_ACK");
    }
    bench.ledger.reset();
    const bool gone = GENERATE(false, true);
    if (gone) {  // then nobody knows which were started
        std::filesystem::remove(bench.dir() / "cupel.db");
    }
    restore_store(elsewhere / "b.db", bench.dir() / "cupel.db", {});
    bench.open();
    CHECK(bench.state(passed) == "UNKNOWN");
    CHECK(bench.state(other) == (gone ? "UNKNOWN" : "IN_REVIEW"));
    CHECK(bench.verify().ok());
}

TEST_CASE("who had only claimed starts after a restore", "[restore]") {
    Bench bench(R"({"open_offers": 1})");
    TempDir elsewhere;
    const auto held = bench.claim(bench.offers().front());
    backup_store(bench.dir() / "cupel.db", {}, elsewhere / "b.db");
    bench.ledger.reset();
    restore_store(elsewhere / "b.db", bench.dir() / "cupel.db", {});
    bench.open();
    REQUIRE(bench.state(held.proposal) == "UNKNOWN");
    const Json started = bench.ok(Start{make_ulid(), held.proposal, held.proof, 7200.0}, "START");
    CHECK(started["state"] == "STARTED");
    CHECK(started["ttl_s"] == 10800.0);
    CHECK(bench.campaign()["spent"] == 1);
}

TEST_CASE("a restore is refused where it would do harm", "[restore]") {
    Rewound rewound;
    SECTION("the store is in use") {
        const StoreLock daemon(rewound.store());
        const Tables before = tables_of(rewound.store());
        CHECK_THROWS_WITH(restore_store(rewound.backup, rewound.store(), {}),
                          Catch::Contains("is in use by another cupeld"));
        CHECK(tables_of(rewound.store()) == before);
    }
    SECTION("the backup is damaged") {
        rewound.bench.ledger.reset();
        SQLite::Database(rewound.backup.string(), SQLite::OPEN_READWRITE)
            .exec("DROP TRIGGER event_is_never_removed; DELETE FROM event WHERE gseq = 3");
        const Tables before = tables_of(rewound.store());
        CHECK_THROWS_WITH(restore_store(rewound.backup, rewound.store(), {}),
                          Catch::Contains("the backup is damaged: event 4"));
        CHECK(tables_of(rewound.store()) == before);
    }
    SECTION("the backup is the store itself") {
        rewound.bench.ledger.reset();
        const Tables before = tables_of(rewound.store());
        std::filesystem::create_symlink(rewound.store(), rewound.elsewhere / "link.db");
        for (const auto& file : {rewound.store(), rewound.elsewhere / "link.db"}) {
            CHECK_THROWS_WITH(
                restore_store(file, rewound.store(), {}),
                file.string() + " is the store itself; name a file that cupel backup made");
        }
        CHECK(tables_of(rewound.store()) == before);
    }
    SECTION("there is no backup") {
        CHECK_THROWS_AS(restore_store(rewound.elsewhere / "none.db", rewound.store(), {}),
                        InputError);
    }
}

TEST_CASE("the side file that a restore keeps is not written any more", "[restore]") {
    Rewound rewound;
    const auto report = rewound.restore();
    std::string kept, live;
    std::getline(std::ifstream(report.kept.string() + ".epoch"), kept);
    std::getline(std::ifstream(rewound.store().string() + ".epoch"), live);
    CHECK(kept.find(rewound.epoch) == 0);
    CHECK(live.find(rewound.bench.ledger->epoch()) == 0);
}

TEST_CASE("a store too damaged to open can be replaced", "[restore]") {
    Rewound rewound;
    rewound.bench.ledger.reset();
    std::ofstream(rewound.store(), std::ios::trunc) << std::string(5000, 'x');
    const auto report = restore_store(rewound.backup, rewound.store(), {});
    CHECK(report.lost.empty());
    CHECK(report.lost_is_unknown);
    CHECK(std::filesystem::file_size(report.kept) == 5000);
    rewound.bench.open();
    CHECK(rewound.bench.campaign()["state"] == "RESTORED");
}
