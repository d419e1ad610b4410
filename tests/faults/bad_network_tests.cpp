// T3: commands and replies lost, repeated, reordered, delayed and cut off between robots and the
// daemon. T4: the same between the daemon and a subscriber, its tail lost, its line stalled.
#include <mutex>
#include <random>

#include <cupel/client/subscriber.hpp>

#include "catch.hpp"
#include "faulty_proxy.hpp"
#include "history.hpp"
#include "long_run.hpp"
#include "real_daemon.hpp"
#include "robot.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

namespace {

/// Draws what becomes of each message; the same for the same seed and traffic.
class Weather {
  public:
    /// Of a thousand messages so many are lost, come twice, late, slowly, and are cut off.
    struct Thousandths {
        int drop = 0, twice = 0, late = 0, slow = 0, cut = 0;
    };
    Weather(std::uint32_t seed, Thousandths of) : random_(seed), of_(of) {}

    Fault draw() {
        int luck = static_cast<int>(random_() % 1000);
        const auto struck = [&luck](int share) { return (luck -= share) < 0; };
        if (struck(of_.drop)) {
            return {Fault::Kind::Drop};
        }
        if (struck(of_.twice)) {
            return {Fault::Kind::Twice};
        }
        if (struck(of_.late)) {
            return {Fault::Kind::Late, 20ms};
        }
        if (struck(of_.slow)) {
            return {Fault::Kind::Slow, 10ms};
        }
        if (struck(of_.cut)) {
            return {Fault::Kind::Cut};
        }
        return {};
    }

  private:
    std::mt19937 random_;
    Thousandths of_;
};

DaemonSetup campaign_of(int budget) {
    DaemonSetup setup;
    setup.campaigns += "budget = " + std::to_string(budget) + "\n";
    setup.candidates = 3 * budget;
    return setup;
}

int starts_in(const std::vector<Event>& events) {
    return static_cast<int>(std::count_if(
        events.begin(), events.end(), [](const Event& event) { return event.kind == "STARTED"; }));
}

constexpr std::chrono::minutes kHearing{4};  ///< far beyond what anything here takes

/// Its commands go past the bad line. It waits for their answers as long as a busy machine takes: a
/// page that comes too late is asked for anew, again and again.
client::SubscriberOptions listener_of(const RealDaemon& daemon, const std::string& events) {
    client::SubscriberOptions options;
    options.client.control = daemon.control;
    options.client.name = "listener";
    options.client.patience = 60s;
    options.events = events;
    options.campaigns = {"c"};
    options.from_first = true;
    options.jitter = 0ms;
    return options;
}

/// Appends the ids of the events as they come, up to the first of this kind.
void hear_until(client::Subscriber& subscriber,
                const std::string& kind,
                std::vector<std::string>& ids) {
    const auto deadline = std::chrono::steady_clock::now() + kHearing;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto heard = subscriber.next(1s);
        if (heard && heard->snapshot_json.empty()) {
            ids.push_back(heard->event.id);
            if (heard->event.kind == kind) {
                return;
            }
        }
    }
    throw std::runtime_error("only " + std::to_string(ids.size()) + " events were heard, and no " +
                             kind);
}

/// The id of the first event.
std::string first_of(client::Subscriber& subscriber) {
    const auto heard = subscriber.next(kHearing);
    if (!heard) {
        throw std::runtime_error("the subscriber heard nothing");
    }
    return heard->event.id;
}

/// Of the history up to the first event of this kind: a daemon that trains may go on after it.
std::vector<std::string> ids_until(const std::string& kind, const std::vector<Event>& events) {
    std::vector<std::string> ids;
    for (const auto& event : events) {
        ids.push_back(event.id);
        if (event.kind == kind) {
            break;
        }
    }
    return ids;
}

}  // namespace

TEST_CASE("robots behind a line that loses, repeats, reorders, delays and cuts start nothing twice",
          "[network]") {
    const int budget = long_run() ? 400 : 16;
    constexpr std::uint32_t kSeed = 20261125;
    INFO("seed " << kSeed);
    RealDaemon daemon(campaign_of(budget));
    daemon.start();
    Weather weather(kSeed, {30, 80, 80, 40, 10});
    FaultyProxy proxy(daemon.control, [&](Way, const Texts&) { return weather.draw(); });
    Robot first(proxy.endpoint(), "robot-1", 100ms);
    Robot second(proxy.endpoint(), "robot-2", 100ms);
    CHECK(first.joined() == "");
    CHECK(second.joined() == "");
    CHECK(proxy.faults() > budget);
    WARN(proxy.faults() << " faults in " << budget << " experiments");
    REQUIRE(daemon.stop() == 0);
    CHECK(breach_of_history(daemon.store()) == "");
    const auto history = read_history(daemon.store());
    CHECK(starts_in(history) == budget);
    CHECK(states_told(history) == states_stored(daemon.store()));
}

