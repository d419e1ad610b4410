// Budgets, refills, review, pausing, ends, observations and what the learner is told.
#include <algorithm>
#include <set>

#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

namespace {

/// Claims, starts and ends one offer.
void run_one(Bench& bench, OutcomeKind kind) {
    const auto held = bench.start(bench.offers().front());
    bench.ok(bench.result(held, kind), "RESULT");
}

}  // namespace

TEST_CASE("a campaign spends its budget and not more, then ends", "[campaign]") {
    Bench bench(R"({"budget": 5, "open_offers": 4})");
    for (int i = 0; i < 5; ++i) {
        CHECK(bench.campaign()["state"] == "RUNNING");
        run_one(bench, i == 0 ? OutcomeKind::MassConfirmed : OutcomeKind::NoReaction);
    }
    CHECK(bench.campaign()["spent"] == 5);
    CHECK(bench.campaign()["state"] == "FINISHED");
    CHECK(bench.offers().empty());
    CHECK(bench.count("PROPOSED") == 5);
    CHECK(bench.count("CAMPAIGN_DRAINING") == 1);
    CHECK(bench.count("CAMPAIGN_FINISHED") == 1);
    CHECK(bench.verify().ok());
}

TEST_CASE("budget_cost is never overspent, also by what is on offer", "[campaign]") {
    // The first costs 10, the next 20, then again 10, 20, ...
    Bench bench(R"({"budget_cost": 45, "open_offers": 8, "start": false})");
    bench.learner.cost = [](int n) { return n % 2 == 0 ? 10.0 : 20.0; };
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, ""},
             "CAMPAIGN_RESUME");
    auto ids = bench.offers();
    CHECK(ids.size() == 3);  // 10 + 20 + 10: a fourth does not fit
    bench.ok(bench.result(bench.start(ids[0]), OutcomeKind::NoReaction), "RESULT");
    const auto held = bench.claim(ids[1]);
    bench.clock.advance(60s);
    bench.ledger->drain();
    CHECK(bench.offers().size() == 1);
    CHECK(bench.campaign()["state"] == "RUNNING");
    for (const auto& id : {ids[1], ids[2]}) {
        const auto worked = id == ids[1] ? held : bench.claim(id);
        bench.ok(bench.result(worked, OutcomeKind::NoReaction), "RESULT");
    }
    // What is left pays for nothing: the campaign is over.
    for (int n = 0; n < 3; ++n) {
        bench.clock.advance(11min);
        bench.ledger->drain();
    }
    CHECK(bench.campaign()["spent_cost"] == 40.0);
    CHECK(bench.campaign()["state"] == "FINISHED");
    CHECK(bench.last("CAMPAIGN_FINISHED")["reason"] == "pool");
    CHECK(bench.last("ALARM")["text"].get<std::string>().find("budget_cost pays for no") !=
          std::string::npos);
    CHECK(bench.verify().ok());
}

TEST_CASE("a refund while draining lets the campaign go on", "[campaign]") {
    Bench bench(R"({"budget": 2, "open_offers": 2})");
    const auto ids = bench.offers();
    const auto first = bench.start(ids[0]);
    const auto second = bench.start(ids[1]);
    CHECK(bench.campaign()["state"] == "DRAINING");
    Result failed = bench.result(first, OutcomeKind::ExecutionFailed);
    failed.consumed = false;
    bench.ok(failed, "RESULT");
    CHECK(bench.campaign()["state"] == "RUNNING");
    CHECK(bench.offers().size() == 1);
    bench.ok(bench.result(second, OutcomeKind::Amorphous), "RESULT");
    run_one(bench, OutcomeKind::NoReaction);
    CHECK(bench.campaign()["state"] == "FINISHED");
}

