// What robots and people do with a proposal: claim, start, report stages, return what came of it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include <cupel/domain/proposal.hpp>
#include <cupel/simulator/chemist.hpp>

#include "channel.hpp"

namespace cupel::simulator {

struct WorkerOptions {
    std::string name;      ///< client of HELLO
    std::string campaign;  ///< empty = offers of every campaign
    LeaseClass lease_class = LeaseClass::Robot;
    std::vector<std::string> stages;  ///< reported in turn
    double stage_seconds = 0.0;       ///< time each stage takes
    int fault_at = 0;                 ///< number of the experiment that breaks; 0 = none
    std::filesystem::path keep;       ///< folder for copies of the CIFs; empty = none
    std::function<void(const std::string&)> say;  ///< one line for people
};

/// One pair of hands. Not thread-safe.
class Worker {
  public:
    Worker(Channel& channel, Chemist& chemist, WorkerOptions options);

    /// Joins, and takes up again what its earlier self had claimed or started.
    void join();
    /// Makes one offered proposal; false when nothing is on offer.
    bool work_once();
    /// True when the campaign, or every campaign, is finished.
    bool finished();
    int experiments() const { return experiments_; }

  private:
    struct Held {
        Proposal proposal;
        LeaseProof proof;
        bool started = false;
    };
    std::optional<Held> claim_one();
    void make(const Held& held);
    void pass_stage(const Held& held, const std::string& stage);
    void give_result(const Held& held, const Attempt& attempt);

    Channel& channel_;
    Chemist& chemist_;
    WorkerOptions options_;
    int experiments_ = 0;
    std::set<std::string> lost_;  ///< offers another worker took first
};

}  // namespace cupel::simulator
