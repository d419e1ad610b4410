// The first version's training loop, without LibTorch's headers.
#pragma once

#include <cstdint>
#include <functional>

#include "../../model/member.hpp"

namespace cupel::first_version {

/// Trains a network from scratch as commit 0af7dab did; `tick` is called after each epoch, which is
/// one step. Sets the number of LibTorch's threads inside an operator.
void train(const learner::Catalogue& catalogue,
           const learner::TrainingSet& data,
           const learner::LearnerOptions& options,
           int epochs,
           std::uint64_t seed,
           int operator_threads,
           const std::function<void()>& tick);

}  // namespace cupel::first_version
