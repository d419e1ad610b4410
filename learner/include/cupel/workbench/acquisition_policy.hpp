// Choosing a batch from a pool's joint posterior.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <cupel/learner/pool_posterior.hpp>

namespace cupel::workbench {

/// What a policy may look at besides the posterior; every vector has one entry per candidate.
struct PoolView {
    std::vector<double> popularity;  ///< score of the popularity baseline
    std::vector<std::size_t> core;   ///< candidates of one core share a number
    std::vector<std::size_t> pair;   ///< those of one core and ligand set too: nothing but charge
                                     ///< and counts tells them apart, which the model does not see
    std::vector<char> available;     ///< neither pending nor done
    std::vector<std::size_t> pending;
};

struct Choice {
    std::size_t candidate = 0;
    double score = 0.0;
    std::string rule;  ///< "ucb", "poh", ...
};

/// True for random, popularity, greedy, poh, ucb and portfolio.
bool is_policy(const std::string& name);

/// Up to `count` available candidates, best first. Conditions on pending ones and on its own
/// earlier choices. Except for random and popularity, while others are left: one candidate of a
/// core and ligand set, pending ones counted, and at most a quarter of the batch (one at least)
/// from one core.
std::vector<Choice> choose_batch(const std::string& policy,
                                 learner::PoolPosterior posterior,
                                 const PoolView& view,
                                 std::size_t count,
                                 std::uint64_t seed);

}  // namespace cupel::workbench
