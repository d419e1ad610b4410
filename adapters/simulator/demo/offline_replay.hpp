// The policies side by side on the demo's pool, as `cupel-learner campaign-replay --json` wrote
// them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cupel::simulator {

struct PolicyCurve {
    std::string policy;
    std::vector<double> mean;  ///< hits after each experiment, over the seeds
    std::vector<double> se;    ///< standard error of the mean
    int seeds = 0;
};

struct OfflineReplay {
    std::vector<PolicyCurve> policies;
    int candidates = 0;
    int hits_in_pool = 0;
    std::uint64_t first_seed = 0;

    /// Nothing when the policy was not run.
    const PolicyCurve* find(const std::string& policy) const;
};

/// Throws InputError("bad_replay") naming the file.
OfflineReplay read_offline_replay(const std::filesystem::path& path);

}  // namespace cupel::simulator
