// AdamW and the moving average of the weights: one pass over memory on the CPU.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "../row_kernels.hpp"

namespace cupel::learner {

/// Steps the parameters it was made of; they must outlive it.
class Optimiser {
  public:
    Optimiser(std::map<std::string, torch::Tensor>& parameters, double weight_decay);

    /// Forgets the gradients.
    void clear();
    /// One step along the gradients; `average_decay` of the old average stays.
    void step(double rate, double average_decay);
    /// Writes the averages into the parameters.
    void finish();

  private:
    struct State {
        torch::Tensor weight, first, second, average;
    };
    std::vector<State> states_;
    AdamStep step_;
};

}  // namespace cupel::learner
