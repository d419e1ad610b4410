// Where the ledger and the reference machine of tests/faults once disagreed, and the page decided.
#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;

TEST_CASE("an offer in review ages like one on the table", "[disputes]") {
    Bench bench(R"({"review": true, "offer_ttl_s": 60, "open_offers": 2})");
    bench.clock.advance(std::chrono::seconds(60));
    bench.ledger->drain();
    CHECK(bench.count("EXPIRED") == 2);
}

TEST_CASE("a client's DECLINE makes no offer younger for the others", "[disputes]") {
    Bench bench(R"({"offer_ttl_s": 60, "open_offers": 1})");
    const auto id = bench.offers().front();
    bench.clock.advance(std::chrono::seconds(50));
    bench.ok(Decline{make_ulid(), id, {}, ""}, "DECLINE");
    bench.clock.advance(std::chrono::seconds(10));
    bench.ledger->drain();
    CHECK(bench.state(id) == "EXPIRED");
}

TEST_CASE("what was started stays started for RELEASE and DECLINE when it is UNKNOWN",
          "[disputes]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.clock.advance(std::chrono::minutes(31));
    bench.ledger->drain();
    REQUIRE(bench.state(held.proposal) == "UNKNOWN");
    CHECK(bench.error_of(Release{make_ulid(), held.proposal, held.proof, ""}, "RELEASE") ==
          ErrorCode::AlreadyStarted);
    CHECK(bench.error_of(Decline{make_ulid(), held.proposal, held.proof, ""}, "DECLINE") ==
          ErrorCode::AlreadyStarted);
}

TEST_CASE("a report that teaches nothing takes no label away", "[disputes]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.ok(bench.result(held, OutcomeKind::MassConfirmed), "RESULT");
    SECTION("crystals that cannot be solved") {
        bench.ok(bench.result(held, OutcomeKind::CrystalsUnsolved), "RESULT");
    }
    SECTION("a file that cannot be read") {
        bench.structures.answers["x.cif"] = {std::nullopt, "truncated", "it ends early", false};
        Result result = bench.result(held, OutcomeKind::Amorphous);
        result.outcome.reset();
        result.blobs = {{"x.cif", "chemical/x-cif", sha256_hex("data_"), 5}};
        bench.ok(result, "RESULT", "robot", {"data_"});
    }
    CHECK(bench.state(held.proposal) == "LABELLED");
    CHECK(bench.last("VERDICT")["label"]["target"] == 0.8);
    SECTION("but an amendment does") {
        Result result = bench.result(held, OutcomeKind::CrystalsUnsolved);
        bench.ok(ResultAmend{result}, "RESULT_AMEND");
        CHECK(bench.state(held.proposal) == "AWAITING");
    }
}

TEST_CASE("a claim does not overtake the structure that is being read", "[disputes]") {
    Bench bench;
    bench.structures.silent = true;
    const auto held = bench.start(bench.offers().front());
    Result result = bench.result(held, OutcomeKind::Confirmed);
    result.blobs = {{"x.cif", "chemical/x-cif", sha256_hex("data_"), 5}};
    bench.ok(result, "RESULT", "robot", {"data_"});
    bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
    CHECK(bench.state(held.proposal) == "RESULT_IN");
    bench.structures.silent = false;
    StructureReport report;
    report.core.metals = {{"Ag", 2}};
    report.verdict = Verdict{};
    report.verdict->confirmed = true;
    bench.structures.answers["x.cif"] = {report, "", "", false};
    bench.reopen();
    CHECK(bench.last("VERDICT")["outcome"]["kind"] == "confirmed");
}

TEST_CASE("accepting what an old attempt found leaves the running attempt alone", "[disputes]") {
    Bench bench;
    const auto old = bench.start(bench.offers().front());
    bench.clock.advance(std::chrono::minutes(31));
    bench.ledger->drain();
    bench.ok(
        ResolveUnknown{make_ulid(), old.proposal, "", ResolveUnknown::Way::Reoffer, std::nullopt},
        "RESOLVE_UNKNOWN");
    bench.start(old.proposal, "other");
    Result late = bench.result(old, OutcomeKind::Amorphous);
    late.attempt = 1;
    const Json reply = bench.ok(late, "RESULT");
    REQUIRE(reply["held"] == true);
    bench.ok(AcceptHeld{make_ulid(), reply["result"].get<std::string>(), ""}, "ACCEPT_HELD");
    CHECK(bench.state(old.proposal) == "STARTED");
    CHECK(bench.last("OBSERVED")["outcome"]["kind"] == "amorphous");
}

