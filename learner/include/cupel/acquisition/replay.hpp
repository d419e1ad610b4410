// Closed loops on a finished table: which policy finds the hits, and how soon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <cupel/acquisition/replay_table.hpp>

namespace cupel::acquisition {

struct ReplayOptions {
    std::vector<std::string> policies{"random", "popularity", "poh", "ucb", "portfolio"};
    std::uint64_t first_seed = 1000;
    std::size_t seeds = 20;
    std::size_t batch = 8;
    std::size_t budget = 96;
    bool graded = false;      ///< the model learns from y, not from hits alone
    std::size_t threads = 0;  ///< loops side by side; 0 = one per processor
};

/// One policy over all seeds. Counts are of new experiments: the labels that every loop starts
/// with are left out.
struct PolicyResult {
    std::string policy;
    std::map<std::size_t, double> hits;  ///< mean hits after so many experiments
    std::map<std::size_t, double> se;    ///< standard error of that mean
    double enrichment = 0.0;             ///< hits at the budget over those expected at random
    double lift_over_popularity = 0.0;   ///< hits at the budget over popularity's, same seeds
    double lift_se = 0.0;                ///< standard error of the paired difference in hits
    double audc = 0.0;                   ///< area under the discovery curve over the best possible
    /// Of everything unmeasured at the end; nothing where the loops left nothing.
    std::optional<double> ece, brier_skill;
    double seconds_per_seed = 0.0;
    std::vector<double> curve;              ///< mean hits after 1, 2, ... experiments
    std::vector<std::size_t> hits_by_seed;  ///< at the budget
};

struct ReplayResult {
    std::string table;
    std::string columns;  ///< how they were read, in words; may be empty
    std::size_t rows = 0, hits_in_pool = 0;
    ReplayOptions options;
    std::vector<PolicyResult> policies;  ///< in the order asked for
};

/// {24, 48, 96, 192, budget} up to the budget.
std::vector<std::size_t> checkpoints_of(std::size_t budget);

/// True for random, popularity, greedy, poh, ucb, ei and portfolio.
bool is_policy(const std::string& name);
const std::vector<std::string>& policy_names();

/// Runs every policy from every seed; popularity runs even when it is not asked for, as the
/// measure. The result does not depend on the number of threads. `progress` gets the share done,
/// from one thread at a time. Throws InputError for a table that cannot be replayed.
ReplayResult replay(const ReplayTable& table,
                    const ReplayOptions& options,
                    const std::function<void(double)>& progress = {});

}  // namespace cupel::acquisition
