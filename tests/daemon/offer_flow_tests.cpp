// Whether a campaign keeps offering what should be made, and nothing else, over its weeks.
#include <algorithm>

#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using controller::StructureAnswer;

namespace {

int open_alarms(Bench& bench) {
    return static_cast<int>(bench.ok(Status{}, "STATUS")["alarms"].size());
}

void decline_all(Bench& bench, const std::string& client = "robot") {
    for (const auto& id : bench.offers(client)) {
        bench.ok(Decline{make_ulid(), id, {}, "no ligand"}, "DECLINE", client);
    }
    bench.ledger->drain();
}

/// A worker says that nothing happened.
void fail_one(Bench& bench) {
    Result failed = bench.result(bench.start(bench.offers().front()), OutcomeKind::ExecutionFailed);
    failed.consumed = false;
    bench.ok(failed, "RESULT");
    bench.ledger->drain();
}

StructureAnswer shows(const Candidate& candidate) {
    StructureReport report;
    report.core = candidate.core;
    report.ligands = candidate.ligands;
    Verdict verdict;
    verdict.confirmed = true;
    verdict.text = "as asked";
    report.verdict = verdict;
    return {report, "", "", false};
}

}  // namespace

TEST_CASE("what one worker will not make does not keep others from being offered", "[offers]") {
    const bool batch = GENERATE(false, true);
    Bench bench(batch ? R"({"open_offers": 2, "refill": "batch"})" : R"({"open_offers": 2})");
    const auto first = bench.offers();
    decline_all(bench);
    const auto next = bench.offers();
    REQUIRE(next.size() == 2);
    CHECK(bench.offers("another").size() == 4);
    CHECK(open_alarms(bench) == 0);
    // As many declined ones as offers are wanted may stand beside them; then somebody is told.
    decline_all(bench);
    CHECK(bench.offers().empty());
    CHECK(open_alarms(bench) == 1);
    bench.reopen();
    CHECK(open_alarms(bench) == 1);
    for (const auto& id : first) {
        bench.ok(Withdraw{make_ulid(), id, "nobody will"}, "WITHDRAW");
    }
    bench.ledger->drain();
    CHECK(bench.offers().size() == 2);
    CHECK(open_alarms(bench) == 0);
}

TEST_CASE("declined offers that take up the rest of the budget are said", "[offers]") {
    Bench bench(R"({"open_offers": 4, "budget": 2})");
    decline_all(bench);
    CHECK(open_alarms(bench) == 1);
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Pause, ""},
             "CAMPAIGN_PAUSE");
    CHECK(open_alarms(bench) == 0);
}

TEST_CASE("what was declined does not come back when its offer expires", "[offers]") {
    Bench bench(R"({"open_offers": 1, "offer_ttl_s": 60})");
    decline_all(bench);
    bench.clock.advance(61s);
    bench.ledger->drain();
    const auto& excluded = bench.learner.requests.back().excluded;
    CHECK(std::count(excluded.begin(), excluded.end(), identity_key(candidate_number(0))) == 1);
}

TEST_CASE("a broken instrument does not go through the pool", "[offers]") {
    Bench bench(R"({"open_offers": 4, "max_failed": 2})");
    const auto before = bench.start(bench.offers().front());
    fail_one(bench);
    CHECK(open_alarms(bench) == 0);
    fail_one(bench);
    REQUIRE(open_alarms(bench) == 1);
    const auto id = bench.offers("another").front();
    CHECK(bench.offers().empty());
    CHECK(bench.error_of(Claim{make_ulid(), {id}, LeaseClass::Robot}, "CLAIM") ==
          ErrorCode::NotOffered);
    bench.reopen();
    CHECK(bench.offers().empty());
    // Nothing that it has in hand lets it go on.
    Result late = bench.result(before, OutcomeKind::NoReaction);
    bench.ok(late, "RESULT");
    CHECK(bench.offers().empty());
    const Json alarm = bench.ok(Status{}, "STATUS")["alarms"][0];
    bench.ok(AckAlarm{make_ulid(), alarm["alarm"], "a new needle"}, "ACK_ALARM");
    CHECK_FALSE(bench.offers().empty());
    // What comes of an experiment between two failures begins the count anew.
    fail_one(bench);
    bench.ok(bench.result(bench.start(bench.offers().front()), OutcomeKind::NoReaction), "RESULT");
    fail_one(bench);
    CHECK_FALSE(bench.offers().empty());
}