TEST_CASE("the file of a held result decides, also when its proposal has moved on", "[disputes]") {
    Bench bench;
    const auto old = bench.start(bench.offers().front());
    bench.clock.advance(std::chrono::minutes(31));
    bench.ledger->drain();
    bench.ok(
        ResolveUnknown{make_ulid(), old.proposal, "", ResolveUnknown::Way::Failed, std::nullopt},
        "RESOLVE_UNKNOWN");
    Result late = bench.result(old, OutcomeKind::Amorphous);
    late.blobs = {{"x.cif", "chemical/x-cif", sha256_hex("data_"), 5}};
    const Json reply = bench.ok(late, "RESULT", "robot", {"data_"});
    REQUIRE(reply["held"] == true);
    SECTION("read") {
        StructureReport report;
        report.core.metals = {{"Ag", 21}};
        bench.structures.answers["x.cif"] = {report, "", "", false};
        bench.ok(AcceptHeld{make_ulid(), reply["result"].get<std::string>(), ""}, "ACCEPT_HELD");
        bench.ledger->drain();
        CHECK(bench.last("OBSERVED")["candidate"]["core"]["metals"]["Ag"] == 21);
        CHECK(bench.last("OBSERVED")["outcome"]["kind"] == "confirmed");
    }
    SECTION("unreadable: what was claimed beside it") {
        bench.structures.answers["x.cif"] = {std::nullopt, "truncated", "ends early", false};
        bench.ok(AcceptHeld{make_ulid(), reply["result"].get<std::string>(), ""}, "ACCEPT_HELD");
        bench.ledger->drain();
        CHECK(bench.last("OBSERVED")["outcome"]["kind"] == "amorphous");
    }
    CHECK(bench.count("OBSERVED") == 1);
    CHECK(bench.verify().ok());
}

TEST_CASE("a result of a proposal that nobody knows is held, and its structure can be accepted",
          "[disputes]") {
    Bench bench;
    Result strange = bench.result(bench.start(bench.offers().front()), OutcomeKind::Confirmed);
    strange.proposal = make_ulid();  // of a store that is gone
    const bool shown = GENERATE(true, false);
    if (shown) {
        strange.blobs = {{"x.cif", "chemical/x-cif", sha256_hex("data_"), 5}};
        StructureReport report;
        report.core.metals = {{"Ag", 21}};
        bench.structures.answers["x.cif"] = {report, "", "", false};
    }
    const Json reply =
        bench.ok(strange,
                 "RESULT",
                 "robot",
                 shown ? std::vector<std::string>{"data_"} : std::vector<std::string>{});
    CHECK(reply["held"] == true);
    CHECK(reply["state"].is_null());
    CHECK(bench.last("RESULT_HELD")["proposal"] == strange.proposal);
    bench.reopen();
    CHECK(bench.campaign()["held"] == 1);
    const std::string id = reply["result"];
    if (shown) {
        bench.ok(AcceptHeld{make_ulid(), id, "the robot's log names it"}, "ACCEPT_HELD");
        bench.ledger->drain();
        CHECK(bench.last("OBSERVED")["candidate"]["core"]["metals"]["Ag"] == 21);
    } else {
        CHECK(bench.error_of(AcceptHeld{make_ulid(), id, ""}, "ACCEPT_HELD") ==
              ErrorCode::IllegalState);
        bench.ok(RefuseHeld{make_ulid(), id, "of the other daemon"}, "REFUSE_HELD");
        CHECK(bench.last("RESULT_REFUSED")["proposal"] == strange.proposal);
    }
    CHECK(bench.campaign()["held"] == 0);
    CHECK(bench.verify().ok());
}

TEST_CASE("a worker who fell silent is asked again to stop", "[disputes]") {
    Bench bench(R"({"reoffer_failed": true})");
    const auto held = bench.start(bench.offers().front());
    bench.ok(Cancel{make_ulid(), held.proposal, "contaminated"}, "CANCEL", "chief");
    bench.clock.advance(std::chrono::minutes(31));
    bench.ledger->drain();
    REQUIRE(bench.state(held.proposal) == "UNKNOWN");
    bench.reopen();
    bench.ok(Renew{held.proof, {}}, "RENEW");
    CHECK(bench.state(held.proposal) == "CANCEL_REQUESTED");
    CHECK(bench.count("CANCEL_REQUESTED") == 2);
    const Json asked = bench.last("CANCEL_REQUESTED");
    CHECK(asked["client"] == "chief");
    CHECK(asked["reason"] == "contaminated");
    CHECK(asked["holder"] == "robot");
    SECTION("who stopped says so at once") {
        bench.clock.advance(std::chrono::minutes(31));
        bench.ledger->drain();
        bench.ok(CancelAck{make_ulid(), held.proposal, held.proof, true}, "CANCEL_ACK");
        CHECK(bench.state(held.proposal) == "CANCELLED");
        return;
    }
    SECTION("and what failed meanwhile is not offered again") {
        bench.clock.advance(std::chrono::minutes(31));
        bench.ledger->drain();
        Result failed = bench.result(held, OutcomeKind::ExecutionFailed);
        failed.consumed = false;
        bench.ok(failed, "RESULT");
        CHECK(bench.state(held.proposal) == "FAILED");
        return;
    }
    // A worker who refused once is not asked by the next silence.
    bench.ok(CancelAck{make_ulid(), held.proposal, held.proof, false}, "CANCEL_ACK");
    bench.clock.advance(std::chrono::minutes(31));
    bench.ledger->drain();
    bench.ok(Renew{held.proof, {}}, "RENEW");
    CHECK(bench.state(held.proposal) == "STARTED");
}

