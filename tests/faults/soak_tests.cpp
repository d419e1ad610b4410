// T9: twenty robots and five people at three campaigns, with everything that goes wrong in a lab,
// for a while; afterwards every invariant holds, and the daemon has not grown.
//
// Time is scaled: the leases of robots are a hundredth of the usual, and the work takes moments.
// CUPEL_LONG_TESTS=1 runs it for thirty minutes, CUPEL_SOAK_SECONDS for as long as it says.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include <cupel/client/client.hpp>
#include <cupel/codec/command_codec.hpp>
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "history.hpp"
#include "long_run.hpp"
#include "process_figures.hpp"
#include "real_daemon.hpp"
#include "skip.hpp"

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

namespace {

constexpr int kRobots = 20;
constexpr int kPeople = 5;
const std::vector<std::string> kCampaigns{"each", "batch", "review"};

std::chrono::seconds soak_time() {
    if (const char* wish = std::getenv("CUPEL_SOAK_SECONDS")) {
        return std::chrono::seconds(std::stoi(wish));
    }
    return long_run() ? 1800s : 15s;
}

DaemonSetup lab() {
    DaemonSetup setup;
    const std::string common =
        "pool = \"pool.jsonl\"\npolicy = \"random\"\nbudget = 1000000\nopen_offers = 16\n"
        "max_unknown = 100\nreoffer_failed = true\n";
    setup.campaigns = "[campaign.each]\n" + common + "seed = 1\n[campaign.batch]\n" + common +
                      "refill = \"batch\"\nseed = 2\n[campaign.review]\n" + common +
                      "review = true\nsupersede = \"withdraw\"\nseed = 3\n";
    setup.tables = "[leases.robot]\nclaim_s = 1.2\nwork_s = 3.0\nwork_cap_s = 3.0\n";
    setup.candidates = long_run() ? 8000 : 1500;
    return setup;
}

/// When to stop, and a wait that ends then.
class Shift {
  public:
    bool over() const { return over_; }
    void end() {
        const std::lock_guard lock(mutex_);
        over_ = true;
        ended_.notify_all();
    }
    /// True when the shift goes on after `time`.
    bool work_for(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return !ended_.wait_for(lock, time, [this] { return over_.load(); });
    }

  private:
    std::atomic<bool> over_{false};
    std::mutex mutex_;
    std::condition_variable ended_;
};

/// One client with its thread; what must not happen ends it and is kept.
class Hand {
  public:
    Hand(const RealDaemon& daemon, std::string name, std::uint32_t seed, Shift& shift)
        : shift_(shift), random_(seed) {
        options_.control = daemon.control;
        options_.name = std::move(name);
        options_.patience = 20s;
    }
    virtual ~Hand() = default;
    void start() {
        client_ = std::make_unique<client::Client>(options_);
        thread_ = std::thread([this] {
            try {
                while (!shift_.over()) {
                    turn();
                }
            } catch (const std::exception& error) {
                const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - asked_);
                failure_ = options_.name + ": " + error.what() + " (" + kind_ + ", command " +
                           std::to_string(commands_) + ", asked " + std::to_string(waited.count()) +
                           " ms before)";
            }
        });
    }
    std::string joined() {
        thread_.join();
        return failure_;
    }
    long commands() const { return commands_; }

  protected:
    virtual void turn() = 0;
    /// Nothing when it was refused: by then somebody was faster, or the lease was over.
    std::optional<Json> ask(const CommandBody& body) {
        ++commands_;
        kind_ = codec::encode(body).kind;
        asked_ = std::chrono::steady_clock::now();
        try {
            return Json::parse(client_->ask(body).result_json);
        } catch (const client::Refused& refused) {
            static const std::set<std::string> kLife{"NOT_OFFERED",
                                                     "STALE_LEASE",
                                                     "ILLEGAL_STATE",
                                                     "ALREADY_STARTED",
                                                     "TOO_MANY_CLAIMS"};
            if (kLife.count(refused.code()) == 0) {
                throw;
            }
            return std::nullopt;
        }
    }
    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
    std::string some_campaign() {
        return kCampaigns[static_cast<std::size_t>(below(static_cast<int>(kCampaigns.size())))];
    }
    std::chrono::milliseconds a_while() {
        return std::chrono::milliseconds(long_run() ? 500 + below(3000) : 20 + below(300));
    }
    Outcome some_outcome() {
        static const std::vector<OutcomeKind> kKinds{OutcomeKind::Confirmed,
                                                     OutcomeKind::MassConfirmed,
                                                     OutcomeKind::NoReaction,
                                                     OutcomeKind::Amorphous,
                                                     OutcomeKind::Decomposed,
                                                     OutcomeKind::CrystalsUnsolved,
                                                     OutcomeKind::ExecutionFailed,
                                                     OutcomeKind::Abandoned};
        Outcome outcome;
        outcome.kind = kKinds[static_cast<std::size_t>(below(static_cast<int>(kKinds.size())))];
        return outcome;
    }
    /// The proposals of a campaign that are in one of the states.
    std::vector<std::string> in_state(const std::string& campaign, const std::string& state) {
        std::vector<std::string> ids;
        const auto snapshot = ask(Snapshot{campaign});
        for (const auto& proposal : snapshot.value()["campaigns"][0]["proposals"]) {
            if (proposal["state"] == state) {
                ids.push_back(proposal["proposal"]);
            }
        }
        return ids;
    }

    Shift& shift_;

  private:
    client::ClientOptions options_;
    std::mt19937 random_;
    std::unique_ptr<client::Client> client_;
    std::string failure_;
    std::string kind_;  ///< of the last command
    std::chrono::steady_clock::time_point asked_;
    std::atomic<long> commands_{0};
    std::thread thread_;
};

