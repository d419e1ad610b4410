// kill -9 of cupeld while robots work: nothing is lost, renumbered or started twice.
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/client/client.hpp>
#include <cupel/client/subscriber.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "child_process.hpp"
#include "ledger/store.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr int kKills = 10;
constexpr int kBudget = 60;
const std::string kCampaign = "c";

/// cupeld on a store in a temporary folder; restarts on the ports it had first.
class Daemon {
  public:
    explicit Daemon(const std::filesystem::path& dir) : dir_(dir) {
        std::ofstream pool(dir_ / "pool.jsonl");
        for (int n = 0; n < 3 * kBudget; ++n) {
            Candidate candidate;
            candidate.core.metals = {{"Ag", n + 2}};
            candidate.ligands = {{Ligand{"[S-]C", "CH3S", -1, {"S"}, "thiolate", 1}, n + 1}};
            pool << codec::encode(candidate) << "\n";
        }
        pool.close();
        start();
    }
    void kill() { process_->kill(); }
    void start() {
        std::ofstream(dir_ / "cupeld.toml")
            << "[store]\npath = \"cupel.db\"\n[bus]\ncontrol = \"" << control << "\"\nevents = \""
            << events << "\"\nheartbeat_s = 1\n[learner]\nkind = \"popularity\"\n[campaign."
            << kCampaign << "]\npool = \"pool.jsonl\"\npolicy = \"random\"\nbudget = " << kBudget
            << "\n";
        process_ = std::make_unique<test::ChildProcess>(std::vector<std::string>{
            (test::bin_dir() / "cupeld").string(), "--config", (dir_ / "cupeld.toml").string()});
        control = endpoint("control ");
        events = endpoint("events ");
    }

    std::string control = "tcp://127.0.0.1:*", events = "tcp://127.0.0.1:*";

  private:
    std::string endpoint(const std::string& word) {
        const std::string line = process_->expect_line(word + "tcp://", 30s);
        return line.substr(line.find("tcp://"));
    }
    std::filesystem::path dir_;
    std::unique_ptr<test::ChildProcess> process_;
};

/// How many commands are on their way at any moment, so that a kill can hit one.
class Traffic {
  public:
    void sent() {
        const std::lock_guard lock(mutex_);
        ++sent_;
        changed_.notify_all();
    }
    void answered() {
        const std::lock_guard lock(mutex_);
        ++answered_;
    }
    /// Waits for one more command than `before` to be sent; false when none came.
    bool wait_for_more(long before) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 60s, [&] { return sent_ > before; });
    }
    long sent_so_far() const {
        const std::lock_guard lock(mutex_);
        return sent_;
    }
    long in_flight() const {
        const std::lock_guard lock(mutex_);
        return sent_ - answered_;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    long sent_ = 0, answered_ = 0;
};

client::ClientOptions options_of(const Daemon& daemon, const std::string& name) {
    client::ClientOptions options;
    options.control = daemon.control;
    options.name = name;
    options.patience = 300ms;
    return options;
}

/// Makes what is on offer until the campaign is finished. Answers that say "someone was faster" are
/// part of the life.
void work(client::ClientOptions options, Traffic& traffic) {
    client::Client client(std::move(options));
    const auto ask = [&](const CommandBody& command) {
        traffic.sent();
        struct Answered {
            Traffic& traffic;
            ~Answered() { traffic.answered(); }
        } answered{traffic};
        return Json::parse(client.ask(command).result_json);
    };
    for (;;) {
        try {
            const Json status = ask(Status{});
            if (status.at("campaigns").at(0).at("state") == "FINISHED") {
                return;
            }
            const Json list = ask(ListOffers{});
            for (const auto& offer : list.at("offers")) {
                const auto id = offer.at("proposal").get<std::string>();
                const Json reply = ask(Claim{make_ulid(), {id}, LeaseClass::Robot});
                const Json& claim = reply.at("claims").at(0);
                const LeaseProof proof{claim.at("lease"), claim.at("fence")};
                ask(Start{make_ulid(), id, proof, std::nullopt});
                ask(Progress{make_ulid(), id, proof, "mixed", std::nullopt, std::nullopt});
                Result result;
                result.cmd_id = make_ulid();
                result.proposal = id;
                result.proof = proof;
                result.outcome = Outcome{};
                result.outcome->kind = OutcomeKind::NoReaction;
                const Json done = ask(result);
                if (done.at("held").get<bool>()) {
                    throw std::runtime_error("a current result was held: " + done.dump());
                }
            }
        } catch (const client::Refused& refused) {
            if (refused.code() != "NOT_OFFERED") {
                throw;
            }
        }
    }
}

