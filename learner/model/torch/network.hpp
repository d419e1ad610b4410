// The dual encoder in LibTorch: parameters by name and the forward passes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <cupel/learner/learner.hpp>

#include "../inputs.hpp"
#include "fused.hpp"
#include "structure_encoder.hpp"

namespace cupel::learner {

struct CoreTensors {
    torch::Tensor features, elements;
    Links elements_of;            ///< core <- element, scaled by the element's share
    StructureTensors structures;  ///< of those that have coordinates; none without the 3-D path
};
struct SetTensors {
    torch::Tensor ligand_features;  ///< dense; not on the CPU, which reads `features_of`
    Links features_of;              ///< ligand <- feature, scaled by its value
    torch::Tensor atoms, bonds;     ///< each kind of atom and of bond once
    Links kind_of, bonds_of;        ///< atom <- kind, atom <- atom
    Links atoms_of;                 ///< ligand <- atom, scaled by 1 / atoms
    Links ligands_of;               ///< set <- ligand, scaled by 1 / species
    torch::Tensor features;
};
CoreTensors tensors_of(const CoreBatch& batch, const torch::Device& device);
/// Compact: each kind of atom once, features sparse on the CPU. Plain: one row for each atom and
/// dense features, for who changes them.
enum class Layout { Compact, Plain };
SetTensors tensors_of(const SetInputs& inputs,
                      const torch::Device& device,
                      bool with_graphs,
                      Layout layout = Layout::Compact);

/// "cpu", "cuda", "cuda:N" or "auto"; throws Error when there is no such device.
torch::Device device_of(const std::string& name);

/// Parameters in order of name, so that hashing and optimising see one order.
class Network {
  public:
    Network(const LearnerOptions& options, std::uint64_t seed, const torch::Device& device);

    /// What the last hidden layer of either encoder makes of each core and each ligand.
    torch::Tensor core_hidden(const CoreTensors& input) const;
    torch::Tensor ligand_hidden(const SetTensors& input) const;
    /// Atoms after message passing; needs graph layers.
    torch::Tensor atom_states(const SetTensors& input) const;
    /// cores x (embedding + rectified): the core's side of every pair feature. With structure
    /// layers the gated embedding of its structure is added where a core has one.
    torch::Tensor encode_cores(const CoreTensors& input) const;
    /// sets x (embedding + rectified).
    torch::Tensor encode_sets(const SetTensors& input) const;
    /// Logits of the pairs (core[n], set[n]): dot share + factored ReLU share + constant.
    torch::Tensor logits(const torch::Tensor& core_side,
                         const torch::Tensor& set_side,
                         const torch::Tensor& core,
                         const torch::Tensor& set) const;

    void set_training(bool training) { training_ = training; }
    void seed_dropout(std::uint64_t seed) { dropout_stream_ = seed; }
    std::map<std::string, torch::Tensor>& parameters() { return parameters_; }
    const std::map<std::string, torch::Tensor>& parameters() const { return parameters_; }
    const torch::Tensor& get(const std::string& name) const { return parameters_.at(name); }

  private:
    void add_linear(const std::string& name, std::int64_t in, std::int64_t out);
    torch::Tensor linear(const std::string& name, const torch::Tensor& x) const;
    torch::Tensor dropped(const torch::Tensor& x, double rate) const;
    torch::Tensor read_features(const SetTensors& input) const;
    torch::Tensor encode_atoms(const SetTensors& input) const;

    LearnerOptions options_;
    bool training_ = false;
    torch::Generator generator_;                ///< of the first weights
    mutable std::uint64_t dropout_stream_ = 1;  ///< of the masks
    torch::Device device_;
    std::map<std::string, torch::Tensor> parameters_;
};

}  // namespace cupel::learner