TEST_CASE("offers are refilled each when half are open, or as whole batches", "[campaign]") {
    SECTION("each") {
        Bench bench(R"({"open_offers": 4, "refill": "each"})");
        bench.start(bench.offers().front());
        CHECK(bench.offers().size() == 3);
        bench.start(bench.offers().front());
        CHECK(bench.offers().size() == 4);
    }
    SECTION("batch") {
        Bench bench(R"({"open_offers": 3, "refill": "batch"})");
        run_one(bench, OutcomeKind::NoReaction);
        run_one(bench, OutcomeKind::NoReaction);
        const auto last = bench.start(bench.offers().front());
        CHECK(bench.offers().empty());
        bench.ok(bench.result(last, OutcomeKind::NoReaction), "RESULT");
        CHECK(bench.offers().size() == 3);
        CHECK(bench.learner.requests.size() == 2);
    }
}

TEST_CASE("what is out is told to the learner as pending, what is done as excluded", "[campaign]") {
    Bench bench(R"({"open_offers": 1})");
    run_one(bench, OutcomeKind::NoReaction);
    // A START leaves room for the next offer.
    bench.start(bench.offers().front());
    REQUIRE(bench.learner.requests.size() >= 2);
    const auto& request = bench.learner.requests.back();
    CHECK(request.excluded == std::vector<std::string>{identity_key(candidate_number(0))});
    CHECK(request.pending == std::vector<std::string>{identity_key(candidate_number(1))});
    CHECK(request.labels.size() == 1);
    CHECK(request.seed != bench.learner.requests.front().seed);
}

TEST_CASE("too many unknowns pause refills", "[campaign]") {
    Bench bench(R"({"open_offers": 2, "max_unknown": 1})");
    for (const auto& id : bench.offers()) {
        bench.start(id);
    }
    for (const auto& id : bench.offers()) {
        bench.start(id);
    }
    const auto asked = bench.learner.requests.size();
    bench.clock.advance(31min);
    bench.ledger->drain();
    for (const auto& id : bench.offers()) {
        bench.ok(Withdraw{make_ulid(), id, ""}, "WITHDRAW");
    }
    CHECK(bench.offers().empty());
    CHECK(bench.learner.requests.size() == asked);
}

TEST_CASE("with review a person decides what is offered", "[campaign]") {
    Bench bench(R"({"open_offers": 4, "review": true})");
    CHECK(bench.offers().empty());
    const Json proposals = bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0]["proposals"];
    REQUIRE(proposals.size() == 4);
    const auto id = [&](int n) { return proposals[n]["proposal"].get<std::string>(); };
    CHECK(proposals[0]["state"] == "IN_REVIEW");
    bench.ok(Approve{make_ulid(), id(0), "good"}, "APPROVE");
    CHECK(bench.offers() == std::vector<std::string>{id(0)});
    bench.ok(Reject{make_ulid(), id(1), "hazard"}, "REJECT");
    CHECK(bench.state(id(1)) == "REJECTED");
    CHECK(bench.error_of(EditProposal{make_ulid(), id(2), candidate_number(3), ""}, "EDIT") ==
          ErrorCode::DuplicateCandidate);
    const Json edited =
        bench.ok(EditProposal{make_ulid(), id(2), candidate_number(77), "smaller"}, "EDIT");
    CHECK(bench.state(id(2)) == "WITHDRAWN");
    CHECK(bench.state(edited["proposal"]) == "OFFERED");
    CHECK(bench.error_of(Approve{make_ulid(), id(1), ""}, "APPROVE") == ErrorCode::IllegalState);
}

