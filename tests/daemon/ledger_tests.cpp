// What a worker meets: offers, claims, leases, results, and what may be offered again.
#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

TEST_CASE("a running campaign offers what its learner suggests", "[ledger]") {
    Bench bench(R"({"open_offers": 4})");
    CHECK(bench.offers().size() == 4);
    CHECK(bench.count("PROPOSED") == 4);
    CHECK(bench.count("OFFERED") == 4);
    CHECK(bench.count("MODEL_TRAINED") == 1);
    const Json offer = bench.ok(ListOffers{}, "LIST_OFFERS")["offers"][0];
    CHECK(offer["state"] == "OFFERED");
    CHECK(offer["model"] == "model-0");
    CHECK(offer["candidate"]["key"] == identity_key(candidate_number(0)));
}

TEST_CASE("a claim takes all or nothing", "[ledger]") {
    Bench bench;
    const auto ids = bench.offers();
    bench.claim(ids[0], "other");
    CHECK(bench.error_of(Claim{make_ulid(), {ids[1], ids[0]}, LeaseClass::Robot}, "CLAIM") ==
          ErrorCode::NotOffered);
    CHECK(bench.state(ids[1]) == "OFFERED");
    CHECK(bench.error_of(Claim{make_ulid(), {"nobody"}, LeaseClass::Robot}, "CLAIM") ==
          ErrorCode::NoSuchProposal);
    const Json both =
        bench.ok(Claim{make_ulid(), {ids[1], ids[2]}, LeaseClass::Robot}, "CLAIM")["claims"];
    CHECK(both.size() == 2);
    CHECK(both[0]["ttl_s"] == Approx(120));
}

TEST_CASE("a worker that comes back finds its leases in HELLO", "[ledger]") {
    Bench bench;
    const auto id = bench.offers().front();
    const auto held = bench.start(id);
    const Json hello = bench.ok(Hello{"robot", "test", "1", {}}, "HELLO");
    REQUIRE(hello["leases"].size() == 1);
    CHECK(hello["leases"][0]["lease"] == held.proof.lease);
    CHECK(hello["leases"][0]["state"] == "STARTED");
    CHECK(bench.ok(Hello{"other", "test", "1", {}}, "HELLO", "other")["leases"].empty());
}

TEST_CASE("a claim that is not started in time is offered again", "[ledger]") {
    Bench bench;
    const auto held = bench.claim(bench.offers().front());
    bench.clock.advance(121s);
    bench.ledger->drain();
    CHECK(bench.state(held.proposal) == "OFFERED");
    CHECK(bench.count("LEASE_EXPIRED") == 1);
    CHECK(bench.error_of(Start{make_ulid(), held.proposal, held.proof, {}}, "START") ==
          ErrorCode::StaleLease);
    const auto again = bench.claim(held.proposal, "other");
    CHECK(again.proof.fence > held.proof.fence);
}

TEST_CASE("a wall clock that jumps ends no lease", "[ledger]") {
    Bench bench;
    const auto held = bench.claim(bench.offers().front());
    bench.clock.jump_wall(std::chrono::hours(48));
    bench.ledger->drain();
    CHECK(bench.state(held.proposal) == "CLAIMED");
}

TEST_CASE("after START silence leads to UNKNOWN and never to a second offer", "[ledger]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.clock.advance(31min);
    bench.ledger->drain();
    CHECK(bench.state(held.proposal) == "UNKNOWN");
    for (const auto& id : bench.offers()) {
        CHECK(id != held.proposal);
    }
    SECTION("the worker that returns goes on") {
        bench.ok(Renew{held.proof, {}}, "RENEW");
        CHECK(bench.state(held.proposal) == "STARTED");
        CHECK(bench.count("WORKER_RETURNED") == 1);
    }
    SECTION("its result is taken") {
        bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
        CHECK(bench.state(held.proposal) == "LABELLED");
    }
    SECTION("a person offers it again as the next attempt") {
        bench.ok(
            ResolveUnknown{
                make_ulid(), held.proposal, "vial lost", ResolveUnknown::Way::Reoffer, {}},
            "RESOLVE_UNKNOWN");
        CHECK(bench.state(held.proposal) == "OFFERED");
        CHECK(bench.last("UNKNOWN_RESOLVED")["attempt"] == 2);
    }
    SECTION("a person says it failed") {
        bench.ok(
            ResolveUnknown{make_ulid(), held.proposal, "gone", ResolveUnknown::Way::Failed, {}},
            "RESOLVE_UNKNOWN");
        CHECK(bench.state(held.proposal) == "FAILED");
    }
}