TEST_CASE("a retracted result leaves a candidate like any other", "[offers]") {
    Bench bench(R"({"open_offers": 1})");
    const auto held = bench.start(bench.offers().front());
    bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
    bench.ok(ResultRetract{make_ulid(), held.proposal, "another flask"}, "RESULT_RETRACT");
    bench.start(bench.offers().front());
    bench.ledger->drain();
    const auto& request = bench.learner.requests.back();
    CHECK(std::count(request.excluded.begin(),
                     request.excluded.end(),
                     identity_key(candidate_number(0))) == 0);
}

TEST_CASE("an empty pool waits for what is out, and can be filled", "[offers]") {
    Bench bench(R"({"open_offers": 2, "reoffer_failed": true})");
    bench.learner.pool = 1;
    bench.reopen();
    bench.clock.advance(2s);
    bench.ledger->drain();
    // Two were proposed before the pool shrank.
    for (const auto& id : bench.offers()) {
        bench.start(id);
    }
    bench.clock.advance(30s);
    bench.ledger->drain();
    CHECK(bench.campaign()["state"] == "RUNNING");
    bench.clock.advance(31min);
    bench.ledger->drain();
    for (const char* what : {"first", "second"}) {
        INFO(what);
        const Json snapshot = bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0]["proposals"];
        for (const auto& entry : snapshot) {
            if (entry["state"] == "UNKNOWN") {
                bench.ok(ResolveUnknown{make_ulid(),
                                        entry["proposal"],
                                        "",
                                        ResolveUnknown::Way::Failed,
                                        std::nullopt},
                         "RESOLVE_UNKNOWN");
            }
        }
    }
    for (int n = 0; n < 3; ++n) {
        bench.clock.advance(11min);
        bench.ledger->drain();
    }
    REQUIRE(bench.campaign()["state"] == "FINISHED");
    bench.learner.pool = 10;
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, "more"},
             "CAMPAIGN_RESUME");
    bench.ledger->drain();
    CHECK(bench.campaign()["state"] == "RUNNING");
    CHECK(bench.offers().size() == 2);
}

TEST_CASE("what was made under another charge is not made again", "[offers]") {
    Bench bench(R"({"open_offers": 3})");
    const auto ids = bench.offers();
    Candidate noted = candidate_number(0);
    noted.charge.reset();
    bench.observe(noted, OutcomeKind::MassConfirmed);
    CHECK(bench.state(ids[0]) == "WITHDRAWN");
    // A notebook that knows another charge speaks of another cluster; a crystal knows none.
    noted = candidate_number(1);
    noted.charge = -1;
    bench.observe(noted, OutcomeKind::MassConfirmed);
    CHECK(bench.state(ids[1]) == "OFFERED");
    const std::string cif = "data_x\n";
    Candidate shown = candidate_number(2);
    shown.charge.reset();
    bench.structures.answers["x.cif"] = shows(shown);
    Observe crystal;
    crystal.campaign = "c";
    crystal.cmd_id = make_ulid();
    crystal.blobs = {{"x.cif", "chemical/x-cif", sha256_hex(cif), cif.size()}};
    bench.ok(crystal, "OBSERVE", "robot", {cif});
    bench.ledger->drain();
    CHECK(bench.state(ids[2]) == "WITHDRAWN");
}

TEST_CASE("what was seen while somebody had it does not come back on the table", "[offers]") {
    Bench bench(R"({"open_offers": 1})");
    const auto held = bench.claim(bench.offers().front());
    bench.observe(candidate_number(0), OutcomeKind::NoReaction);
    CHECK(bench.state(held.proposal) == "CLAIMED");
    bench.ok(Release{make_ulid(), held.proposal, held.proof, ""}, "RELEASE");
    CHECK(bench.state(held.proposal) == "WITHDRAWN");
}