/// Everything a subscriber hears from the first event to the end of the campaign.
std::vector<std::string> listen(const Daemon& daemon, client::SubscriberCounts& counts) {
    client::SubscriberOptions options;
    options.client = options_of(daemon, "listener");
    options.events = daemon.events;
    options.campaigns = {kCampaign};
    options.from_first = true;
    options.jitter = 0ms;
    client::Subscriber subscriber(std::move(options));
    std::vector<std::string> ids;
    const auto deadline = std::chrono::steady_clock::now() + 150s;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto heard = subscriber.next(500ms);
        if (heard && heard->snapshot_json.empty()) {
            ids.push_back(heard->event.id);
            if (heard->event.kind == "CAMPAIGN_FINISHED") {
                break;
            }
        }
    }
    counts = subscriber.counts();
    return ids;
}

/// Runs `body` in a thread and keeps what it threw.
class Runner {
  public:
    explicit Runner(std::function<void()> body)
        : thread_([this, body = std::move(body)] {
              try {
                  body();
              } catch (const std::exception& error) {
                  failure_ = error.what();
              }
          }) {}
    std::string join() {
        thread_.join();
        return failure_;
    }

  private:
    std::string failure_;
    std::thread thread_;
};

}  // namespace

TEST_CASE("kill -9 at ten moments with a command in flight loses and repeats nothing", "[system]") {
    const test::TempDir dir;
    Daemon daemon(dir.path());
    Traffic traffic;
    std::vector<std::string> heard;
    client::SubscriberCounts counts;
    Runner listener([&] { heard = listen(daemon, counts); });
    Runner first([&] { work(options_of(daemon, "robot-1"), traffic); });
    Runner second([&] { work(options_of(daemon, "robot-2"), traffic); });

    int kills = 0;
    int with_command_in_flight = 0;
    // The moments are spread over the life of a proposal: every kill waits for a few more commands
    // than the one before it, then strikes just after one was sent.
    while (with_command_in_flight < kKills && kills < 3 * kKills) {
        const long before = traffic.sent_so_far() + 3 + kills % 5;
        if (!traffic.wait_for_more(before)) {
            break;
        }
        daemon.kill();
        ++kills;
        with_command_in_flight += traffic.in_flight() > 0 ? 1 : 0;
        daemon.start();
    }
    CHECK(first.join() == "");
    CHECK(second.join() == "");
    CHECK(listener.join() == "");
    CHECK(with_command_in_flight >= kKills);

    daemon.kill();
    controller::Store store(dir.path() / "cupel.db", controller::Store::Mode::Read);
    const auto report = store.verify();
    CHECK(report.problems == std::vector<std::string>{});

    const auto events = store.events(kCampaign, 1, std::nullopt, 100000);
    std::vector<std::string> ids;
    std::map<std::string, int> starts;
    std::int64_t expected_seq = 0;
    bool contiguous = true;
    for (const auto& event : events) {
        contiguous = contiguous && event.seq == ++expected_seq;
        ids.push_back(event.id);
        starts[event.proposal] += event.kind == "STARTED" ? 1 : 0;
    }
    CHECK(contiguous);
    int experiments = 0;
    for (const auto& [proposal, count] : starts) {
        INFO(proposal);
        CHECK(count <= 1);
        experiments += count;
    }
    CHECK(experiments == kBudget);
    // The listener was cut off each time and asked for what it had missed by itself.
    CHECK(heard == ids);
    CHECK(counts.reconnects + counts.replays > 0);
}