TEST_CASE("a failed execution is offered again by its rule alone", "[ledger]") {
    const bool rule = GENERATE(true, false);
    const int consumed = GENERATE(0, 1, 2);  // no, yes, not said
    Bench bench(Json{{"reoffer_failed", rule}}.dump());
    const auto held = bench.start(bench.offers().front());
    CHECK(bench.campaign()["spent"] == 1);
    Result result = bench.result(held, OutcomeKind::ExecutionFailed);
    if (consumed < 2) {
        result.consumed = consumed == 1;
    }
    bench.ok(result, "RESULT");
    INFO("reoffer_failed " << rule << ", consumed " << consumed);
    const bool again = rule && consumed == 0;
    CHECK(bench.state(held.proposal) == (again ? "OFFERED" : "FAILED"));
    CHECK(bench.campaign()["spent"] == (consumed == 0 ? 0 : 1));
    CHECK(bench.learner.observed.empty());
}

TEST_CASE("attempts end at max_attempts", "[ledger]") {
    Bench bench(R"({"reoffer_failed": true, "max_attempts": 2})");
    const auto id = bench.offers().front();
    for (const char* after : {"OFFERED", "FAILED"}) {
        Result result = bench.result(bench.start(id), OutcomeKind::ExecutionFailed);
        result.consumed = false;
        bench.ok(result, "RESULT");
        CHECK(bench.state(id) == after);
    }
}

TEST_CASE("a result of an old lease is held until a person decides", "[ledger]") {
    Bench bench(R"({"reoffer_failed": true})");
    const auto old = bench.start(bench.offers().front());
    Result failed = bench.result(old, OutcomeKind::ExecutionFailed);
    failed.consumed = false;
    bench.ok(failed, "RESULT");
    bench.start(old.proposal, "other");
    const Json reply = bench.ok(bench.result(old, OutcomeKind::NoReaction), "RESULT");
    CHECK(reply["held"] == true);
    CHECK(bench.state(old.proposal) == "STARTED");
    CHECK(bench.count("RESULT_HELD") == 1);
    CHECK(bench.learner.observed.empty());
    const std::string id = reply["result"];
    SECTION("accepted it counts") {
        bench.ok(AcceptHeld{make_ulid(), id, "same vial"}, "ACCEPT_HELD");
        CHECK(bench.state(old.proposal) == "LABELLED");
        CHECK(bench.learner.observed.size() == 1);
    }
    SECTION("refused it stays on file and teaches nothing") {
        bench.ok(RefuseHeld{make_ulid(), id, "other vial"}, "REFUSE_HELD");
        CHECK(bench.state(old.proposal) == "STARTED");
        CHECK(bench.error_of(AcceptHeld{make_ulid(), id, ""}, "ACCEPT_HELD") ==
              ErrorCode::IllegalState);
    }
}

TEST_CASE("a result in CLAIMED implies its START", "[ledger]") {
    Bench bench;
    const auto held = bench.claim(bench.offers().front());
    bench.ok(bench.result(held, OutcomeKind::Amorphous), "RESULT");
    CHECK(bench.state(held.proposal) == "LABELLED");
    CHECK(bench.last("STARTED")["implied"] == true);
    CHECK(bench.campaign()["spent"] == 1);
}

TEST_CASE("a staged result renews and a result must say something", "[ledger]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    Result staged = bench.result(held, OutcomeKind::Amorphous);
    staged.outcome.reset();
    CHECK(bench.error_of(staged, "RESULT") == ErrorCode::BadMessage);
    bench.clock.advance(20min);
    staged.cmd_id = make_ulid();
    staged.stage = "crystals";
    bench.ok(staged, "RESULT");
    CHECK(bench.state(held.proposal) == "STARTED");
    bench.clock.advance(20min);
    bench.ledger->drain();
    CHECK(bench.state(held.proposal) == "STARTED");
}