TEST_CASE("only who has every tag that a campaign requires sees and claims its offers",
          "[campaign]") {
    Bench bench(R"({"open_offers": 2, "requires": ["glovebox", "x-ray"]})");
    const auto hello = [&](std::vector<std::string> tags) {
        bench.ok(Hello{"robot", "test", "1", std::move(tags)}, "HELLO");
    };
    const auto listed = [&](std::vector<std::string> tags) {
        ListOffers list;
        list.capabilities = std::move(tags);
        return bench.ok(list, "LIST_OFFERS");
    };
    const auto offers_of_all = listed({"x-ray", "glovebox", "furnace"})["offers"];
    REQUIRE(offers_of_all.size() == 2);
    CHECK(offers_of_all[0]["requires"] == Json({"glovebox", "x-ray"}));
    hello({"glovebox"});
    const Json hidden = listed({});
    CHECK(hidden["offers"].empty());
    CHECK(hidden["withheld"] == 2);
    const std::string id = offers_of_all[0]["proposal"];
    CHECK(bench.error_of(Claim{make_ulid(), {id}, LeaseClass::Robot}, "CLAIM") ==
          ErrorCode::NotOffered);
    hello({"glovebox", "x-ray"});
    CHECK(bench.offers().size() == 2);
    // Of the same name, as the command line beside a robot: what was said of tags still holds.
    bench.ok(Hello{"robot", "cupel", "1", {}}, "HELLO");
    CHECK(bench.offers().size() == 2);
    bench.claim(id);
    CHECK(bench.state(id) == "CLAIMED");
}

TEST_CASE("a candidate that meets a hazard rule waits for a person where the campaign says so",
          "[campaign]") {
    Bench bench(R"({"open_offers": 4, "review_hazards": true, "start": false})");
    bench.learner.candidate = [](int n) {
        Candidate candidate = candidate_number(n);
        if (n % 2 == 1) {
            candidate.ligands.push_back({Ligand{"[N-]=[N+]=[N-]", "N3", -1, {"N"}, "azide", 1}, 1});
        }
        return candidate;
    };
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, ""},
             "CAMPAIGN_RESUME");
    const auto offers = bench.offers();
    CHECK(offers.size() == 2);
    const Json proposals = bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0]["proposals"];
    REQUIRE(proposals.size() == 4);
    for (const auto& proposal : proposals) {
        const bool azide = proposal["hazards"] == Json({"azide"});
        CHECK(proposal["state"] == (azide ? "IN_REVIEW" : "OFFERED"));
    }
}

TEST_CASE("pausing hides offers and leaves claims, stopping withdraws what is unclaimed",
          "[campaign]") {
    Bench bench(R"({"open_offers": 3})");
    using Action = CampaignControl::Action;
    const auto claimed = bench.claim(bench.offers().front());
    bench.ok(CampaignControl{make_ulid(), "c", Action::Pause, ""}, "CAMPAIGN_PAUSE");
    CHECK(bench.offers().empty());
    bench.ok(Start{make_ulid(), claimed.proposal, claimed.proof, {}}, "START");
    CHECK(bench.error_of(CampaignControl{make_ulid(), "c", Action::Pause, ""}, "CAMPAIGN_PAUSE") ==
          ErrorCode::IllegalState);
    bench.ok(CampaignControl{make_ulid(), "c", Action::Resume, ""}, "CAMPAIGN_RESUME");
    CHECK_FALSE(bench.offers().empty());
    bench.ok(CampaignControl{make_ulid(), "c", Action::Stop, ""}, "CAMPAIGN_STOP");
    CHECK(bench.offers().empty());
    CHECK(bench.campaign()["state"] == "DRAINING");
    bench.ok(bench.result(claimed, OutcomeKind::NoReaction), "RESULT");
    CHECK(bench.campaign()["state"] == "FINISHED");
}

TEST_CASE("CAMPAIGN_NEW takes the keys of the TOML and refuses others", "[campaign]") {
    Bench bench;
    const std::string pool = (bench.dir() / "pool.jsonl").string();
    bench.ok(CampaignNew{make_ulid(), "second", Json{{"pool", pool}, {"open_offers", 2}}.dump()},
             "CAMPAIGN_NEW");
    CHECK(bench.ok(ListOffers{"second", {}, 10}, "LIST_OFFERS")["offers"].size() == 2);
    const auto refused = [&](const std::string& name, const Json& config) {
        return bench.error_of(CampaignNew{make_ulid(), name, config.dump()}, "CAMPAIGN_NEW");
    };
    CHECK(refused("second", {{"pool", pool}}) == ErrorCode::IllegalState);
    CHECK(refused("third", {{"pool", pool}, {"budjet", 3}}) == ErrorCode::BadMessage);
    CHECK(refused("third", {{"pool", "/nowhere/pool.jsonl"}}) == ErrorCode::BadMessage);
    CHECK(refused("a/b", {{"pool", pool}}) == ErrorCode::BadMessage);
}

