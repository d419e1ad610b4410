// Choosing a batch from a pool's joint posterior.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <cupel/learner/pool_posterior.hpp>

namespace cupel::workbench {

/// What a policy may look at besides the posterior; every vector has one entry per candidate, or
/// none where it says so.
struct PoolView {
    std::vector<double> popularity;     ///< score of the popularity baseline
    std::vector<std::size_t> core;      ///< candidates of one core family share a number
    std::vector<std::size_t> scaffold;  ///< those of one ligand scaffold too; empty = no such cap
    std::vector<std::size_t> pair;      ///< those of one core and ligand set too: nothing but
                                        ///< charge and counts tells them apart, which the model
                                        ///< does not see
    std::vector<char> available;        ///< neither pending nor done, nor masked
    std::vector<std::size_t> pending;
    /// Reagents of each candidate, as places in `reagent_cost`; empty = cost does not matter.
    std::vector<std::vector<std::size_t>> reagents;
    std::vector<double> reagent_cost;
};

/// How a batch is drawn.
struct BatchOptions {
    std::string policy = "ucb";
    std::size_t count = 8;
    std::uint64_t seed = 1;
    /// b of a / c^b: a is what the rule thinks of a candidate, made positive; c is `work_cost` and
    /// the reagents that no earlier pick of the batch has bought. 0 = cost does not matter.
    double cost_exponent = 0.0;
    double work_cost = 1.0;
    /// Probability that a pick is drawn at random among all that are available, to see what the
    /// model does not look at.
    double audit = 0.0;
};

struct Choice {
    std::size_t candidate = 0;
    double score = 0.0;
    std::string rule;   ///< "ucb", "poh", ..., or "audit"
    double cost = 0.0;  ///< c of a / c^b; 0 where cost does not matter
};

/// Share of picks that a campaign draws by lot, and the labels it must have before it does.
constexpr double kAuditShare = 1.0 / 40.0;
constexpr std::size_t kAuditsFrom = 50;

/// Every policy by name: random, popularity, greedy, poh, ucb, ei, portfolio.
const std::vector<std::string>& policy_names();
bool is_policy(const std::string& name);

/// Up to `count` available candidates, best first. Conditions on pending ones and on its own
/// earlier choices. Except for random and popularity, while others are left: one candidate of a
/// core and ligand set, pending ones counted, and at most a quarter of the batch (one at least)
/// from one core family, and from one ligand scaffold. Throws InputError("bad_policy").
std::vector<Choice> choose_batch(const BatchOptions& options,
                                 const learner::PoolPosterior& posterior,
                                 const PoolView& view);
std::vector<Choice> choose_batch(const std::string& policy,
                                 const learner::PoolPosterior& posterior,
                                 const PoolView& view,
                                 std::size_t count,
                                 std::uint64_t seed);

}  // namespace cupel::workbench