TEST_CASE("confirmed without a structure counts as mass_confirmed until a reviewer overrules",
          "[ledger]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.ok(bench.result(held, OutcomeKind::Confirmed), "RESULT");
    CHECK(bench.last("VERDICT")["outcome"]["kind"] == "mass_confirmed");
    REQUIRE(bench.learner.observed.size() == 1);
    CHECK(bench.learner.observed[0].provisional);
    Outcome confirmed;
    confirmed.kind = OutcomeKind::Confirmed;
    bench.ok(Overrule{make_ulid(), held.proposal, confirmed, "saw the data"}, "OVERRULE");
    CHECK(bench.state(held.proposal) == "LABELLED");
    CHECK(bench.learner.observed[0].target == 1.0);
    bench.ok(ResultRetract{make_ulid(), held.proposal, "wrong vial"}, "RESULT_RETRACT");
    CHECK(bench.state(held.proposal) == "RETRACTED");
    CHECK(bench.learner.observed.empty());
}

TEST_CASE("an outcome without a label waits", "[ledger]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.ok(bench.result(held, OutcomeKind::CrystalsUnsolved), "RESULT");
    CHECK(bench.state(held.proposal) == "AWAITING");
    ResultAmend amend{bench.result(held, OutcomeKind::Decomposed)};
    bench.ok(amend, "RESULT_AMEND");
    CHECK(bench.state(held.proposal) == "LABELLED");
    CHECK(bench.count("RESULT_AMENDED") == 1);
}

TEST_CASE("a declined offer is not shown to that client again", "[ledger]") {
    Bench bench(R"({"decline_limit": 2})");
    const auto id = bench.offers().front();
    bench.ok(Decline{make_ulid(), id, {}, "no reagent"}, "DECLINE");
    for (const auto& offer : bench.offers()) {
        CHECK(offer != id);
    }
    CHECK(bench.offers("other").front() == id);
    const Reply again = bench.send(Claim{make_ulid(), {id}, LeaseClass::Robot}, "CLAIM", "robot");
    CHECK(again.error == ErrorCode::NotOffered);
    CHECK_THAT(again.text, Catch::Contains("you declined it"));
    bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Pause, ""},
             "CAMPAIGN_PAUSE");
    CHECK_THAT(bench.send(Claim{make_ulid(), {id}, LeaseClass::Robot}, "CLAIM", "third").text,
               Catch::Contains("campaign c is PAUSED"));
    bench.ok(Decline{make_ulid(), id, {}, "nor here"}, "DECLINE", "other");
    CHECK(bench.state(id) == "WITHDRAWN");
}

TEST_CASE("RELEASE gives back a claim and not a started experiment", "[ledger]") {
    Bench bench;
    const auto held = bench.claim(bench.offers().front());
    CHECK(bench.error_of(Release{make_ulid(), held.proposal, {}, ""}, "RELEASE", "other") ==
          ErrorCode::StaleLease);
    bench.ok(Release{make_ulid(), held.proposal, held.proof, "busy"}, "RELEASE");
    CHECK(bench.state(held.proposal) == "OFFERED");
    const auto started = bench.start(held.proposal);
    CHECK(bench.error_of(Release{make_ulid(), held.proposal, started.proof, ""}, "RELEASE") ==
          ErrorCode::AlreadyStarted);
    CHECK(bench.error_of(Start{make_ulid(), held.proposal, started.proof, {}}, "START") ==
          ErrorCode::AlreadyStarted);
}

TEST_CASE("cancelling a started experiment asks its worker", "[ledger]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.ok(Cancel{make_ulid(), held.proposal, "hazard"}, "CANCEL", "boss");
    CHECK(bench.state(held.proposal) == "CANCEL_REQUESTED");
    const bool stopped = GENERATE(true, false);
    bench.ok(CancelAck{make_ulid(), held.proposal, held.proof, stopped}, "CANCEL_ACK");
    CHECK(bench.state(held.proposal) == (stopped ? "CANCELLED" : "STARTED"));
}
