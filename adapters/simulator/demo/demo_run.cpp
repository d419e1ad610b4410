// The demo's plot: files, daemon, workers, wait, verify, compare, draw.
#include "demo_run.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/timestamp.hpp>

#include "../src/client_channel.hpp"
#include "demo_config.hpp"
#include "process.hpp"
#include "report.hpp"

namespace cupel::simulator {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr const char* kCampaign = "demo";
constexpr std::chrono::seconds kReady{30};       ///< for the daemon to answer
constexpr std::chrono::seconds kWhole{600};      ///< for the campaign; a run takes minutes
constexpr std::chrono::seconds kSilence{180};    ///< without any progress
constexpr std::chrono::milliseconds kLook{250};  ///< between two looks at the state

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush()) {
        throw Error("cannot write " + path.string());
    }
}

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

std::set<std::string> keys_of(const fs::path& table) {
    std::set<std::string> keys;
    for (const auto& row : chemistry::load_reported_table(table)) {
        keys.insert(learning_key(row.candidate));
    }
    return keys;
}

/// A confirmed one where there is one.
std::string worth_asking_about(const Story& story) {
    for (const auto& proposal : story.proposals) {
        if (proposal.outcome == "confirmed") {
            return proposal.id;
        }
    }
    return story.proposals.empty() ? "" : story.proposals.front().id;
}

class Demo {
  public:
    explicit Demo(const DemoOptions& options)
        : options_(options),
          programs_(options.programs.empty() ? fs::read_symlink("/proc/self/exe").parent_path()
                                             : fs::absolute(options.programs)),
          out_(fs::absolute(options.out)),
          run_(out_ / "run") {}