TEST_CASE("what a person offers again stays on the table whatever was seen before", "[disputes]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.observe(candidate_number(0), OutcomeKind::NoReaction);
    bench.clock.advance(std::chrono::minutes(31));
    bench.ledger->drain();
    bench.ok(
        ResolveUnknown{make_ulid(), held.proposal, "", ResolveUnknown::Way::Reoffer, std::nullopt},
        "RESOLVE_UNKNOWN");
    bench.reopen();
    const auto again = bench.claim(held.proposal);
    bench.ok(Release{make_ulid(), held.proposal, again.proof, ""}, "RELEASE");
    CHECK(bench.state(held.proposal) == "OFFERED");
}

TEST_CASE("the learner hears of a label that an amendment took away", "[disputes]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
    REQUIRE(bench.learner.observed.size() == 1);
    bench.ok(ResultAmend{bench.result(held, OutcomeKind::CrystalsUnsolved)}, "RESULT_AMEND");
    bench.ledger->drain();
    CHECK(bench.state(held.proposal) == "AWAITING");
    CHECK(bench.learner.observed.empty());
}

TEST_CASE("a renewal after a reminder outlives a restart", "[disputes]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front(), "person", LeaseClass::Person);
    bench.clock.advance(std::chrono::hours(24 * 14));
    bench.ledger->drain();
    REQUIRE(bench.count("LEASE_OVERDUE") == 1);
    bench.reopen();
    bench.ok(Renew{held.proof, {}}, "RENEW", "person");
    bench.reopen();
    bench.clock.advance(std::chrono::hours(24 * 14));
    bench.ledger->drain();
    CHECK(bench.state(held.proposal) == "STARTED");
    CHECK(bench.count("LEASE_OVERDUE") == 2);
}

TEST_CASE("somebody else's word on a stage is no sign of the worker", "[disputes]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    Result stage = bench.result(held, OutcomeKind::NoReaction);
    stage.outcome.reset();
    stage.stage = "cooling";
    SECTION("it renews no lease") {
        stage.proof.reset();
        bench.clock.advance(std::chrono::minutes(29));
        CHECK(bench.ok(stage, "RESULT", "ada")["held"] == false);
        CHECK(bench.last("RESULT_RECEIVED")["report"]["stage"] == "cooling");
        bench.clock.advance(std::chrono::minutes(2));
        bench.ledger->drain();
        CHECK(bench.state(held.proposal) == "UNKNOWN");
    }
    SECTION("it ends no UNKNOWN, the last fence and the holder do") {
        bench.clock.advance(std::chrono::minutes(31));
        bench.ledger->drain();
        stage.proof.reset();
        CHECK(bench.ok(stage, "RESULT", "ada")["state"] == "UNKNOWN");
        stage.cmd_id = make_ulid();
        const bool by_fence = GENERATE(true, false);
        if (by_fence) {
            stage.proof = held.proof;
        }
        CHECK(bench.ok(stage, "RESULT", by_fence ? "ada" : "robot")["state"] == "STARTED");
        CHECK(bench.count("WORKER_RETURNED") == 1);
    }
    SECTION("nor does one that was held and is accepted") {
        stage.attempt = 1;
        stage.proof->fence += 7;
        const Json reply = bench.ok(stage, "RESULT");
        REQUIRE(reply["held"] == true);
        bench.clock.advance(std::chrono::minutes(31));
        bench.ledger->drain();
        bench.ok(AcceptHeld{make_ulid(), reply["result"].get<std::string>(), ""}, "ACCEPT_HELD");
        CHECK(bench.state(held.proposal) == "UNKNOWN");
    }
}
