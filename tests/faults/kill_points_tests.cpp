// T1: SIGKILL at every named point of making a change durable, while commands are on their way.
//
// Two robots work through a small campaign with files, in one frame and in parts. The daemon kills
// itself at the wanted passing of the wanted point, comes back without the wish, and the robots,
// who noticed nothing but silence, go on. Then the history of before must be the beginning of the
// history of after, everything that was answered must still be known, and the proposals in the
// tables must be in the state that their events tell, both before the restart and after.
#include <algorithm>
#include <thread>

#include "catch.hpp"
#include "history.hpp"
#include "ledger/fault_point.hpp"
#include "long_run.hpp"
#include "real_daemon.hpp"
#include "robot.hpp"
#include "skip.hpp"

using namespace cupel;
using namespace cupel::test;
using controller::FaultPoint;

namespace {

constexpr int kBudget = 4;
constexpr std::chrono::milliseconds kPatienceOfRobots{150};
constexpr int kKilled = 128 + SIGKILL;

/// Waits for the end of the process; asks it to stop once the robots have nothing to do.
int wait_for_death(RealDaemon& daemon, const std::vector<std::unique_ptr<Robot>>& robots) {
    for (bool asked = false;;) {
        int status = 0;
        if (daemon.process().ended(status)) {
            return status;
        }
        const bool idle =
            !robots.empty() && std::all_of(robots.begin(), robots.end(), [](const auto& robot) {
                return robot->done();
            });
        if (idle && !asked) {
            daemon.process().send(SIGTERM);
            asked = true;
        }
        std::this_thread::yield();
    }
}

constexpr const char* kNotPassed = "the point was not passed so often";

/// Starts the daemon and its robots; no robots when it dies before it serves.
std::vector<std::unique_ptr<Robot>> start_with_robots(RealDaemon& daemon,
                                                      const RealDaemon::Environment& wish) {
    std::vector<std::unique_ptr<Robot>> robots;
    try {
        daemon.start(wish);
        robots.push_back(std::make_unique<Robot>(daemon.control, "robot-1", kPatienceOfRobots));
        robots.push_back(std::make_unique<Robot>(daemon.control, "robot-2", kPatienceOfRobots));
    } catch (const std::runtime_error&) {
        // Nobody could be served yet.
    }
    return robots;
}

/// The first thing that went wrong; empty when nothing did. `in_flight`: commands without an answer
/// at the moment of death.
std::string kill_at(const std::string& point, int passing, int& in_flight) {
    DaemonSetup setup;
    setup.campaigns += "open_offers = 4\nbudget = " + std::to_string(kBudget) + "\n";
    RealDaemon daemon(setup);
    const RealDaemon::Environment wish{{"CUPEL_KILL_AT", point + ":" + std::to_string(passing)}};
    std::vector<std::unique_ptr<Robot>> robots = start_with_robots(daemon, wish);
    const int status = wait_for_death(daemon, robots);
    std::map<std::string, std::vector<std::string>> answered;
    // Less than none: nobody was there to send one.
    const bool idle =
        std::all_of(robots.begin(), robots.end(), [](const auto& robot) { return robot->done(); });
    in_flight = idle ? -1 : 0;
    for (const auto& robot : robots) {
        in_flight += robot->waiting() ? 1 : 0;
        answered["local:" + robot->name()] = robot->answered();
    }
    if (status != kKilled) {
        daemon.start();  // so that the robots end
        return kNotPassed;
    }

    std::vector<Event> before;
    if (!robots.empty()) {
        before = read_history(daemon.store());
        if (states_told(before) != states_stored(daemon.store())) {
            daemon.start();
            return "after the kill the tables say something else than the history";
        }
        // What was answered is durable, whatever became of the rest.
        controller::Store store(daemon.store(), controller::Store::Mode::Read);
        for (const auto& [client, ids] : answered) {
            for (const auto& id : ids) {
                if (!store.command(client, id)) {
                    daemon.start();
                    return "the answered command " + id + " is not in the store";
                }
            }
        }
    }

    daemon.start();
    zmq::context_t context;
    RawClient person = daemon.connect(context, "person");
    const Json snapshot = person.ok("SNAPSHOT")["campaigns"][0];
    if (robots.empty()) {
        robots.push_back(std::make_unique<Robot>(daemon.control, "robot-1", kPatienceOfRobots));
    }
    for (const auto& robot : robots) {
        if (const std::string failure = robot->joined(); !failure.empty()) {
            return robot->name() + ": " + failure;
        }
    }
    if (const int end = daemon.stop(); end != 0) {
        return "the second daemon ended with " + std::to_string(end);
    }

    const auto after = read_history(daemon.store());
    std::map<std::string, std::string> shown;
    for (const auto& proposal : snapshot["proposals"]) {
        shown[proposal["proposal"]] = proposal["state"];
    }
    if (shown != states_told(after, snapshot["seq"].get<std::int64_t>())) {
        return "after the restart SNAPSHOT says something else than the history";
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (i >= after.size() || after[i].id != before[i].id || after[i].seq != before[i].seq) {
            return "event " + std::to_string(i + 1) + " was lost or renumbered";
        }
    }
    int starts = 0;
    for (const auto& event : after) {
        starts += event.kind == "STARTED" ? 1 : 0;
    }
    if (starts != kBudget) {
        return std::to_string(starts) + " experiments were started instead of " +
               std::to_string(kBudget);
    }
    if (std::filesystem::exists(daemon.dir() / "blobs" / "parts") &&
        !std::filesystem::is_empty(daemon.dir() / "blobs" / "parts")) {
        return "parts of files were left behind";
    }
    return breach_of_history(daemon.store());
}

/// Passings that lie in the middle of a proposal's life.
int middle_of(const char* name) {
    const std::string point(name);
    if (point.rfind("migration", 0) == 0 || point.find("checkpoint") != std::string::npos) {
        return 1;
    }
    if (point.rfind("blob", 0) == 0 || point.rfind("part", 0) == 0) {
        return 2;
    }
    return point == "event_appended" ? 31 : 14;
}

}  // namespace

TEST_CASE("kill -9 at every named point loses, renumbers and starts nothing twice", "[kill]") {
#ifndef CUPEL_FAULT_POINTS
    CUPEL_SKIP("cupeld was built without CUPEL_FAULT_POINTS");
#else
    int kills = 0;
    int serving = 0;
    int with_command_in_flight = 0;
    for (const auto& [point, name] : controller::kFaultPoints) {
        // The long run strikes at every passing of a campaign's life, the short one in its middle.
        const int first = long_run() ? 1 : middle_of(name);
        const int last = long_run() ? 200 : first;
        for (int passing = first; passing <= last; ++passing) {
            INFO(name << ":" << passing);
            int in_flight = 0;
            const std::string problem = kill_at(name, passing, in_flight);
            if (passing > middle_of(name) && problem == kNotPassed) {
                break;
            }
            CHECK(problem == "");
            ++kills;
            serving += in_flight >= 0 ? 1 : 0;
            with_command_in_flight += in_flight > 0 ? 1 : 0;
        }
    }
    CHECK(with_command_in_flight >= serving * 9 / 10);
    WARN(kills << " kills, " << with_command_in_flight << " with a command in flight");
#endif
}
