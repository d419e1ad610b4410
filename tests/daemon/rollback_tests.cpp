// Promotions and the way back: a model that keeps less than it promised, through the ledger.
#include <algorithm>

#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::controller;
using test::Bench;

namespace {

/// A campaign of batches of eight whose model promises a half each time.
struct Campaign {
    Campaign()
        : bench(
              R"({"open_offers":8,"refill":"batch","train_every":8,"budget":400,"start":false})") {
        bench.learner.keeps = true;
        bench.learner.p = 0.5;
        bench.reopen();
        bench.ok(CampaignControl{make_ulid(), "c", CampaignControl::Action::Resume, ""},
                 "CAMPAIGN_RESUME");
    }
    /// One batch with so many hits; the rest failed. The ids of its proposals.
    std::vector<std::string> batch(int hits) {
        const auto offers = bench.offers();
        for (const auto& id : offers) {
            const auto held = bench.start(id);
            bench.ok(bench.result(
                         held, hits-- > 0 ? OutcomeKind::MassConfirmed : OutcomeKind::NoReaction),
                     "RESULT");
        }
        return offers;
    }
    Json alarm(const std::string& part) {
        const Json status = bench.ok(Status{}, "STATUS");
        for (const auto& alarm : status["alarms"]) {
            if (alarm["text"].get<std::string>().find(part) != std::string::npos) {
                return alarm;
            }
        }
        return nullptr;
    }
    Bench bench;
};

}  // namespace

TEST_CASE("a model that keeps its promise stays", "[rollback]") {
    Campaign c;
    for (int i = 0; i < 6; ++i) {
        c.batch(4);
    }
    CHECK(c.bench.count("MODEL_PROMOTED") == 7);
    CHECK(c.bench.count("MODEL_ROLLED_BACK") == 0);
    CHECK(c.bench.learner.rolled_back_to.empty());
}

TEST_CASE("a poisoned model is rolled back within two batches, with figures and an alarm",
          "[rollback]") {
    Campaign c;
    for (int i = 0; i < 3; ++i) {
        c.batch(4);
    }
    REQUIRE(c.bench.campaign()["model"] == "model-3");
    // The model of these three batches' labels promises as before and keeps nothing of it.
    c.batch(0);
    c.batch(0);
    REQUIRE(c.bench.count("MODEL_ROLLED_BACK") == 1);
    const Json told = c.bench.last("MODEL_ROLLED_BACK");
    // model-3 proposed the first batch that fell short: its parent serves.
    CHECK(told["model"] == "model-2");
    CHECK(told["details"]["hits"] == 0.0);
    CHECK(told["details"]["sum"].get<double>() > told["details"]["threshold"].get<double>());
    CHECK(told["reason"].get<std::string>().find("hits where") != std::string::npos);
    REQUIRE(c.bench.learner.rolled_back_to.size() == 1);
    CHECK(c.bench.learner.rolled_back_to[0] == "model-2");
    CHECK(c.bench.campaign()["model"] == "model-2");
    CHECK(c.alarm("serves again").is_object());
    CHECK(c.bench.verify().ok());

    SECTION("what was learnt since teaches nothing until the alarm is acknowledged") {
        CHECK(c.bench.learner.observed.size() == 16);
        c.bench.ok(AckAlarm{make_ulid(), c.alarm("serves again")["alarm"], "looked at"},
                   "ACK_ALARM",
                   "ada");
        CHECK(c.bench.learner.observed.size() == 40);
        CHECK(c.alarm("serves again").is_null());
    }
    SECTION("a reviewer's word is not under suspicion") {
        const auto doubted = c.bench.learner.observed.size();
        const auto batch = c.batch(4);
        CHECK(c.bench.learner.observed.size() == doubted + 8);
        Outcome outcome;
        outcome.kind = OutcomeKind::Confirmed;
        std::string suspect;
        for (const auto& event : c.bench.events) {
            if (event.kind == "VERDICT" && event.proposal != batch.back()) {
                suspect = event.proposal;
            }
            if (event.kind == "MODEL_ROLLED_BACK") {
                break;
            }
        }
        c.bench.ok(Overrule{make_ulid(), suspect, outcome, "the spectrum"}, "OVERRULE", "ada");
        CHECK(c.bench.learner.observed.size() == doubted + 9);
    }
    SECTION("after a restart the earlier model serves") {
        c.bench.reopen();
        CHECK(c.bench.learner.asked_for == "model-2");
        CHECK(c.bench.learner.observed.size() == 16);
        CHECK(c.bench.count("MODEL_ROLLED_BACK") == 1);
    }
    SECTION("the next training goes on from there, and one alarm is not raised twice") {
        c.batch(4);
        c.batch(4);
        CHECK(c.bench.count("MODEL_ROLLED_BACK") == 1);
        CHECK(c.bench.last("MODEL_PROMOTED")["model"] != "model-2");
    }
}

TEST_CASE("a base model that keeps too little is an alarm: there is nothing to go back to",
          "[rollback]") {
    Campaign c;
    c.bench.learner.promoted = false;
    c.batch(0);
    c.batch(0);
    CHECK(c.bench.count("MODEL_ROLLED_BACK") == 0);
    CHECK(c.alarm("no earlier one to go back to").is_object());
    CHECK(c.bench.count("MODEL_REFUSED") == 2);
}

TEST_CASE("bad labels of a base model's own batch lead back to the base model", "[rollback]") {
    Campaign c;
    c.batch(0);
    c.batch(0);
    REQUIRE(c.bench.count("MODEL_ROLLED_BACK") == 1);
    CHECK(c.bench.learner.rolled_back_to == std::vector<std::string>{"model-0"});
    CHECK(c.bench.learner.observed.empty());
}

TEST_CASE("five models are kept to go back to, and those that a proposal names", "[rollback]") {
    Campaign c;
    for (int i = 0; i < 8; ++i) {
        c.batch(4);
    }
    // model-0 is named by every proposal of the stand-in.
    CHECK(c.bench.learner.forgotten == std::vector<std::string>{"model-1", "model-2", "model-3"});
}

TEST_CASE("a day after the last full training there is another one where anything is new",
          "[rollback]") {
    Campaign c;
    for (int i = 0; i < 2; ++i) {
        c.batch(4);
    }
    // The stand-in does not say how many rows it saw: growth cannot be told, so these are warm.
    CHECK(c.bench.learner.full == std::vector<bool>{false, false});
    c.bench.clock.advance(std::chrono::hours(25));
    c.bench.ledger->drain();
    CHECK(c.bench.learner.full == std::vector<bool>{false, false, true});
    CHECK(c.bench.last("MODEL_TRAINED")["kind"] == "full");
}

TEST_CASE("an alarm is closed when its cause is over", "[rollback]") {
    Campaign c;
    c.bench.learner.failing = true;
    c.batch(4);
    const Json alarm = c.alarm("no suggestion: the learner is gone");
    REQUIRE(alarm.is_object());
    c.bench.learner.close_alarm("", alarm["text"], "the learner answers again");
    c.bench.ledger->drain();
    CHECK(c.alarm("no suggestion").is_null());
    CHECK(c.bench.last("ALARM_ACKED")["client"] == "cupeld");
    CHECK(c.bench.last("ALARM_ACKED")["note"] == "the learner answers again");
}
