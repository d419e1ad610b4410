// T11: a backup taken beside a running daemon, work that goes on, the old backup restored.
//
// The daemon is killed, `cupel restore` puts the backup in its place, and everybody who was there
// before is still there: a subscriber that knew the old epoch, a robot whose work the backup knows,
// and one whose work it does not.
#include <map>
#include <set>

#include <cupel/client/subscriber.hpp>
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "history.hpp"
#include "real_daemon.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// The real `cupel`: its output; throws unless it ends with 0.
Json run_cupel(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), (bin_dir() / "cupel").string());
    arguments.push_back("--json");
    ChildProcess child(arguments);
    std::string output;
    if (child.finish(output) != 0) {
        throw std::runtime_error(output);
    }
    return Json::parse(output);
}

struct Work {
    std::string proposal;
    Json proof;  ///< lease and fence
};

Json with(Json body, const Work& work) {
    body["cmd_id"] = make_ulid();
    body["proposal"] = work.proposal;
    body.update(work.proof);
    return body;
}

Work start_one(RawClient& client, const std::string& id) {
    const Json claim =
        client.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {id}}})["claims"][0];
    Work work{id, {{"lease", claim["lease"]}, {"fence", claim["fence"]}}};
    client.ok("START", with(Json::object(), work));
    return work;
}

std::string state_of(RawClient& client, const std::string& id) {
    const Json snapshot = client.ok("SNAPSHOT");
    for (const auto& proposal : snapshot["campaigns"][0]["proposals"]) {
        if (proposal["proposal"] == id) {
            return proposal["state"];
        }
    }
    return "none";
}

std::string key_of(RawClient& client, const std::string& id) {
    const Json snapshot = client.ok("SNAPSHOT");
    for (const auto& proposal : snapshot["campaigns"][0]["proposals"]) {
        if (proposal["proposal"] == id) {
            return proposal["candidate"]["key"];
        }
    }
    return "none";
}

/// Identity keys of the candidates that have been given to a worker, by the proposals' states.
std::set<std::string> begun(RawClient& client) {
    const Json snapshot = client.ok("SNAPSHOT");
    std::set<std::string> keys;
    for (const auto& proposal : snapshot["campaigns"][0]["proposals"]) {
        if (proposal["state"] != "OFFERED") {
            keys.insert(proposal["candidate"]["key"].get<std::string>());
        }
    }
    return keys;
}

/// Hears until `enough` says so; the last snapshot's epoch.
template <typename Enough>
std::string hear_until(client::Subscriber& subscriber, Enough enough) {
    std::string epoch;
    const auto deadline = std::chrono::steady_clock::now() + 2 * kPatience;
    while (!enough()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the subscriber does not catch up");
        }
        if (const auto heard = subscriber.next(std::chrono::milliseconds(200))) {
            epoch = heard->epoch;
        }
    }
    return epoch;
}

/// Times each (proposal, attempt) was started, over both stores.
std::map<std::pair<std::string, int>, int> starts(const std::filesystem::path& before,
                                                  const std::filesystem::path& after) {
    std::map<std::pair<std::string, int>, int> count;
    std::set<std::string> seen;
    for (const auto& store : {before, after}) {
        for (const auto& event : read_history(store)) {
            if (event.kind == "STARTED" && seen.insert(event.id).second) {
                ++count[{event.proposal, Json::parse(event.body_json)["attempt"].get<int>()}];
            }
        }
    }
    return count;
}

}  // namespace

TEST_CASE("an old backup restored starts nothing twice, and clients resync by its epoch",
          "[restore]") {
    DaemonSetup setup;
    setup.campaigns += "open_offers = 4\n";
    RealDaemon daemon(setup);
    daemon.start();
    zmq::context_t context;
    const std::string config = (daemon.dir() / "cupeld.toml").string();
    const std::string backup = (daemon.dir() / "monday.db").string();
    client::SubscriberOptions options;
    options.client.control = daemon.control;
    options.client.name = "listener";
    options.events = daemon.events;
    options.heartbeat = std::chrono::milliseconds(200);
    client::Subscriber subscriber(options);

    RawClient robot = daemon.connect(context, "robot");
    const auto ids = wait_for_offers(robot, 3);
    const Work known = start_one(robot, ids[0]);
    const Json copied = run_cupel({"backup", backup, "--config", config});
    CHECK(copied["missing"].empty());
    const Work unknown = start_one(robot, ids[1]);
    start_one(robot, ids[2]);
    // The next ones are proposed after the backup, which knows nothing of them.
    std::vector<std::string> later = wait_for_offers(robot, 2);
    for (const auto& id : later) {
        start_one(robot, id);
    }
    const std::set<std::string> started = begun(robot);
    const std::string old_epoch =
        hear_until(subscriber, [&] { return subscriber.counts().snapshots > 0; });

    daemon.process().kill();
    const Json restored = run_cupel({"restore", backup, "--config", config});
    REQUIRE(restored["started_since"].size() == 2 + later.size());
    CHECK(restored["started_since"][0]["proposal"] == ids[1]);
    later.insert(later.end(), ids.begin(), ids.end());
    daemon.start();

    RawClient again = daemon.connect(context, "robot");
    const Json hello = again.ok("HELLO", {{"client", "robot"}});
    CHECK(hello["epoch"] != old_epoch);
    CHECK(hello["campaigns"][0]["state"] == "RESTORED");
    CHECK(again.ok("LIST_OFFERS")["offers"].empty());
    for (const auto& id : later) {
        CHECK(state_of(again, id) == "UNKNOWN");
        CHECK(again.ask("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {id}}}).error() ==
              "NOT_OFFERED");
    }
    CHECK(hear_until(subscriber, [&] { return subscriber.counts().epochs > 0; }) ==
          hello["epoch"].get<std::string>());

    // What the backup knows of goes on under its lease; the other result is kept for a person.
    again.ok("PROGRESS", with({{"stage", "still cooking"}}, known));
    CHECK(state_of(again, known.proposal) == "STARTED");
    CHECK(again.ask("RENEW", unknown.proof).error() == "STALE_LEASE");
    const Json held = again.ok("RESULT", with({{"outcome", "no_reaction"}}, unknown));
    CHECK(held["held"] == true);
    again.ok("ACCEPT_HELD", {{"cmd_id", make_ulid()}, {"result", held["result"]}});
    CHECK(state_of(again, unknown.proposal) == "LABELLED");
    for (const auto& id : later) {
        if (state_of(again, id) == "UNKNOWN") {
            again.ok("RESOLVE_UNKNOWN",
                     {{"cmd_id", make_ulid()}, {"proposal", id}, {"way", "failed"}});
        }
    }
    CHECK(again.ok("STATUS")["campaigns"][0]["state"] == "RUNNING");
    // Under whatever id: what a worker had before the restore is offered to nobody.
    for (const auto& id : wait_for_offers(again)) {
        CHECK(started.count(key_of(again, id)) == 0);
        start_one(again, id);
    }
    CHECK(daemon.stop() == 0);
    CHECK(breach_of_history(daemon.store()) == "");
    for (const auto& [attempt, times] :
         starts(restored["kept"].get<std::string>(), daemon.store())) {
        INFO(attempt.first);
        CHECK(times == 1);
    }
}
