// The first version's network (commit 0af7dab), kept as it was: the yardstick of the training step.
// Not to be edited, but for what makes it compile beside the present one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <cupel/learner/learner.hpp>

#include "../../model/inputs.hpp"

namespace cupel::first_version {

using namespace cupel::learner;

struct CoreTensors {
    torch::Tensor features, elements, share, element_of;
};
struct SetTensors {
    torch::Tensor ligand_features, atoms, atom_of, bond_from, bond_to, bonds, inverse_size;
    torch::Tensor ligand, set_of, share, features;
    std::int64_t ligand_count = 0, set_count = 0;
};
CoreTensors tensors_of(const CoreBatch& batch, const torch::Device& device);
SetTensors tensors_of(const SetInputs& inputs, const torch::Device& device);

/// Parameters in order of name, so that hashing and optimising see one order.
class Network {
  public:
    Network(const LearnerOptions& options, std::uint64_t seed, const torch::Device& device);

    /// cores x (embedding + rectified): the core's side of every pair feature.
    torch::Tensor encode_cores(const CoreTensors& input) const;
    /// sets x (embedding + rectified).
    torch::Tensor encode_sets(const SetTensors& input) const;
    /// Logits of pairs of rows: dot share + factored ReLU share + constant.
    torch::Tensor logits(const torch::Tensor& core_side, const torch::Tensor& set_side) const;
    /// Logits of every core side with every set side.
    torch::Tensor logit_matrix(const torch::Tensor& core_side, const torch::Tensor& set_side) const;

    void set_training(bool training) { training_ = training; }
    void seed_dropout(std::uint64_t seed);
    std::map<std::string, torch::Tensor>& parameters() { return parameters_; }
    const std::map<std::string, torch::Tensor>& parameters() const { return parameters_; }
    const torch::Tensor& get(const std::string& name) const { return parameters_.at(name); }

  private:
    void add_linear(const std::string& name, std::int64_t in, std::int64_t out);
    torch::Tensor linear(const std::string& name, const torch::Tensor& x) const;
    torch::Tensor dropped(const torch::Tensor& x, double rate) const;
    torch::Tensor encode_atoms(const SetTensors& input) const;

    LearnerOptions options_;
    bool training_ = false;
    mutable torch::Generator generator_;
    torch::Device device_;
    std::map<std::string, torch::Tensor> parameters_;
};

}  // namespace cupel::first_version