TEST_CASE("labels train at once and retrain by the batch", "[campaign]") {
    Bench bench(R"({"train_every": 2, "open_offers": 4})");
    run_one(bench, OutcomeKind::NoReaction);
    CHECK(bench.learner.observed.size() == 1);
    CHECK(bench.learner.trainings == 0);
    run_one(bench, OutcomeKind::NoReaction);
    CHECK(bench.learner.trainings == 1);
    CHECK(bench.last("MODEL_PROMOTED")["model"] == "model-1");
    CHECK(bench.count("MODEL_TRAINED") == 2);
}

TEST_CASE("an anchor too small for an AUC neither falls nor forgets a fall", "[campaign]") {
    Bench bench(R"({"train_every": 1, "open_offers": 4})");
    const char* fell = R"({"gate": {"anchor_auc_before": 0.9, "anchor_auc_after": 0.8}})";
    const char* none = R"({"gate": {"anchor_auc_before": null, "anchor_auc_after": null}})";
    for (const char* details : {fell, none, fell, none}) {
        bench.learner.details = details;
        run_one(bench, OutcomeKind::NoReaction);
    }
    CHECK(bench.learner.full == std::vector<bool>{false, false, false, true});
}

TEST_CASE("labels that were taught and are taken back train at once, once for each", "[campaign]") {
    Bench bench(R"({"train_every": 4, "open_offers": 8})");
    for (int i = 0; i < 4; ++i) {
        run_one(bench, OutcomeKind::NoReaction);
    }
    REQUIRE(bench.learner.trainings == 1);
    bench.learner.promoted = false;
    bench.learner.stale = 1;
    run_one(bench, OutcomeKind::NoReaction);  // a change of the labels, and what the learner says
    CHECK(bench.learner.trainings == 2);
    CHECK_FALSE(bench.learner.full.back());
    CHECK(bench.last("MODEL_TRAINED")["kind"] == "warm");
    CHECK(bench.count("MODEL_REFUSED") == 1);

    SECTION("what the gate refused is not asked for again with the next label") {
        run_one(bench, OutcomeKind::NoReaction);
        bench.clock.advance(60s);
        bench.ledger->drain();
        CHECK(bench.learner.trainings == 2);
        bench.learner.stale = 2;
        run_one(bench, OutcomeKind::NoReaction);
        CHECK(bench.learner.trainings == 3);
    }
    SECTION("after a promotion the next one is a new one") {
        bench.learner.promoted = true;
        bench.learner.stale = 2;
        run_one(bench, OutcomeKind::NoReaction);
        REQUIRE(bench.learner.trainings == 3);
        bench.learner.stale = 1;
        run_one(bench, OutcomeKind::NoReaction);
        CHECK(bench.learner.trainings == 4);
    }
    SECTION("a daemon that starts asks once more") {
        bench.reopen();
        CHECK(bench.learner.trainings == 3);
    }
}

