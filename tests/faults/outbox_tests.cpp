// T12: an adapter was offline; what it wrote down meanwhile arrives long after its leases ran out,
// each message twice. Nothing is lost, nothing is taken for what it is not.
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "history.hpp"
#include "real_daemon.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// Leases scaled down: a second is as long as a day.
DaemonSetup short_leases() {
    DaemonSetup setup;
    setup.tables = "[leases.robot]\nclaim_s = 1.0\nwork_s = 0.3\nwork_cap_s = 0.3\n";
    setup.campaigns += "max_unknown = 10\n";
    return setup;
}

/// The lab: a robot that goes offline, a person, and the daemon between them.
class Lab {
  public:
    Lab()
        : daemon_(short_leases()),
          robot_((daemon_.start(), daemon_.connect(context_, "robot"))),
          person_(daemon_.connect(context_, "person")) {}

    Json claim(RawClient& client, const std::string& proposal, const char* lease_class) {
        const Json claims = client.ok("CLAIM",
                                      {{"cmd_id", make_ulid()},
                                       {"proposals", {proposal}},
                                       {"lease_class", lease_class}})["claims"];
        return {
            {"proposal", proposal}, {"lease", claims[0]["lease"]}, {"fence", claims[0]["fence"]}};
    }
    std::string offer() { return wait_for_offers(person_).front(); }
    std::string state(const std::string& proposal) {
        return states_stored(daemon_.store())[proposal];
    }
    void wait_for(const std::string& proposal, const std::string& wanted) {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (state(proposal) != wanted) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(proposal + " did not become " + wanted);
            }
        }
    }
    /// Sends one message of the outbox twice; the answers must be equal.
    Answered deliver(const std::string& kind, Json body, const Json& more) {
        body.update(more);
        body["cmd_id"] = make_ulid();
        const Answered first = robot_.ask(kind, body);
        const Answered second = robot_.ask(kind, body);
        CHECK(first.error() == second.error());
        if (first.ok()) {
            CHECK(first.body == second.body);
        }
        return first;
    }
    void settle(const std::string& proposal, const char* way) {
        person_.ok("RESOLVE_UNKNOWN",
                   {{"cmd_id", make_ulid()},
                    {"proposal", proposal},
                    {"way", way},
                    {"reason", "nobody came back"}});
    }
    int count(const std::string& kind, const std::string& proposal) {
        int found = 0;
        for (const auto& event : read_history(daemon_.store())) {
            found += event.kind == kind && event.proposal == proposal ? 1 : 0;
        }
        return found;
    }
    RawClient& robot() { return robot_; }
    RawClient& person() { return person_; }
    RealDaemon& daemon() { return daemon_; }

  private:
    RealDaemon daemon_;
    zmq::context_t context_;
    RawClient robot_, person_;
};

const Json kMade{{"outcome", {{"kind", "mass_confirmed"}}}};
const Json kStage{{"stage", "crystals"}};

}  // namespace

TEST_CASE("an outbox that arrives a day later is taken where its attempt is still open",
          "[outbox]") {
    Lab lab;
    const std::string proposal = lab.offer();
    const Json proof = lab.claim(lab.robot(), proposal, "robot");
    REQUIRE(lab.deliver("START", proof, Json::object()).ok());
    lab.wait_for(proposal, "UNKNOWN");
    SECTION("progress brings the worker back, and its result counts") {
        CHECK(lab.deliver("PROGRESS", proof, kStage).ok());
        CHECK(lab.count("WORKER_RETURNED", proposal) == 1);
    }
    SECTION("a result alone counts as well") {}
    const Answered result = lab.deliver("RESULT", proof, kMade);
    REQUIRE(result.ok());
    CHECK(result.body["held"] == false);
    lab.wait_for(proposal, "LABELLED");
    CHECK(lab.count("STARTED", proposal) == 1);
    CHECK(lab.count("RESULT_RECEIVED", proposal) == 1);
    CHECK(breach_of_history(lab.daemon().store()) == "");
}

TEST_CASE("an outbox that arrives after a person decided is held, never lost, never a label",
          "[outbox]") {
    Lab lab;
    const std::string proposal = lab.offer();
    const Json proof = lab.claim(lab.robot(), proposal, "robot");
    std::string state;
    SECTION("the attempt was given up") {
        REQUIRE(lab.deliver("START", proof, Json::object()).ok());
        lab.wait_for(proposal, "UNKNOWN");
        lab.settle(proposal, "failed");
        state = "FAILED";
    }
    SECTION("another attempt is under way") {
        REQUIRE(lab.deliver("START", proof, Json::object()).ok());
        lab.wait_for(proposal, "UNKNOWN");
        lab.settle(proposal, "reoffer");
        Json start = lab.claim(lab.person(), proposal, "person");
        start["cmd_id"] = make_ulid();
        lab.person().ok("START", start);
        state = "STARTED";
    }
    SECTION("the claim ran out before it was started, and somebody else has it") {
        lab.wait_for(proposal, "OFFERED");
        lab.claim(lab.person(), proposal, "person");
        CHECK(lab.deliver("START", proof, Json::object()).error() == "STALE_LEASE");
        state = "CLAIMED";
    }
    CHECK(lab.deliver("PROGRESS", proof, kStage).error() == "STALE_LEASE");
    const Answered result = lab.deliver("RESULT", proof, kMade);
    REQUIRE(result.ok());
    CHECK(result.body["held"] == true);
    CHECK(lab.count("RESULT_HELD", proposal) == 1);
    CHECK(lab.count("VERDICT", proposal) == 0);
    CHECK(lab.state(proposal) == state);
    CHECK(breach_of_history(lab.daemon().store()) == "");
}