class SoakRobot final : public Hand {
  public:
    using Hand::Hand;

  private:
    void turn() override {
        const Json offers = ask(ListOffers{some_campaign(), {}, 4}).value()["offers"];
        if (offers.empty()) {
            shift_.work_for(50ms);
            return;
        }
        const std::string id =
            offers[static_cast<std::size_t>(below(static_cast<int>(offers.size())))]["proposal"];
        if (below(20) == 0) {
            ask(Decline{make_ulid(), id, std::nullopt, "no copper"});
            return;
        }
        const auto claimed = ask(Claim{make_ulid(), {id}, LeaseClass::Robot});
        if (!claimed) {
            return;
        }
        const Json claim = (*claimed)["claims"][0];
        const LeaseProof proof{claim["lease"], claim["fence"]};
        if (below(20) == 0) {
            if (below(2) == 0) {
                ask(Release{make_ulid(), id, proof, "not today"});
            }
            return;  // or it forgets, and the claim runs out
        }
        if (!ask(Start{make_ulid(), id, proof, std::nullopt})) {
            return;
        }
        for (int steps = 1 + below(3); steps > 0; --steps) {
            if (!shift_.work_for(a_while())) {
                return;
            }
            below(2) == 0 ? ask(Renew{proof, {}})
                          : ask(Progress{make_ulid(), id, proof, "stirring", "pale", std::nullopt});
        }
        if (below(30) == 0) {
            return;  // lost: UNKNOWN in a while
        }
        Result result;
        result.cmd_id = make_ulid();
        result.proposal = id;
        result.proof = proof;
        result.outcome = some_outcome();
        result.consumed = below(2) == 0;
        ask(result);
    }
};

class SoakPerson final : public Hand {
  public:
    using Hand::Hand;

  private:
    void turn() override {
        const std::string campaign = some_campaign();
        ask(Status{});
        for (const auto& id : in_state(campaign, "IN_REVIEW")) {
            below(8) == 0 ? ask(Reject{make_ulid(), id, "no"}) : ask(Approve{make_ulid(), id, ""});
        }
        for (const auto& id : in_state(campaign, "UNKNOWN")) {
            using Way = ResolveUnknown::Way;
            ResolveUnknown settle{make_ulid(), id, "looked", Way::Failed, std::nullopt};
            settle.way = below(2) == 0 ? Way::Reoffer : Way::Failed;
            ask(settle);
        }
        for (const auto& id : in_state(campaign, "LABELLED")) {
            if (below(200) == 0) {
                ask(Overrule{make_ulid(), id, some_outcome(), "seen again"});
            }
        }
        for (const auto& id : in_state(campaign, "STARTED")) {
            if (below(100) == 0) {
                ask(Cancel{make_ulid(), id, "enough"});
            }
        }
        shift_.work_for(std::chrono::milliseconds(long_run() ? 2000 : 300));
    }
};

struct Sample {
    long kib = 0, files = 0, proposals = 0;
};

}  // namespace

TEST_CASE("twenty robots and five people at three campaigns leave the daemon as it was", "[soak]") {
#ifdef __SANITIZE_THREAD__
    CUPEL_SKIP("its bounds of memory and work are not those of the thread sanitizer");
#endif
    RealDaemon daemon(lab());
    daemon.start();
    Shift shift;
    std::vector<std::unique_ptr<Hand>> hands;
    for (int n = 0; n < kRobots; ++n) {
        hands.push_back(std::make_unique<SoakRobot>(
            daemon, "robot-" + std::to_string(n), static_cast<std::uint32_t>(n), shift));
    }
    for (int n = 0; n < kPeople; ++n) {
        hands.push_back(std::make_unique<SoakPerson>(
            daemon, "person-" + std::to_string(n), static_cast<std::uint32_t>(100 + n), shift));
    }
    for (auto& hand : hands) {
        hand->start();
    }
    std::vector<Sample> samples;
    constexpr int kSamples = 20;
    for (int n = 0; n < kSamples; ++n) {
        shift.work_for(std::chrono::duration_cast<std::chrono::milliseconds>(soak_time()) /
                       kSamples);
        const int pid = daemon.process().pid();
        samples.push_back({resident_kib(pid),
                           open_files(pid),
                           static_cast<long>(states_stored(daemon.store()).size())});
    }
    shift.end();
    long commands = 0;
    for (auto& hand : hands) {
        CHECK(hand->joined() == "");
        commands += hand->commands();
    }
    REQUIRE(daemon.stop() == 0);

    // After a fifth everything has its place; what a campaign learns and keeps is the rest.
    const Sample& early = samples[kSamples / 5];
    const Sample& late = samples.back();
    constexpr long kKibOfProposal = 16;
    constexpr long kSlackKib = 24 << 10;
    CHECK(late.kib - early.kib < kSlackKib + kKibOfProposal * (late.proposals - early.proposals));
    CHECK(late.files <= early.files + 8);

    std::size_t events = 0;
    int starts = 0;
    for (const auto& campaign : kCampaigns) {
        CHECK(breach_of_history(daemon.store(), campaign) == "");
        const auto history = read_history(daemon.store(), campaign);
        events += history.size();
        for (const auto& event : history) {
            starts += event.kind == "STARTED" ? 1 : 0;
        }
        auto stored = states_stored(daemon.store());
        for (const auto& [id, state] : states_told(history)) {
            CHECK(stored[id] == state);
        }
    }
    CHECK(starts > kRobots);
    WARN(commands << " commands, " << events << " events, " << starts << " experiments in "
                  << soak_time().count() << " s; " << early.kib << " KiB and " << early.files
                  << " open files early, " << late.kib << " KiB and " << late.files << " late, "
                  << late.proposals << " proposals");
}