TEST_CASE("a subscriber behind a bad line hears every event once and in order, the tail as well",
          "[network]") {
    const int budget = long_run() ? 400 : 16;
    constexpr std::uint32_t kSeed = 4;
    INFO("seed " << kSeed);
    RealDaemon daemon(campaign_of(budget));
    daemon.start();
    Weather weather(kSeed, {100, 50, 100, 20, 3});
    std::atomic<bool> tail_lost{false};
    int passed = 0;
    FaultyProxy proxy(daemon.events, [&](Way way, const Texts& frames) -> Fault {
        if (way == Way::ToServer || frames.front().rfind("h/", 0) == 0) {
            return {};
        }
        // Of an experiment's seven events or so: before the end the weather is fair, or the line
        // might be cut as the tail passes.
        const bool fair = ++passed > 5 * budget;
        // The end of the history never arrives by itself.
        tail_lost = tail_lost || frames.front() == "c/c/CAMPAIGN_FINISHED";
        if (tail_lost) {
            return {Fault::Kind::Drop};
        }
        return fair ? Fault{} : weather.draw();
    });
    client::Subscriber subscriber(listener_of(daemon, proxy.endpoint()));
    std::vector<std::string> heard{first_of(subscriber)};  // connected before the work begins
    Robot robot(daemon.control, "robot-1", 1s);
    hear_until(subscriber, "CAMPAIGN_FINISHED", heard);  // meanwhile: it mends its line in next()
    CHECK(robot.joined() == "");
    const auto history = read_history(daemon.store());
    CHECK(heard == ids_until("CAMPAIGN_FINISHED", history));
    CHECK(tail_lost);
    CHECK(subscriber.counts().replays > 0);
    WARN(proxy.faults() << " faults, " << subscriber.counts().replays << " catch-ups in "
                        << history.size() << " events");
}

TEST_CASE("a subscriber that stalls until its queue overflows is the same as the rest afterwards",
          "[network]") {
    const int events = long_run() ? 20'000 : 4'000;
    RealDaemon daemon(campaign_of(20));
    daemon.start();
    std::atomic<int> passed{0};
    FaultyProxy proxy(
        daemon.events,
        [&](Way way, const Texts& frames) -> Fault {
            passed += way == Way::ToClient && frames.front() == "c/c/PROGRESS" ? 1 : 0;
            return {};
        },
        true);
    client::Subscriber subscriber(listener_of(daemon, proxy.endpoint()));
    std::vector<std::string> heard{first_of(subscriber)};
    const auto replays = subscriber.counts().replays;
    proxy.stall(true);

    zmq::context_t context;
    RawClient robot = daemon.connect(context, "robot");
    const std::string proposal = wait_for_offers(robot).front();
    const Json claim =
        robot.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {proposal}}})["claims"][0];
    Json body{{"proposal", proposal}, {"lease", claim["lease"]}, {"fence", claim["fence"]}};
    body["cmd_id"] = make_ulid();
    robot.ok("START", body);
    // A megabyte for every 500: more than the kernel and the queue of the socket hold.
    body["stage"] = "stirring";
    body["note"] = std::string(2000, 'x');
    constexpr int kWindow = 256;
    for (int sent = 0, answered = 0; answered < events; ++answered) {
        for (; sent < events && sent - answered < kWindow; ++sent) {
            body["cmd_id"] = make_ulid();
            robot.send_command("PROGRESS", body);
        }
        REQUIRE(robot.receive().ok());
    }
    // Nobody else was held up. Now the line is free again, and a last event says when to stop.
    proxy.stall(false);
    robot.ok("CAMPAIGN_PAUSE", {{"cmd_id", make_ulid()}, {"campaign", "c"}});
    hear_until(subscriber, "CAMPAIGN_PAUSED", heard);
    CHECK(heard.size() > static_cast<std::size_t>(events));
    CHECK(heard == ids_until("CAMPAIGN_PAUSED", read_history(daemon.store())));
    CHECK(passed < events);  // the rest had no room in the queue
    CHECK(subscriber.counts().replays > replays);
}
