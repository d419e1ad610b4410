// Who is behind, since when, and who has gone: in STATUS, in the figures and as an alarm.
#include "catch.hpp"
#include "http/status_metrics.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::controller;
using namespace cupel::test;
using namespace std::chrono_literals;

namespace {

/// A bench whose clients tell how far they are. No history here is long: who is far behind has
/// heard nothing of a time before it.
class Lagging : public Bench {
  public:
    void tell(const std::string& client, std::int64_t behind, const std::string& campaign = "c") {
        ok(Ping{{{campaign, head() - behind}}}, "PING", client);
    }
    std::int64_t head() { return campaign()["seq"].get<std::int64_t>(); }
    Json told_of(const std::string& client) {
        const Json status = ok(Status{}, "STATUS");
        for (const auto& each : status["clients"]) {
            if (each["client"] == client) {
                return each;
            }
        }
        return nullptr;
    }
    double figure(const std::string& name) {
        Json status = ok(Status{}, "STATUS");
        status["bus"] = Json::object();
        for (const auto& family : status_metrics("0", status.dump())) {
            if (family.name == name) {
                return family.metric.at(0).gauge.value;
            }
        }
        throw std::runtime_error("no " + name);
    }
    int alarms() const { return count("ALARM"); }
};

}  // namespace

TEST_CASE("a subscriber that has gone is no lag of those that are here", "[ledger]") {
    Lagging bench;
    bench.tell("gone", 2000);
    bench.tell("here", 3);
    CHECK(bench.figure("cupel_subscriber_lag_events_max") == 2000 + bench.alarms());
    CHECK(bench.figure("cupel_subscribers") == 2);
    bench.clock.advance(20s);  // four heartbeats
    bench.tell("here", 3);
    CHECK_FALSE(bench.told_of("gone")["subscriber_silent"].get<bool>());
    bench.clock.advance(1s);
    CHECK(bench.told_of("gone")["subscriber_silent"].get<bool>());
    CHECK(bench.told_of("gone")["subscriber_lag"] == 2000 + bench.alarms());
    CHECK_FALSE(bench.told_of("here")["subscriber_silent"].get<bool>());
    CHECK(bench.figure("cupel_subscriber_lag_events_max") == 3);
    CHECK(bench.figure("cupel_subscribers") == 1);
    bench.tell("gone", 500);
    CHECK_FALSE(bench.told_of("gone")["subscriber_silent"].get<bool>());
    CHECK(bench.figure("cupel_subscriber_lag_events_max") == 500);
}

TEST_CASE("who never told how far it is is no silent subscriber", "[ledger]") {
    Lagging bench;
    bench.ok(Hello{"robot", "", "", std::nullopt}, "HELLO");
    bench.clock.advance(1h);
    CHECK_FALSE(bench.told_of("robot")["subscriber"].get<bool>());
    CHECK_FALSE(bench.told_of("robot")["subscriber_silent"].get<bool>());
}

TEST_CASE("a second lag is told as the first was, once it had caught up", "[ledger]") {
    Lagging bench;
    bench.tell("slow", 1500);
    bench.tell("slow", 1001);  // it reads on
    CHECK(bench.alarms() == 0);
    bench.tell("slow", 1100);
    CHECK(bench.alarms() == 1);
    bench.tell("slow", 900);
    bench.tell("slow", 1200);  // the same lag still
    CHECK(bench.alarms() == 1);
    bench.tell("slow", 0);
    bench.tell("slow", 1300);  // a person has the alarm before them
    CHECK(bench.alarms() == 1);
    const Json alarms = bench.ok(Status{}, "STATUS")["alarms"];
    bench.ok(AckAlarm{make_ulid(), alarms[0]["alarm"], "restarted"}, "ACK_ALARM");
    bench.tell("slow", 0);
    bench.tell("slow", 1300);
    CHECK(bench.alarms() == 2);
}

TEST_CASE("a campaign that a subscriber no longer follows is no lag of it", "[ledger]") {
    Lagging bench;
    const std::string pool = (bench.dir() / "pool.jsonl").string();
    bench.ok(CampaignNew{make_ulid(), "d", Json{{"pool", pool}}.dump()}, "CAMPAIGN_NEW");
    bench.tell("person", 700, "d");
    bench.clock.advance(21s);
    bench.tell("person", 2);
    CHECK_FALSE(bench.told_of("person")["subscriber_silent"].get<bool>());
    CHECK(bench.told_of("person")["subscriber_lag"] == 2);
}

TEST_CASE("made-up campaigns are not kept for whoever names them", "[ledger]") {
    Lagging bench;
    bench.tell("joker", 5000, "nowhere");
    CHECK_FALSE(bench.told_of("joker")["subscriber"].get<bool>());
    CHECK(bench.told_of("joker")["subscriber_lag"] == 0);
    CHECK(bench.alarms() == 0);
}
