// Thousands of random commands: whatever they are, the promises hold after each.
#include <random>

#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// Sends one random command about a random proposal; keeps the leases it was given.
class Walker {
  public:
    Walker(Bench& bench, std::uint32_t seed) : bench_(bench), random_(seed) {}

    void step() {
        refresh();
        const std::string id = proposals_.empty() ? "none" : proposals_[pick(proposals_.size())];
        const LeaseProof proof = leases_.count(id) != 0 ? leases_[id] : LeaseProof{"x", 1};
        switch (pick(14)) {
            case 0:
            case 1:
            case 2: {
                const Reply reply =
                    bench_.send(Claim{make_ulid(), {id}, LeaseClass::Robot}, "CLAIM");
                if (!reply.error) {
                    const Json claim = Json::parse(reply.result_json)["claims"][0];
                    leases_[id] = {claim["lease"], claim["fence"]};
                }
                break;
            }
            case 3:
            case 4:
                bench_.send(Start{make_ulid(), id, proof, {}}, "START");
                break;
            case 5:
                bench_.send(Progress{make_ulid(), id, proof, "s", {}, {}}, "PROGRESS");
                break;
            case 6:
                bench_.send(Release{make_ulid(), id, proof, ""}, "RELEASE");
                break;
            case 7:
                bench_.send(Cancel{make_ulid(), id, ""}, "CANCEL");
                break;
            case 8:
                bench_.send(CancelAck{make_ulid(), id, proof, pick(2) == 0}, "CANCEL_ACK");
                break;
            case 9:
            case 10: {
                Result result = bench_.result({id, proof}, static_cast<OutcomeKind>(pick(10)));
                result.consumed = pick(2) == 0;
                bench_.send(result, "RESULT");
                break;
            }
            case 11:
                bench_.send(ResolveUnknown{make_ulid(), id, "", ResolveUnknown::Way::Reoffer, {}},
                            "RESOLVE_UNKNOWN");
                break;
            case 12:
                bench_.clock.advance(std::chrono::minutes(pick(20)));
                break;
            case 13:
                if (pick(8) == 0) {
                    bench_.reopen();
                }
                break;
        }
    }

  private:
    std::size_t pick(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
    }
    void refresh() {
        for (; seen_ < bench_.events.size(); ++seen_) {
            if (bench_.events[seen_].kind == "PROPOSED") {
                proposals_.push_back(bench_.events[seen_].proposal);
            }
        }
    }
    Bench& bench_;
    std::mt19937 random_;
    std::size_t seen_ = 0;
    std::vector<std::string> proposals_;
    std::map<std::string, LeaseProof> leases_;
};

/// The promises, read from the events alone.
void check_history(const std::vector<Event>& events) {
    std::map<std::string, int> started;  // proposal -> attempt that was started
    std::map<std::string, std::string> keys;
    for (const auto& event : events) {
        const Json body = Json::parse(event.body_json);
        if (event.kind == "STARTED") {
            const int attempt = body["attempt"];
            INFO(event.proposal << " attempt " << attempt);
            CHECK(started[event.proposal] < attempt);
            started[event.proposal] = attempt;
        }
        if (event.kind == "PROPOSED") {
            const std::string key = body["offer"]["candidate"]["key"];
            CHECK(keys.emplace(key, event.proposal).second);
        }
    }
}

}  // namespace

TEST_CASE("random commands never break the promises", "[random]") {
    const std::uint32_t seed = GENERATE(1u, 2u, 3u);
    INFO("seed " << seed);
    Bench bench(R"({"open_offers": 6, "budget": 40, "reoffer_failed": true, "max_unknown": 1000})");
    Walker walker(bench, seed);
    for (int i = 0; i < 400; ++i) {
        walker.step();
    }
    check_history(bench.events);
    const auto report = bench.verify();
    for (const auto& problem : report.problems) {
        UNSCOPED_INFO(problem);
    }
    CHECK(report.ok());
    CHECK(report.events == static_cast<std::int64_t>(bench.events.size()));
    const Json before = bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"];
    bench.reopen();
    CHECK(bench.ok(Snapshot{}, "SNAPSHOT")["campaigns"] == before);
}
