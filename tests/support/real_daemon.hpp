// cupeld as a process, on a store in a temporary folder; comes back on the ports it had first.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cupel/codec/candidate_codec.hpp>

#include "child_process.hpp"
#include "raw_client.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

namespace cupel::test {

/// What a daemon under test is told beyond where it stands.
struct DaemonSetup {
    std::string campaigns = "[campaign.c]\npool = \"pool.jsonl\"\npolicy = \"random\"\n";
    std::string bus;                                  ///< more lines of [bus]
    std::string learner = "kind = \"popularity\"\n";  ///< keys of [learner]
    std::string tables;                               ///< more tables
    int candidates = 60;
    /// Put before the program: {"prlimit", "--nofile=256"}.
    std::vector<std::string> launcher;
};

class RealDaemon {
  public:
    using Environment = std::map<std::string, std::string>;

    /// Writes the pool; starts nothing yet.
    explicit RealDaemon(DaemonSetup setup = {}) : setup_(std::move(setup)) {
        std::ofstream pool(dir_ / "pool.jsonl");
        for (int n = 0; n < setup_.candidates; ++n) {
            Candidate candidate;
            candidate.core.metals = {{"Ag", n + 2}};
            candidate.ligands = {{Ligand{"[S-]C", "CH3S", -1, {"S"}, "thiolate", 1}, n + 1}};
            pool << codec::encode(candidate) << "\n";
        }
    }

    /// Starts the process and waits until it says where it is.
    void start(const Environment& environment = {}) {
        launch(environment);
        control = endpoint("info control ");
        events = endpoint("info events ");
    }
    /// Starts the process and waits for nothing.
    void launch(const Environment& environment = {}) {
        std::ofstream(dir_ / "cupeld.toml")
            << "[store]\npath = \"cupel.db\"\n[bus]\ncontrol = \"" << control << "\"\nevents = \""
            << events << "\"\nheartbeat_s = 1\n"
            << setup_.bus << "[learner]\n"
            << setup_.learner << setup_.tables << setup_.campaigns;
        std::vector<std::string> arguments = setup_.launcher;
        arguments.insert(
            arguments.end(),
            {(bin_dir() / "cupeld").string(), "--config", (dir_ / "cupeld.toml").string()});
        process_ = std::make_unique<ChildProcess>(arguments, environment);
    }
    /// Ends it by SIGTERM; its exit status.
    int stop() {
        process_->send(SIGTERM);
        std::string log;
        return process_->finish(log);
    }
    ChildProcess& process() { return *process_; }
    const TempDir& dir() const { return dir_; }
    std::filesystem::path store() const { return dir_ / "cupel.db"; }

    RawClient connect(zmq::context_t& context, const std::string& name) const {
        RawClient client(context, control);
        client.ok("HELLO", {{"client", name}});
        return client;
    }

    std::string control = "tcp://127.0.0.1:*", events = "tcp://127.0.0.1:*";

  private:
    std::string endpoint(const std::string& before) {
        const std::string line = process_->expect_line(before, std::chrono::seconds(30));
        return line.substr(line.find(before) + before.size());
    }
    DaemonSetup setup_;
    TempDir dir_;
    std::unique_ptr<ChildProcess> process_;
};

/// The first offers of a daemon, once there are at least `least`.
inline std::vector<std::string> wait_for_offers(RawClient& client,
                                                std::size_t least = 1,
                                                const std::string& campaign = "c") {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
        std::vector<std::string> ids;
        const Json listed = client.ok("LIST_OFFERS", {{"campaign", campaign}});
        for (const auto& offer : listed.at("offers")) {
            ids.push_back(offer.at("proposal").get<std::string>());
        }
        if (ids.size() >= least) {
            return ids;
        }
    }
    throw std::runtime_error("no offers");
}

}  // namespace cupel::test