    int run() {
        const auto start = Clock::now();
        const std::string begun =
            to_rfc3339(std::chrono::time_point_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now()));
        prepare();
        start_processes();
        follow();
        end_processes();
        ReportInput input;
        input.story = read_story();
        const bool verified = verify();
        if (!options_.quick) {
            input.replay = await_replay();
        }
        input.conditions = judge(input, verified);
        input.files = files_;
        input.seed = options_.seed;
        input.budget = options_.budget;
        input.batch = options_.batch;
        input.policy = options_.policy;
        input.started = begun;
        input.wall_seconds = std::chrono::duration<double>(Clock::now() - start).count();
        input.commands =
            demo_commands(options_, endpoints_, programs_, worth_asking_about(input.story));
        write_file(out_ / "report.html", report_html(input));
        return conclude(input);
    }

  private:
    void prepare() {
        say("virtual laboratory: seed " + std::to_string(options_.seed) + ", budget " +
            std::to_string(options_.budget) + ", learner " + options_.learner + ", policy " +
            options_.policy);
        if (fs::exists(out_) && !fs::is_empty(out_) && !fs::exists(out_ / "demo.toml")) {
            throw InputError("bad_folder",
                             out_.string() +
                                 ": is not empty and no earlier demo's; name another "
                                 "folder with --out");
        }
        fs::remove_all(run_);
        fs::create_directories(run_);
        fs::remove_all(out_ / "structures");
        fs::create_directories(out_ / "structures");
        LaboratoryOptions laboratory;
        laboratory.seed = options_.seed;
        laboratory.true_pairs = options_.true_pairs;
        laboratory.decoys_per_pair = options_.decoys;
        files_ = make_laboratory(chemistry::data_dir() / "clusters.csv", out_, laboratory);
        say("  " + std::to_string(files_.train_rows) + " reported clusters to the learner, " +
            std::to_string(files_.truth_rows) + " held back; pool of " +
            std::to_string(files_.true_pairs) + " pairs that form and " +
            std::to_string(files_.decoys) + " decoys");
        endpoints_ = choose_endpoints(options_.port);
        write_file(out_ / "demo.toml", demo_config(options_, endpoints_, kCampaign));
    }

    Process start(const std::string& name, std::vector<std::string> arguments) {
        arguments.front() = (programs_ / arguments.front()).string();
        if (!fs::exists(arguments.front())) {
            throw Error("no program " + arguments.front());
        }
        return Process(name, arguments, run_ / (name + ".log"));
    }

    void start_processes() {
        daemon_ = std::make_unique<Process>(
            start("cupeld", {"cupeld", "--config", (out_ / "demo.toml").string()}));
        channel_ = connect_when_up();
        const std::string seed = std::to_string(options_.seed);
        const std::vector<std::string> common{"--connect",
                                              endpoints_.control,
                                              "--events",
                                              endpoints_.events,
                                              "--truth",
                                              files_.truth.string(),
                                              "--seed",
                                              seed,
                                              "--campaign",
                                              kCampaign,
                                              "--keep",
                                              (out_ / "structures").string()};
        const auto worker = [&](const std::string& program,
                                const std::string& name,
                                std::vector<std::string> more) {
            std::vector<std::string> arguments{program, "--name", name};
            arguments.insert(arguments.end(), common.begin(), common.end());
            arguments.insert(arguments.end(), more.begin(), more.end());
            workers_.push_back(start(name, std::move(arguments)));
        };
        // One fault is certain, so that every run shows an experiment offered again.
        worker("cupel-sim-robot", "robot-1", {"--fault-at", "2"});
        worker("cupel-sim-robot", "robot-2", {});
        worker("cupel-sim-person", "person", {});
        say("  cupeld, two robots and a person are running; logs in " + run_.string());
        if (!options_.quick) {
            replay_ = std::make_unique<Process>(
                start("replay", {"cupel-learner",  "campaign-replay",
                                 "--pool",         files_.pool.string(),
                                 "--truth",        files_.truth.string(),
                                 "--data",         files_.train.string(),
                                 "--policy",       "model,popularity,random",
                                 "--model-policy", options_.policy,
                                 "--seeds",        "20",
                                 "--budget",       std::to_string(options_.budget),
                                 "--batch",        std::to_string(options_.batch),
                                 "--json",         (out_ / "replay.json").string()}));
        }
    }

    std::unique_ptr<Channel> connect_when_up() {
        const auto deadline = Clock::now() + kReady;
        for (;;) {
            if (daemon_->status()) {
                throw Error("cupeld ended with " + std::to_string(*daemon_->status()) + ": " +
                            daemon_->tail());
            }
            try {
                connect(endpoints_.control, std::chrono::seconds(1))->ask(Ping{});
                auto channel = connect(endpoints_.control, std::chrono::seconds(60));
                channel->ask(Hello{"demo", "cupel-demo", "0.1", {}});
                return channel;
            } catch (const client::NoAnswer& error) {
                if (Clock::now() > deadline) {
                    throw Error("cupeld does not answer: " + std::string(error.what()) + "\n" +
                                daemon_->tail());
                }
            }
        }
    }

    /// Until the campaign is finished; a line for every batch of experiments and every silence.
    void follow() {
        const auto begun = Clock::now();
        auto last_line = begun;
        auto last_change = begun;
        Json last;
        int last_spent = -1;
        for (;;) {
            std::this_thread::sleep_for(kLook);
            const Json status = Json::parse(channel_->ask(Status{}));
            const Json& campaign = status.at("campaigns").at(0);
            const auto now = Clock::now();
            // Leases that come and go are no progress.
            Json reached{campaign.at("state"),
                         campaign.at("spent"),
                         campaign.at("labels"),
                         campaign.at("model"),
                         campaign.at("learner_ready")};
            if (reached != last) {
                last = std::move(reached);
                last_change = now;
            }
            state_ = campaign.at("state").get<std::string>();
            const int spent = campaign.at("spent").get<int>();
            const bool batch = spent != last_spent && spent % options_.batch == 0 && spent > 0;
            if (batch || state_ == "FINISHED" || now - last_line > std::chrono::seconds(10)) {
                last_line = now;
                last_spent = spent;
                tell(campaign, std::chrono::duration<double>(now - begun).count());
            }
            if (state_ == "FINISHED") {
                return;
            }
            check_alive();
            if (now - begun > kWhole || now - last_change > kSilence) {
                throw Error("the campaign stands still in state " + state_ + ": " +
                            campaign.dump());
            }
        }
    }

    static void tell(const Json& campaign, double seconds) {
        std::string states;
        for (const auto& [state, count] : campaign.at("proposals").items()) {
            states += (states.empty() ? "" : ", ") + std::to_string(count.get<int>()) + " " + state;
        }
        char line[400];
        std::snprintf(line,
                      sizeof line,
                      "  %5.0f s  %3d/%d experiments, %2d hits confirmed  %s  %s",
                      seconds,
                      campaign.at("spent").get<int>(),
                      campaign.at("budget").get<int>(),
                      campaign.at("hits").get<int>(),
                      campaign.at("state").get<std::string>().c_str(),
                      states.empty() ? "training the base model" : states.c_str());
        say(line);
    }

    void check_alive() {
        if (daemon_->status()) {
            throw Error("cupeld ended with " + std::to_string(*daemon_->status()) + ": " +
                        daemon_->tail());
        }
        for (auto& worker : workers_) {
            if (worker.status() && *worker.status() != 0) {
                throw Error(worker.name() + " ended with " + std::to_string(*worker.status()) +
                            ": " + worker.tail());
            }
        }
    }

    void end_processes() {
        events_ = Json::array();
        for (std::int64_t from = 1;;) {
            const Json page =
                Json::parse(channel_->ask(Replay{kCampaign, from, std::nullopt, 500}));
            if (page.at("events").empty()) {
                break;
            }
            events_.insert(events_.end(), page.at("events").begin(), page.at("events").end());
            from = page.at("next").get<std::int64_t>();
        }
        for (auto& worker : workers_) {
            if (!worker.wait_for(std::chrono::seconds(10))) {
                worker.interrupt();
                worker.wait_for(std::chrono::seconds(5));
            }
        }
        channel_.reset();
        daemon_->interrupt();
        const auto status = daemon_->wait_for(std::chrono::seconds(30));
        if (!status || *status != 0) {
            throw Error("cupeld did not end cleanly: " + daemon_->tail());
        }
    }

    Story read_story() const {
        const Truth truth = Truth::load(files_.truth);
        StoryTeller teller(truth);
        for (const auto& event : events_) {
            teller.hear(event.at("header").dump(), event.at("body").dump());
        }
        return teller.story();
    }

    bool verify() {
        Process verifier = start("verify", demo_verify_command(out_));
        const auto status = verifier.wait_for(std::chrono::seconds(60));
        verify_text_ = verifier.tail(1);
        return status && *status == 0;
    }

    OfflineReplay await_replay() {
        if (!replay_->status()) {
            say("  comparing the policies on the same pool, 20 seeds each");
        }
        const auto status = replay_->wait_for(std::chrono::seconds(300));
        if (!status || *status != 0) {
            throw Error("the comparison of policies failed: " + replay_->tail());
        }
        return read_offline_replay(out_ / "replay.json");
    }

    std::vector<Condition> judge(const ReportInput& input, bool verified) const {
        RunFacts facts;
        facts.budget = options_.budget;
        facts.log_verifies = verified;
        facts.verify_text = verify_text_;
        facts.finished_state = state_;
        facts.quick = options_.quick;
        facts.truth_keys = keys_of(files_.truth);
        return check_conditions(input.story, facts, options_.quick ? nullptr : &input.replay);
    }

    int conclude(const ReportInput& input) const {
        bool fine = true;
        for (const auto& condition : input.conditions) {
            say(std::string(condition.met ? "  ok      " : "  FAILED  ") + condition.text +
                (condition.detail.empty() ? "" : " (" + condition.detail + ")"));
            fine = fine && condition.met;
        }
        char line[160];
        std::snprintf(line,
                      sizeof line,
                      "%d of %d experiments hit a pair that forms; %.0f s",
                      input.story.hits,
                      input.story.experiments,
                      input.wall_seconds);
        say(line);
        say("report: " + (out_ / "report.html").string());
        say("to go on:");
        for (const auto& command : input.commands) {
            say("  " + command);
        }
        return fine ? 0 : 1;
    }

    DemoOptions options_;
    fs::path programs_, out_, run_;
    LaboratoryFiles files_;
    DemoEndpoints endpoints_;
    std::unique_ptr<Process> daemon_, replay_;
    std::vector<Process> workers_;
    std::unique_ptr<Channel> channel_;
    Json events_;
    std::string state_, verify_text_;
};

}  // namespace

int run_demo(const DemoOptions& options) {
    return Demo(options).run();
}

}  // namespace cupel::simulator
