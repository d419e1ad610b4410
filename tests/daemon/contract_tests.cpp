// Every event and every reply that protocol v1 promises, sent once by a real ledger and held
// against its schema. Bench throws on the first body that does not fit; here only the list is
// checked, so that no schema stands for something that is never said.
#include <algorithm>

#include "campaign/life_cycle.hpp"
#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

namespace {

std::string ulid() {
    return make_ulid();
}

Outcome outcome(OutcomeKind kind) {
    Outcome made;
    made.kind = kind;
    return made;
}

Candidate edited_candidate() {
    Candidate candidate = candidate_number(5000);
    candidate.edit = Edit{"[Ag5002(SCH3)5001]", {"vacancy"}};
    return candidate;
}

controller::StructureAnswer another_cluster() {
    StructureReport report;
    report.core.metals = {{"Ag", 21}};
    report.ligands = {{Ligand{"[S-]C", "CH3S", -1, {"S"}, "thiolate", 1}, 4}};
    report.warnings = {"hydrogen is missing"};
    Verdict verdict;
    verdict.target_grade = 0.25;
    verdict.fields = {{"metals", Agreement::No, "Ag2 expected, Ag21 found"}};
    verdict.text = "another cluster";
    report.verdict = verdict;
    return {report, "", "", false};
}

Result with_cif(Bench& bench, const Bench::Held& held, const std::string& cif) {
    Result result = bench.result(held, OutcomeKind::Confirmed);
    result.blobs = {{"x.cif", "chemical/x-cif", sha256_hex(cif), cif.size()}};
    return result;
}

/// Offers, leases, work and its ends.
void work(Bench& bench) {
    bench.ok(Hello{"robot", "test", "1", {}}, "HELLO");
    bench.ok(Status{}, "STATUS");
    bench.ok(Ping{{{"c", 1}}}, "PING");
    const auto first = bench.claim(bench.offers().front());
    bench.ok(Release{ulid(), first.proposal, first.proof, "busy"}, "RELEASE");
    bench.ok(Decline{ulid(), first.proposal, {}, "no silver"}, "DECLINE");
    bench.ok(Withdraw{ulid(), first.proposal, "not wanted"}, "WITHDRAW");
    const auto unstarted = bench.claim(bench.offers().front());
    bench.ok(Cancel{ulid(), unstarted.proposal, "changed my mind"}, "CANCEL");
    const auto held = bench.start(bench.offers().front());
    bench.ok(Progress{ulid(), held.proposal, held.proof, "reduction", "red", 60.0}, "PROGRESS");
    Result stage = bench.result(held, OutcomeKind::Amorphous);
    stage.outcome.reset();
    stage.stage = "crystallisation";
    bench.ok(stage, "RESULT");
    bench.clock.advance(16min);
    bench.ok(Renew{held.proof, {{"c", 3}}}, "RENEW");
    bench.ok(Cancel{ulid(), held.proposal, "wrong flask"}, "CANCEL");
    bench.ok(CancelAck{ulid(), held.proposal, held.proof, false}, "CANCEL_ACK");
    bench.clock.advance(25min);
    bench.ledger->drain();  // less than a quarter of the lease is left
    bench.clock.advance(10min);
    bench.ledger->drain();  // it ran out
    bench.ok(Progress{ulid(), held.proposal, held.proof, "back", {}, {}}, "PROGRESS");
    Result broken = bench.result(held, OutcomeKind::ExecutionFailed);
    broken.consumed = true;
    bench.ok(broken, "RESULT");
    const auto given_up = bench.start(bench.offers().front());
    bench.ok(bench.result(given_up, OutcomeKind::Abandoned), "RESULT");
    const auto person = bench.start(bench.offers().front(), "person", LeaseClass::Person);
    bench.clock.advance(14 * 24h + 1h);
    bench.ledger->drain();  // overdue
}

/// Results, verdicts, and what people do with them.
void results(Bench& bench) {
    const std::string cif = "data_x\n";
    bench.structures.answers["x.cif"] = another_cluster();
    const auto seen = bench.start(bench.offers().front());
    bench.ok(with_cif(bench, seen, cif), "RESULT", "robot", {cif});
    bench.ok(BlobGet{sha256_hex(cif)}, "BLOB_GET");
    bench.ok(BlobPut{sha256_hex("part"), 0, 1}, "BLOB_PUT", "robot", {"part"});
    Result better = bench.result(seen, OutcomeKind::MassConfirmed);
    better.proof.reset();
    bench.ok(ResultAmend{better}, "RESULT_AMEND");
    bench.ok(Overrule{ulid(), seen.proposal, outcome(OutcomeKind::Mixture), "two phases"},
             "OVERRULE");
    bench.ok(ResultRetract{ulid(), seen.proposal, "wrong vial"}, "RESULT_RETRACT");
    Result late = bench.result(seen, OutcomeKind::NoReaction);
    const std::string refused = bench.ok(late, "RESULT")["result"];
    bench.ok(RefuseHeld{ulid(), refused, "a mistake"}, "REFUSE_HELD");
    late.cmd_id = ulid();
    const std::string accepted = bench.ok(late, "RESULT")["result"];
    bench.ok(AcceptHeld{ulid(), accepted, "it counts"}, "ACCEPT_HELD");
    const auto silent = bench.start(bench.offers().front());
    bench.clock.advance(2h);
    bench.ledger->drain();
    bench.ok(ResolveUnknown{ulid(),
                            silent.proposal,
                            "seen on the bench",
                            ResolveUnknown::Way::Result,
                            outcome(OutcomeKind::NoReaction)},
             "RESOLVE_UNKNOWN");
    Observe observe;
    observe.cmd_id = ulid();
    observe.campaign = "c";
    observe.candidate = candidate_number(7000);
    observe.outcome = outcome(OutcomeKind::Confirmed);
    bench.ok(observe, "OBSERVE");
    bench.ok(Why{seen.proposal}, "WHY");
    bench.ok(QueryCmd{observe.cmd_id}, "QUERY_CMD");
    bench.ok(Replay{"c", 1, {}, 1000}, "REPLAY");
    bench.ok(Snapshot{"c"}, "SNAPSHOT");
}

void review(Bench& bench) {
    std::vector<std::string> ids;
    for (const auto& event : bench.events) {
        if (event.kind == "REVIEW_REQUESTED") {
            ids.push_back(event.proposal);
        }
    }
    REQUIRE(ids.size() >= 3);
    bench.ok(Approve{ulid(), ids[0], "good"}, "APPROVE");
    bench.ok(Reject{ulid(), ids[1], "hazardous"}, "REJECT");
    bench.ok(EditProposal{ulid(), ids[2], edited_candidate(), "one less"}, "EDIT");
    bench.clock.advance(2h);
    bench.ledger->drain();  // the approved offer stood too long
}

void steer(Bench& bench) {
    bench.ok(CampaignControl{ulid(), "c", CampaignControl::Action::Pause, "lunch"},
             "CAMPAIGN_PAUSE");
    bench.ok(CampaignControl{ulid(), "c", CampaignControl::Action::Resume, ""}, "CAMPAIGN_RESUME");
    const Json keys{{"pool", (bench.dir() / "pool.jsonl").string()}};
    bench.ok(CampaignNew{ulid(), "another", keys.dump()}, "CAMPAIGN_NEW");
    bench.learner.failing = true;
    bench.ok(CampaignControl{ulid(), "another", CampaignControl::Action::Stop, ""},
             "CAMPAIGN_STOP");
    bench.start(bench.offers().front());
    bench.start(bench.offers().front());
    const Json status = bench.ok(Status{}, "STATUS");
    REQUIRE_FALSE(status["alarms"].empty());
    std::ofstream(bench.dir() / "moved.jsonl") << "";
    bench.ledger.reset();
    bench.open(false);
    const Json moved{{"pool", (bench.dir() / "moved.jsonl").string()}};
    bench.ledger->ensure_campaigns({{"c", moved.dump()}});
    bench.ok(AckAlarm{ulid(), status["alarms"][0]["alarm"], "seen"}, "ACK_ALARM");
}

/// Batches that keep what the model promised, then two that keep nothing.
void roll_back(Bench& bench) {
    bench.learner.keeps = true;
    bench.learner.p = 0.5;
    bench.reopen();
    bench.ok(CampaignControl{ulid(), "c", CampaignControl::Action::Resume, ""}, "CAMPAIGN_RESUME");
    for (const int hits : {4, 4, 4, 0, 0}) {
        int left = hits;
        for (const auto& id : bench.offers()) {
            const auto kind = left-- > 0 ? OutcomeKind::MassConfirmed : OutcomeKind::NoReaction;
            bench.ok(bench.result(bench.start(id), kind), "RESULT");
        }
    }
}

}  // namespace

