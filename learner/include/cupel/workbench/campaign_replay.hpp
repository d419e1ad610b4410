// A campaign played offline on a pool whose true pairs are known: the policies side by side.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <cupel/learner/learner.hpp>

namespace cupel::workbench {

struct CampaignReplayOptions {
    std::filesystem::path pool;   ///< JSON lines
    std::filesystem::path truth;  ///< learning keys, one a line, or a table of clusters
    std::filesystem::path data;   ///< known clusters for the base model and for popularity
    std::vector<std::string> policies{"model", "popularity", "random"};
    std::string model_policy = "ucb";  ///< what "model" stands for
    std::uint64_t first_seed = 1;
    int seeds = 20;
    int budget = 96;
    int batch = 8;
    bool gaussian_process =
        false;  ///< also judge one beside the Laplace head: a few seconds a seed
    learner::LearnerOptions learner;
};

struct ReplayText {
    std::string json;
    std::string table;  ///< for people
};

/// Each seed starts without labels on the pool less a random tenth (the same for every policy); an
/// experiment answers 1 when the pair is true, else 0. The base
/// model is trained once; every label updates the head only. Ties of `popularity` fall by seed.
/// Throws InputError when the truth overlaps the data or the pool holds no true pair.
ReplayText replay_campaign(const CampaignReplayOptions& options,
                           const std::function<void(double, const std::string&)>& progress);

}  // namespace cupel::workbench
