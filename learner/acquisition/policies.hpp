// The rules that choose a batch of experiments.
#pragma once

#include <string>
#include <vector>

#include <Eigen/Dense>

#include "joint_posterior.hpp"

namespace cupel::acquisition {

/// True for the policies that ask the Gaussian process.
bool needs_model(const std::string& name);

/// Up to `count` experiments out of `open`, best first; ties go to the one that stands first in
/// `open`. Each pick is conditioned on before the next: `poh` takes it as a miss, `ucb` and `ei`
/// as what is expected, `greedy` not at all; `portfolio` asks ucb, ei and poh in turn, each
/// with a posterior of its own that learns of every pick. (The closed loop has popularity make
/// some of the portfolio's picks first.)
std::vector<std::size_t> choose_batch(const std::string& policy,
                                      const JointPosterior& posterior,
                                      const std::vector<std::size_t>& open,
                                      std::size_t count);

}  // namespace cupel::acquisition