TEST_CASE("every event and every reply of the protocol fits its schema", "[contract]") {
    std::set<std::string> met;
    const auto run = [&](const char* keys, void (*scene)(Bench&), bool promoted) {
        Bench bench(keys);
        bench.learner.promoted = promoted;
        scene(bench);
        bench.ok(Status{}, "STATUS");  // throws what was broken since the last command
        met.insert(bench.schemas_met.begin(), bench.schemas_met.end());
    };
    run(R"({"open_offers": 4})", work, true);
    run(R"({"open_offers": 4, "train_every": 1})", results, true);
    run(R"({"open_offers": 4, "train_every": 1})", results, false);
    run(R"({"open_offers": 4, "review": true, "offer_ttl_s": 60})", review, true);
    run(R"({"open_offers": 4})", steer, true);
    run(R"({"open_offers":8,"refill":"batch","train_every":8,"budget":400,"start":false})",
        roll_back,
        true);
    {
        // A database older than the file beside it.
        Bench bench;
        bench.ledger.reset();
        std::string epoch;
        const std::string side = (bench.dir() / "cupel.db").string() + ".epoch";
        std::ifstream(side) >> epoch;
        std::ofstream(side) << epoch << " 1000000\n";
        bench.open();
        const Json replay = bench.ok(Replay{"c", 1, {}, 1000}, "REPLAY");
        for (const auto& event : replay["events"]) {
            const std::string kind = event["header"]["kind"];
            const std::string schema = schema_of("event", kind);
            CHECK(breach(schema, event["body"].dump()) == std::nullopt);
            CHECK(breach("header-1", event["header"].dump()) == std::nullopt);
            met.insert(schema);
        }
    }
    for (const auto& name : codec::schema_names()) {
        // The heartbeat is the bus's.
        const bool ours = (name.rfind("event-", 0) == 0 || name.rfind("reply-", 0) == 0) &&
                          name != "event-beat-1";
        if (ours) {
            INFO(name);
            CHECK(met.count(name) == 1);
        }
    }
}