TEST_CASE("a label carries what its proposal was made from, also after a restart", "[campaign]") {
    Bench bench(R"({"open_offers": 2})");
    Observe seen;
    seen.cmd_id = make_ulid();
    seen.campaign = "c";
    seen.candidate = candidate_number(7);
    seen.outcome = Outcome{};
    seen.outcome->kind = OutcomeKind::Amorphous;
    bench.ok(seen, "OBSERVE");
    run_one(bench, OutcomeKind::NoReaction);
    const auto inputs = [&] {
        std::multiset<std::string> result;
        for (const auto& label : bench.learner.observed) {
            result.insert(label.acquisition_input);
        }
        return result;
    };
    CHECK(inputs() == std::multiset<std::string>{"", R"({"pick":0})"});
    bench.reopen();
    run_one(bench, OutcomeKind::NoReaction);
    CHECK(inputs() == std::multiset<std::string>{"", R"({"pick":0})", R"({"pick":1})"});

    // Better evidence for the same candidate is held against the promise made before it.
    seen.cmd_id = make_ulid();
    seen.candidate = candidate_number(0);
    seen.outcome->kind = OutcomeKind::MassConfirmed;
    bench.ok(seen, "OBSERVE");
    CHECK(inputs() == std::multiset<std::string>{"", R"({"pick":0})", R"({"pick":1})"});
    CHECK(std::any_of(
        bench.learner.observed.begin(), bench.learner.observed.end(), [](const auto& label) {
            return label.acquisition_input == R"({"pick":0})" && label.pair == 0.8;
        }));
}

TEST_CASE("labels are told in the order in which they came", "[campaign]") {
    Bench bench(R"({"open_offers": 8})");
    std::vector<std::string> came;
    auto ids = bench.offers();
    std::reverse(ids.begin(), ids.end());
    for (const auto& id : ids) {
        bench.ok(bench.result(bench.start(id), OutcomeKind::NoReaction), "RESULT");
        came.push_back(bench.last("VERDICT")["candidate_key"].get<std::string>());
    }
    std::vector<std::string> told;
    for (const auto& label : bench.learner.observed) {
        told.push_back(label.identity_key);
    }
    CHECK(told == came);
}

TEST_CASE("a promoted model may supersede unclaimed proposals, never claimed ones", "[campaign]") {
    Bench bench(R"({"train_every": 1, "open_offers": 4, "supersede": "withdraw"})");
    const auto ids = bench.offers();
    const auto claimed = bench.claim(ids[1]);
    const auto held = bench.start(ids[0]);
    bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
    CHECK(bench.state(ids[1]) == "CLAIMED");
    CHECK(bench.state(ids[2]) == "WITHDRAWN");
    // The new model may want it too.
    const auto& request = bench.learner.requests.back();
    CHECK(request.excluded == std::vector<std::string>{identity_key(candidate_number(0))});
    CHECK(request.pending == std::vector<std::string>{identity_key(candidate_number(1))});
}

TEST_CASE("an observation teaches and is not proposed again", "[campaign]") {
    Bench bench(R"({"open_offers": 2})");
    Observe observe;
    observe.cmd_id = make_ulid();
    observe.campaign = "c";
    observe.candidate = candidate_number(2);
    observe.outcome = Outcome{};
    observe.outcome->kind = OutcomeKind::Amorphous;
    bench.ok(observe, "OBSERVE");
    CHECK(bench.count("OBSERVED") == 1);
    REQUIRE(bench.learner.observed.size() == 1);
    CHECK(bench.learner.observed[0].target == 0.0);
    run_one(bench, OutcomeKind::NoReaction);
    const Json snapshot = bench.ok(Snapshot{}, "SNAPSHOT");
    for (const auto& entry : snapshot["campaigns"][0]["proposals"]) {
        CHECK(entry["candidate"]["key"] != identity_key(candidate_number(2)));
    }
    observe.cmd_id = make_ulid();
    observe.outcome.reset();
    CHECK(bench.error_of(observe, "OBSERVE") == ErrorCode::BadMessage);
}