TEST_CASE("of one cluster under two descriptions one is tried", "[offers]") {
    Bench bench(R"({"open_offers": 2, "refill": "batch", "start": false})");
    bench.learner.candidate = [](int n) {
        Candidate candidate = candidate_number(n / 2);
        if (n % 2 == 1) {
            candidate.charge.reset();
        }
        return candidate;
    };
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, ""},
             "CAMPAIGN_RESUME");
    const auto ids = bench.offers();
    REQUIRE(ids.size() == 2);
    SECTION("an OVERRULE takes the other one off the table, not before it teaches") {
        bench.ok(bench.result(bench.start(ids[0]), OutcomeKind::CrystalsUnsolved), "RESULT");
        CHECK(bench.state(ids[1]) == "OFFERED");
        Outcome outcome;
        outcome.kind = OutcomeKind::Abandoned;
        bench.ok(Overrule{make_ulid(), ids[0], outcome, "looked"}, "OVERRULE");
        CHECK(bench.state(ids[1]) == "OFFERED");
        outcome.kind = OutcomeKind::Confirmed;
        bench.ok(Overrule{make_ulid(), ids[0], outcome, "looked again"}, "OVERRULE");
        CHECK(bench.state(ids[1]) == "WITHDRAWN");
        CHECK(bench.last("WITHDRAWN")["reason"] == "it has been tried: proposal " + ids[0]);
    }
    SECTION("who had claimed the other one gives it back in vain") {
        const auto twin = bench.claim(ids[1]);
        bench.ok(bench.result(bench.start(ids[0]), OutcomeKind::MassConfirmed), "RESULT");
        CHECK(bench.state(ids[1]) == "CLAIMED");
        bench.ok(Release{make_ulid(), ids[1], twin.proof, ""}, "RELEASE");
        CHECK(bench.state(ids[1]) == "WITHDRAWN");
    }
    SECTION("the other one is not proposed again while the label stands") {
        bench.ok(bench.result(bench.start(ids[0]), OutcomeKind::NoReaction), "RESULT");
        REQUIRE(bench.state(ids[1]) == "WITHDRAWN");
        const auto excluded_now = [&] {
            const auto& keys = bench.learner.requests.back().excluded;
            return std::count(keys.begin(), keys.end(), identity_key(bench.learner.candidate(1)));
        };
        CHECK(excluded_now() == 1);
        bench.ok(ResultRetract{make_ulid(), ids[0], "another flask"}, "RESULT_RETRACT");
        for (const auto& id : bench.offers()) {
            bench.ok(Withdraw{make_ulid(), id, ""}, "WITHDRAW");
        }
        CHECK(excluded_now() == 0);
    }
}

TEST_CASE("a structure of the target settles it for all conditions, one of another does not",
          "[offers]") {
    const bool confirmed = GENERATE(true, false);
    Bench bench(R"({"open_offers": 2, "start": false})");
    bench.learner.candidate = [](int n) {
        Candidate candidate = candidate_number(0);
        candidate.conditions["T"] = std::to_string(n);
        return candidate;
    };
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, ""},
             "CAMPAIGN_RESUME");
    const auto ids = bench.offers();
    auto shown = shows(candidate_number(confirmed ? 0 : 5));
    shown.report->verdict->confirmed = confirmed;
    bench.structures.answers["x.cif"] = shown;
    const std::string cif = "data_x\n";
    Result result = bench.result(bench.start(ids[0]), OutcomeKind::NoReaction);
    result.outcome.reset();
    result.blobs = {{"x.cif", "chemical/x-cif", sha256_hex(cif), cif.size()}};
    bench.ok(result, "RESULT", "robot", {cif});
    bench.ledger->drain();
    REQUIRE(bench.state(ids[0]) == "LABELLED");
    CHECK(bench.state(ids[1]) == (confirmed ? "WITHDRAWN" : "OFFERED"));
}

TEST_CASE("an edit is refused where its cluster was tried or is avoided", "[offers]") {
    Bench bench(R"({"open_offers": 1, "review": true, "avoid_hazards": ["perchlorate"]})");
    const auto snapshot = bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0]["proposals"];
    const std::string id = snapshot[0]["proposal"];
    bench.observe(candidate_number(7), OutcomeKind::NoReaction);
    CHECK(bench.error_of(EditProposal{make_ulid(), id, candidate_number(7), ""}, "EDIT") ==
          ErrorCode::DuplicateCandidate);
    Candidate hazardous = candidate_number(8);
    hazardous.ligands.push_back({Ligand{"[O-]Cl(=O)(=O)=O", "ClO4", -1, {"O"}, "other", 1}, 1});
    CHECK(bench.error_of(EditProposal{make_ulid(), id, hazardous, ""}, "EDIT") ==
          ErrorCode::BadMessage);
    CHECK(bench.state(id) == "IN_REVIEW");
}

