// The same command twice has one effect; the same id for another command is refused.
#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;

TEST_CASE("a repeated command gets its stored reply and has no second effect", "[idempotency]") {
    Bench bench;
    const auto held = bench.claim(bench.offers().front());
    const Start start{make_ulid(), held.proposal, held.proof, {}};
    const Reply first = bench.send(start, "START");
    const Reply again = bench.send(start, "START");
    CHECK_FALSE(again.error);
    CHECK(again.result_json == first.result_json);
    CHECK(bench.count("STARTED") == 1);
    CHECK(bench.campaign()["spent"] == 1);
}

TEST_CASE("the stored reply outlives the daemon", "[idempotency]") {
    Bench bench;
    const Claim claim{make_ulid(), {bench.offers().front()}, LeaseClass::Robot};
    const Reply first = bench.send(claim, "CLAIM");
    bench.reopen();
    const Reply again = bench.send(claim, "CLAIM");
    CHECK(again.result_json == first.result_json);
}

TEST_CASE("an id used for another body is a conflict, for another client it is not",
          "[idempotency]") {
    Bench bench;
    const auto ids = bench.offers();
    const std::string cmd = make_ulid();
    bench.send(Claim{cmd, {ids[0]}, LeaseClass::Robot}, "CLAIM", "robot", {}, "body one");
    const Reply conflict =
        bench.send(Claim{cmd, {ids[1]}, LeaseClass::Robot}, "CLAIM", "robot", {}, "body two");
    CHECK(conflict.error == ErrorCode::IdempotencyConflict);
    CHECK(bench.state(ids[1]) == "OFFERED");
    const Reply other =
        bench.send(Claim{cmd, {ids[1]}, LeaseClass::Robot}, "CLAIM", "other", {}, "body two");
    CHECK_FALSE(other.error);
}

TEST_CASE("a refused command may be sent again under its id", "[idempotency]") {
    Bench bench;
    const auto id = bench.offers().front();
    const auto held = bench.claim(id, "other");
    const Claim claim{make_ulid(), {id}, LeaseClass::Robot};
    CHECK(bench.error_of(claim, "CLAIM") == ErrorCode::NotOffered);
    bench.ok(Release{make_ulid(), id, held.proof, ""}, "RELEASE", "other");
    CHECK_FALSE(bench.error_of(claim, "CLAIM"));
}

TEST_CASE("QUERY_CMD says whether a command arrived", "[idempotency]") {
    Bench bench;
    const Claim claim{make_ulid(), {bench.offers().front()}, LeaseClass::Robot};
    CHECK(bench.ok(QueryCmd{claim.cmd_id}, "QUERY_CMD")["known"] == false);
    const Json reply = bench.ok(claim, "CLAIM");
    const Json query = bench.ok(QueryCmd{claim.cmd_id}, "QUERY_CMD");
    CHECK(query["known"] == true);
    CHECK(query["result"] == reply);
}

TEST_CASE("a state-changing command without an id is refused", "[idempotency]") {
    Bench bench;
    CHECK(bench.error_of(Claim{"", {bench.offers().front()}, LeaseClass::Robot}, "CLAIM") ==
          ErrorCode::BadMessage);
}