TEST_CASE("what was seen is not made again", "[campaign]") {
    Bench bench(R"({"open_offers": 3})");
    const auto ids = bench.offers();
    bench.claim(ids[1]);
    bench.observe(candidate_number(0), OutcomeKind::ExecutionFailed);
    CHECK(bench.state(ids[0]) == "OFFERED");
    const auto result = bench.observe(candidate_number(0), OutcomeKind::NoReaction);
    CHECK(bench.state(ids[0]) == "WITHDRAWN");
    CHECK(bench.last("WITHDRAWN")["reason"].get<std::string>().find("observation") !=
          std::string::npos);
    bench.observe(candidate_number(1), OutcomeKind::NoReaction);
    CHECK(bench.state(ids[1]) == "CLAIMED");
    // Taken back, it is a candidate like any other again.
    ResultRetract wrong{make_ulid(), "", "another flask"};
    wrong.result = result;
    bench.ok(wrong, "RESULT_RETRACT");
    bench.clock.advance(60s);
    bench.start(bench.offers().back());
    bench.ledger->drain();
    const auto& excluded = bench.learner.requests.back().excluded;
    CHECK(std::count(excluded.begin(), excluded.end(), identity_key(candidate_number(0))) == 0);
    CHECK(std::count(excluded.begin(), excluded.end(), identity_key(candidate_number(1))) == 1);
}

TEST_CASE("an empty pool ends the campaign with an alarm", "[campaign]") {
    Bench bench(R"({"open_offers": 2, "budget": 50})");
    bench.learner.pool = 2;
    run_one(bench, OutcomeKind::NoReaction);
    run_one(bench, OutcomeKind::NoReaction);
    for (int answers = 0; answers < 2; ++answers) {
        bench.clock.advance(2s);
        bench.ledger->drain();
    }
    CHECK(bench.campaign()["state"] == "FINISHED");
    CHECK(bench.campaign()["reason"] == "pool");
    const Json alarms = bench.ok(Status{}, "STATUS")["alarms"];
    REQUIRE(alarms.size() == 1);
    bench.ok(AckAlarm{make_ulid(), alarms[0]["alarm"], "seen"}, "ACK_ALARM");
    CHECK(bench.ok(Status{}, "STATUS")["alarms"].empty());
}

TEST_CASE("a learner that fails is asked again later, with one alarm", "[campaign]") {
    Bench bench(R"({"open_offers": 2})");
    bench.learner.failing = true;
    for (const auto& id : bench.offers()) {
        bench.start(id);
    }
    CHECK(bench.count("ALARM") == 1);
    bench.learner.failing = false;
    bench.clock.advance(2s);
    bench.ledger->drain();
    CHECK(bench.offers().size() == 2);
}

TEST_CASE("a step of the daemon's own that breaks undoes nothing and is tried again",
          "[campaign]") {
    Bench bench(R"({"open_offers": 2})");
    bench.learner.broken = true;
    for (const auto& id : bench.offers()) {
        bench.start(id);
    }
    CHECK(bench.campaign()["proposals"]["STARTED"] == 2);
    CHECK(bench.count("ALARM") == 1);
    bench.learner.broken = false;
    bench.clock.advance(10s);
    bench.ledger->drain();
    bench.clock.advance(10s);
    bench.ledger->drain();
    CHECK(bench.offers().size() == 2);
    CHECK(bench.verify().ok());
}

TEST_CASE("an offer that stands too long expires", "[campaign]") {
    Bench bench(R"({"open_offers": 2, "offer_ttl_s": 60})");
    const auto ids = bench.offers();
    bench.clock.advance(61s);
    bench.ledger->drain();
    CHECK(bench.state(ids[0]) == "EXPIRED");
    REQUIRE(bench.offers().size() == 2);
    // Nobody had it: it is offered anew, and nothing waits for an answer to it.
    CHECK(bench.learner.requests.back().pending.empty());
    CHECK(bench.last("OFFERED")["offer"]["candidate"]["key"] == identity_key(candidate_number(1)));
}

TEST_CASE("WHY gives what was stored and what the learner recomputes", "[campaign]") {
    Bench bench;
    const Json why = bench.ok(Why{bench.offers().front()}, "WHY");
    CHECK(why["model"] == "model-0");
    CHECK(why["p"] == 0.25);
    CHECK(why["recomputed"]["p"] == 0.25);
    CHECK(bench.error_of(Why{"nobody"}, "WHY") == ErrorCode::NoSuchProposal);
}