TEST_CASE("what can be no cluster, or is not in stock, is neither offered nor observed",
          "[offers]") {
    const TempDir shelf;
    std::ofstream(shelf / "stock.csv") << "name,smiles\nmethanethiolate,[S-]C\n";
    Json keys{{"open_offers", 1}, {"review", true}, {"avoid_hazards", {"azide", "perchlorate"}}};
    keys["stock"] = (shelf / "stock.csv").string();
    Bench bench(keys.dump());
    const auto snapshot = bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0]["proposals"];
    const std::string id = snapshot[0]["proposal"];
    const auto refusal = [&](CommandBody body, const char* kind) {
        const Reply reply = bench.send(std::move(body), kind);
        return reply.error == ErrorCode::BadMessage ? reply.text : "no BAD_MESSAGE";
    };
    const auto edit = [&](const Candidate& candidate) {
        return refusal(EditProposal{make_ulid(), id, candidate, ""}, "EDIT");
    };
    const auto observe = [&](const Candidate& candidate) {
        Observe seen;
        seen.cmd_id = make_ulid();
        seen.campaign = "c";
        seen.candidate = candidate;
        seen.outcome = Outcome{};
        return refusal(seen, "OBSERVE");
    };
    const auto with = [](const std::string& smiles) {
        Candidate candidate = candidate_number(8);
        candidate.ligands.push_back({Ligand{smiles, "", 0, {}, "", 0}, 1});
        return candidate;
    };
    const std::string unread = "'CN=[N+]=[N-](C)(C)C' is not a SMILES string";
    CHECK(edit(with("CN=[N+]=[N-](C)(C)C")) == unread);
    CHECK(observe(with("CN=[N+]=[N-](C)(C)C")) == unread);
    CHECK_THAT(observe(with(std::string(299, 'C'))), Contains("more than the 200 atoms"));
    Candidate perchlorate = candidate_number(8);
    perchlorate.core.anions = {{"O4Cl", 2}};
    CHECK_THAT(edit(perchlorate), Contains("hazard rule perchlorate"));
    CHECK(edit(with("SCCCC")) == "the ligand CCCCS is not in the stock of this campaign");
    CHECK(bench.state(id) == "IN_REVIEW");
    CHECK(bench.count("OBSERVED") == 0);
    const Json made = bench.ok(EditProposal{make_ulid(), id, candidate_number(8), ""}, "EDIT");
    CHECK(bench.state(made["proposal"]) == "OFFERED");
}

TEST_CASE("unknowns that stop the refills are an alarm until they are settled", "[offers]") {
    Bench bench(R"({"open_offers": 2, "max_unknown": 1})");
    const auto held = bench.start(bench.offers().front());
    bench.clock.advance(31min);
    bench.ledger->drain();
    REQUIRE(open_alarms(bench) == 1);
    bench.ok(
        ResolveUnknown{make_ulid(), held.proposal, "", ResolveUnknown::Way::Failed, std::nullopt},
        "RESOLVE_UNKNOWN");
    bench.ledger->drain();
    CHECK(open_alarms(bench) == 0);
}

TEST_CASE("an unknown that a person offers again stays charged: nobody said what it consumed",
          "[offers]") {
    Bench bench(R"({"budget": 3, "open_offers": 1})");
    const auto held = bench.start(bench.offers().front());
    bench.clock.advance(31min);
    bench.ledger->drain();
    bench.ok(
        ResolveUnknown{make_ulid(), held.proposal, "", ResolveUnknown::Way::Reoffer, std::nullopt},
        "RESOLVE_UNKNOWN");
    CHECK(bench.campaign()["spent"] == 1);
    bench.start(held.proposal);
    CHECK(bench.campaign()["spent"] == 2);
}
