// The 3-D path: what the places of a core's atoms say, by equivariant message passing.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <torch/torch.h>

#include "../structure_batch.hpp"

namespace cupel::learner {

/// Structures as the encoder reads them: A atoms, S structures, E ordered pairs of neighbours.
struct StructureTensors {
    std::int64_t structures = 0;  ///< S
    torch::Tensor core;           ///< S: row of the core of each structure
    torch::Tensor structure_of;   ///< A
    torch::Tensor properties;     ///< A x kElementPropertyCount
    torch::Tensor inverse_size;   ///< S x 1
    torch::Tensor to, from;       ///< E: rows of atoms
    torch::Tensor basis;          ///< E x 20: sin(n pi d / cutoff) / d, 1 / angstrom
    torch::Tensor fade;           ///< E x 1: (cos(pi d / cutoff) + 1) / 2
    torch::Tensor direction;      ///< E x 3 x 1: unit vector from the hearing to the heard atom
};
StructureTensors tensors_of(const StructureBatch& batch, const torch::Device& device);

/// PaiNN (Schuett, Unke and Gastegger 2021, arXiv:2102.03150) over the atoms of cores, ligands and
/// their donors left out: scalars and vectors of width 64 per atom, a message and an update block
/// per layer, radial basis of 20 sines and cosine cutoff at 5 angstrom. Atoms start from properties
/// of their element instead of a learned table, so that a rare element is no stranger; sums of
/// messages are divided by 4, for some twenty neighbours. The embedding is a mean over atoms: it
/// does not change when a core is moved, turned, mirrored, or its atoms are listed in another
/// order. The weights live in the network's table of parameters under "structure.";
/// "structure.gate", which starts at zero, scales the embedding where the network adds it to the
/// formula path's.
class StructureEncoder {
  public:
    using Parameters = std::map<std::string, torch::Tensor>;
    static constexpr std::int64_t kWidth = 64;

    /// Draws first weights for `layers` layers and an embedding of `out` numbers from a stream of
    /// its own: the other weights of a network do not depend on it.
    static void add_parameters(Parameters& parameters,
                               int layers,
                               std::int64_t out,
                               std::uint64_t seed,
                               const torch::Device& device);

    /// `parameters` must outlive this.
    StructureEncoder(const Parameters& parameters, int layers)
        : parameters_(parameters), layers_(layers) {}

    struct States {
        torch::Tensor scalars;  ///< A x kWidth
        torch::Tensor vectors;  ///< A x 3 x kWidth; they turn with the core
    };
    /// Atoms after the last layer.
    States states(const StructureTensors& input) const;
    /// S x out: the embedding of each structure.
    torch::Tensor encode(const StructureTensors& input) const;
    /// `side` (cores x out) with the gated embedding added to the rows that have a structure.
    torch::Tensor added_to(const torch::Tensor& side, const StructureTensors& input) const;

  private:
    torch::Tensor linear(const std::string& name, const torch::Tensor& x) const;
    void hear_neighbours(const std::string& layer, const StructureTensors& in, States& x) const;
    void mix(const std::string& layer, States& x) const;

    const Parameters& parameters_;
    int layers_;
};

}  // namespace cupel::learner
