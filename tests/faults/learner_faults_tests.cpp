// T13: cupel-learner is killed, runs out of memory, or hangs. The daemon goes on publishing and
// claiming, says so, and proposes again once there is a learner.
#include <cerrno>
#include <csignal>

#include <sys/resource.h>

#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "history.hpp"
#include "real_daemon.hpp"
#include "skip.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

constexpr std::chrono::seconds kLearning{60};  ///< far beyond what the small model takes

/// What the learner frees goes back to the system, and nothing is set aside for its threads: each
/// array of a training has to be asked for.
const RealDaemon::Environment kFrugal{{"MALLOC_ARENA_MAX", "1"},
                                      {"MALLOC_MMAP_THRESHOLD_", "4096"},
                                      {"MALLOC_TRIM_THRESHOLD_", "4096"},
                                      {"MALLOC_TOP_PAD_", "0"}};

/// A daemon whose model learns from the first rows of the starter table.
DaemonSetup small_model(const std::filesystem::path& table) {
    std::ifstream in(source_dir() / "learner/data/clusters.csv");
    std::ofstream out(table);
    std::string line;
    std::getline(in, line);
    out << line << '\n';
    for (int rows = 0; rows < 60 && std::getline(in, line);) {
        if (line.find(",ok,") != std::string::npos) {
            out << line << '\n';
            ++rows;
        }
    }
    DaemonSetup setup;
    setup.learner = "kind = \"model\"\ndevice = \"cpu\"\nepochs = 1\n";
    setup.campaigns =
        "[campaign.c]\npool = \"pool.jsonl\"\nopen_offers = 4\npolicy = \"ucb\"\n"
        "train_every = 2\ndata = \"" +
        table.string() + "\"\n";
    return setup;
}

/// The process id of the daemon's learner; 0 when it has none.
int learner_of(int daemon) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        std::ifstream stat(entry.path() / "stat");
        std::string id, command, state;
        int parent = 0;
        if (stat >> id >> command >> state >> parent && parent == daemon &&
            command.find("cupel-learner") != std::string::npos && state != "Z") {
            return std::stoi(name);
        }
    }
    return 0;
}

class Lab {
  public:
    Lab()
        : daemon_(small_model(table_ / "table.csv")), worker_((daemon_.start(kFrugal), connect())) {
        wait_for_new_offers(1);
    }
    int learner() { return learner_of(daemon_.process().pid()); }
    int wait_for_another_learner(int than) {
        const auto deadline = std::chrono::steady_clock::now() + kLearning;
        while (std::chrono::steady_clock::now() < deadline) {
            if (const int now = learner(); now != 0 && now != than) {
                return now;
            }
        }
        return 0;
    }
    /// One experiment from claim to result, by a client that waits no longer than for a daemon in
    /// good health.
    void make_one() {
        REQUIRE_FALSE(offers_.empty());
        const std::string id = offers_.back();
        offers_.pop_back();
        Json body =
            worker_.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {id}}})["claims"][0];
        body = {{"proposal", id}, {"lease", body["lease"]}, {"fence", body["fence"]}};
        body["cmd_id"] = make_ulid();
        worker_.ok("START", body);
        body["cmd_id"] = make_ulid();
        body["outcome"] = {{"kind", "no_reaction"}};
        CHECK(worker_.ok("RESULT", body)["held"] == false);
    }
    /// Waits until so many are on offer that were not before.
    bool wait_for_new_offers(std::size_t least) {
        const auto deadline = std::chrono::steady_clock::now() + kLearning;
        while (std::chrono::steady_clock::now() < deadline) {
            std::size_t fresh = 0;
            const Json listed = worker_.ok("LIST_OFFERS")["offers"];
            for (const auto& offer : listed) {
                const std::string id = offer["proposal"];
                if (seen_.insert(id).second) {
                    offers_.push_back(id);
                }
                fresh += 1;
            }
            if (fresh >= least && !offers_.empty()) {
                return true;
            }
        }
        return false;
    }
    /// Raised so far; a learner that comes back closes its own.
    std::size_t alarms() { return told_of({"ALARM"}).size(); }
    /// The events of these kinds so far, by kind.
    std::vector<std::string> told_of(const std::set<std::string>& kinds) {
        std::vector<std::string> found;
        std::int64_t from = 1;
        for (;;) {
            const Json page = worker_.ok("REPLAY", {{"campaign", "c"}, {"from", from}});
            for (const auto& event : page["events"]) {
                const std::string kind = event["header"]["kind"];
                if (kinds.count(kind) != 0) {
                    found.push_back(kind);
                }
                from = event["header"]["seq"].get<std::int64_t>() + 1;
            }
            if (page["events"].empty()) {
                return found;
            }
        }
    }
    bool wait_for_alarm(std::size_t more_than) {
        const auto deadline = std::chrono::steady_clock::now() + kLearning;
        while (std::chrono::steady_clock::now() < deadline) {
            if (alarms() > more_than) {
                return true;
            }
        }
        return false;
    }
    std::size_t offers_left() const { return offers_.size(); }
    RealDaemon& daemon() { return daemon_; }

  private:
    RawClient connect() { return daemon_.connect(context_, "robot"); }
    TempDir table_;
    zmq::context_t context_;
    RealDaemon daemon_;
    RawClient worker_;
    std::vector<std::string> offers_;
    std::set<std::string> seen_;
};

}  // namespace

TEST_CASE("the daemon goes on without its learner and proposes again with the next", "[learner]") {
#ifndef CUPEL_HAS_LEARNER
    CUPEL_SKIP("built without the learner");
#else
    Lab lab;
    const int first = lab.learner();
    REQUIRE(first != 0);
    const std::size_t alarms = lab.alarms();
    bool dies = false;
    bool hangs = false;
    SECTION("killed") {
        REQUIRE(::kill(first, SIGKILL) == 0);
        dies = true;
    }
    SECTION("out of memory") {
        // Whatever it asks for from now on it does not get; the results make it train.
        const std::set<std::string> ends{"ALARM", "MODEL_TRAINED"};
        const std::size_t before = lab.told_of(ends).size();
        const rlimit nothing{1 << 20, RLIM_INFINITY};
        REQUIRE(::prlimit(first, RLIMIT_AS, &nothing, nullptr) == 0);
        while (lab.offers_left() > 1) {
            lab.make_one();
        }
        REQUIRE(lab.wait_for_alarm(alarms));
        CHECK(lab.told_of(ends).at(before) == "ALARM");
        const rlimit plenty{RLIM_INFINITY, RLIM_INFINITY};
        ::prlimit(lab.wait_for_another_learner(0), RLIMIT_AS, &plenty, nullptr);
    }
    SECTION("hanging, then back") {
        REQUIRE(::kill(first, SIGSTOP) == 0);
        hangs = true;
    }
    // Claims, starts, results and events need no learner.
    while (lab.offers_left() > 0) {
        lab.make_one();
    }
    if (dies) {
        CHECK(lab.wait_for_alarm(alarms));
        CHECK(lab.wait_for_another_learner(first) != 0);
    }
    if (hangs) {
        CHECK(lab.learner() == first);
        REQUIRE(::kill(first, SIGCONT) == 0);
    }
    CHECK(lab.wait_for_new_offers(1));
    lab.make_one();
    CHECK(lab.daemon().stop() == 0);
    CHECK(breach_of_history(lab.daemon().store()) == "");
#endif
}