TEST_CASE("each command has a schema for its body and one for its answer", "[contract]") {
    const auto names = codec::schema_names();
    int commands = 0;
    for (const auto& name : names) {
        if (name.rfind("command-", 0) == 0) {
            INFO(name);
            ++commands;
            CHECK(std::count(names.begin(), names.end(), "reply-" + name.substr(8)) == 1);
        }
    }
    CHECK(commands == 35);
}

TEST_CASE("each event of the table of the life has a schema", "[contract]") {
    const auto names = codec::schema_names();
    for (const auto& row : controller::life_cycle()) {
        for (const auto kind : row.events) {
            INFO(kind);
            CHECK(std::count(names.begin(), names.end(), schema_of("event", kind)) == 1);
        }
    }
}

TEST_CASE("HELLO tells the state of each campaign", "[contract]") {
    Bench bench;
    bench.ok(CampaignControl{ulid(), "c", CampaignControl::Action::Pause, ""}, "CAMPAIGN_PAUSE");
    const Json hello = bench.ok(Hello{"robot", "", "", {}}, "HELLO");
    CHECK(hello["campaigns"][0]["state"] == "PAUSED");
    CHECK(hello["campaigns"][0]["seq"] == bench.events.size());
}

TEST_CASE("every event names its campaign, its proposal's too", "[contract]") {
    Bench bench;
    for (const auto& event : bench.events) {
        const Json body = Json::parse(event.body_json);
        CHECK(body["campaign"] == "c");
        CHECK(body.value("proposal", "") == event.proposal);
    }
}

TEST_CASE("an edited proposal says what it was edited from", "[contract]") {
    Bench bench(R"({"review": true})");
    const std::string id = bench.last("REVIEW_REQUESTED")["proposal"];
    const Json reply = bench.ok(EditProposal{ulid(), id, edited_candidate(), ""}, "EDIT");
    CHECK(bench.last("OFFERED")["offer"]["edited_from"] == id);
    CHECK(bench.last("OFFERED")["offer"]["proposal"] == reply["proposal"]);
}

TEST_CASE("an edited proposal does not inherit what the model said of the other cluster",
          "[contract]") {
    Bench bench(R"({"review": true})");
    const std::string id = bench.last("REVIEW_REQUESTED")["proposal"];
    const Json reply = bench.ok(EditProposal{ulid(), id, edited_candidate(), ""}, "EDIT");
    CHECK(bench.last("OFFERED")["offer"]["p"].is_null());
    const Json why = bench.ok(Why{reply["proposal"]}, "WHY");
    CHECK(why["p"].is_null());
    CHECK(why["interaction"].is_null());
    CHECK(why["popularity"].is_null());
    CHECK(why["policy"] == "person");
    CHECK(why["nearest"].empty());
}

TEST_CASE("a lease that runs out soon is warned of once, a renewed one again", "[contract]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.clock.advance(22min);
    bench.ledger->drain();
    CHECK(bench.count("LEASE_EXPIRING") == 0);
    bench.clock.advance(1min);
    bench.ledger->drain();
    bench.clock.advance(1min);
    bench.ledger->drain();
    CHECK(bench.count("LEASE_EXPIRING") == 1);
    CHECK(bench.last("LEASE_EXPIRING")["holder"] == "robot");
    bench.ok(Renew{held.proof, {}}, "RENEW");
    bench.clock.advance(29min);
    bench.ledger->drain();
    CHECK(bench.count("LEASE_EXPIRING") == 2);
}

TEST_CASE("what a person says of an unknown is a result that can be amended", "[contract]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.clock.advance(2h);
    bench.ledger->drain();
    const Outcome seen = outcome(OutcomeKind::NoReaction);
    bench.ok(ResolveUnknown{ulid(), held.proposal, "asked", ResolveUnknown::Way::Result, seen},
             "RESOLVE_UNKNOWN",
             "anna");
    const Json received = bench.last("RESULT_RECEIVED");
    CHECK(received["client"] == "anna");
    CHECK(received["report"]["outcome"]["kind"] == "no_reaction");
    CHECK(bench.last("VERDICT")["result"] == received["result"]);
    Result better = bench.result(held, OutcomeKind::MassConfirmed);
    better.proof.reset();
    bench.ok(ResultAmend{better}, "RESULT_AMEND", "anna");
    CHECK(bench.last("RESULT_AMENDED")["amends"] == received["result"]);
}
