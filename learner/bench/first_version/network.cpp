// The first version's forward passes (commit 0af7dab), kept as it was: the yardstick of the
// training step. Not to be edited, but for what makes it compile beside the present one.
#include "network.hpp"

#include <cmath>

namespace cupel::first_version {
namespace {

template <typename T>
torch::Tensor matrix(const std::vector<T>& values,
                     std::int64_t columns,
                     torch::ScalarType type,
                     const torch::Device& device) {
    const auto count = static_cast<std::int64_t>(values.size());
    auto tensor = torch::empty({count}, torch::TensorOptions().dtype(type));
    if (count > 0) {
        std::copy(values.begin(), values.end(), tensor.data_ptr<T>());
    }
    return (columns > 0 ? tensor.view({-1, columns}) : tensor).to(device);
}

torch::Tensor floats(const std::vector<float>& values, std::int64_t columns, torch::Device device) {
    return matrix(values, columns, torch::kFloat, device);
}

torch::Tensor indices(const std::vector<std::int64_t>& values, torch::Device device) {
    return matrix(values, 0, torch::kLong, device);
}

std::string layer_name(const char* stem, int layer) {
    return std::string(stem) + std::to_string(layer);
}

}  // namespace

CoreTensors tensors_of(const CoreBatch& batch, const torch::Device& device) {
    return {floats(batch.features, kCoreFeatures, device),
            floats(batch.elements, kElementFeatures, device),
            floats(batch.element_share, 1, device),
            indices(batch.element_of, device)};
}

SetTensors tensors_of(const SetInputs& inputs, const torch::Device& device) {
    SetTensors t;
    t.ligand_features = floats(inputs.ligands.features, kLigandFeatures, device);
    t.atoms = floats(inputs.ligands.atoms, kAtomFeatures, device);
    t.atom_of = indices(inputs.ligands.atom_of, device);
    t.bond_from = indices(inputs.ligands.bond_from, device);
    t.bond_to = indices(inputs.ligands.bond_to, device);
    t.bonds = floats(inputs.ligands.bonds, kBondFeatures, device);
    t.inverse_size = floats(inputs.ligands.inverse_size, 1, device);
    t.ligand = indices(inputs.sets.ligand, device);
    t.set_of = indices(inputs.sets.set_of, device);
    t.share = floats(inputs.sets.share, 1, device);
    t.features = floats(inputs.sets.features, 1, device);
    t.ligand_count = static_cast<std::int64_t>(inputs.ligands.count);
    t.set_count = static_cast<std::int64_t>(inputs.sets.count);
    return t;
}

Network::Network(const LearnerOptions& options, std::uint64_t seed, const torch::Device& device)
    : options_(options), generator_(at::detail::createCPUGenerator(seed)), device_(device) {
    const int width = options.width;
    const int side = options.embedding + options.rectified;
    add_linear("core.element", kElementFeatures, 32);
    add_linear("core.one", kCoreFeatures + 32, width);
    add_linear("core.two", width, width);
    add_linear("core.side", width, side);
    if (options.graph_layers > 0) {
        add_linear("ligand.atom", kAtomFeatures, options.graph_width);
        for (int layer = 0; layer < options.graph_layers; ++layer) {
            add_linear(layer_name("ligand.bond", layer), kBondFeatures, options.graph_width);
            add_linear(layer_name("ligand.pass", layer), options.graph_width, options.graph_width);
        }
    }
    add_linear("ligand.one",
               kLigandFeatures + (options.graph_layers > 0 ? options.graph_width : 0),
               width);
    add_linear("set.one", 2 * width + 1, width);
    add_linear("set.side", width, side);
    parameters_["head.dot"] =
        torch::full({options.embedding}, 1.0 / std::sqrt(options.embedding)).to(device_);
    parameters_["head.rectified"] =
        (torch::randn({options.rectified}, generator_) / std::sqrt(options.rectified)).to(device_);
    parameters_["head.constant"] = torch::zeros({1}).to(device_);
    for (auto& [name, tensor] : parameters_) {
        tensor.set_requires_grad(true);
    }
}

void Network::add_linear(const std::string& name, std::int64_t in, std::int64_t out) {
    const double bound = std::sqrt(2.0 / static_cast<double>(in));
    parameters_[name + ".weight"] = (torch::randn({out, in}, generator_) * bound).to(device_);
    parameters_[name + ".bias"] = torch::zeros({out}).to(device_);
}

void Network::seed_dropout(std::uint64_t seed) {
    generator_ = at::detail::createCPUGenerator(seed);
}

torch::Tensor Network::linear(const std::string& name, const torch::Tensor& x) const {
    return torch::nn::functional::linear(x, get(name + ".weight"), get(name + ".bias"));
}

torch::Tensor Network::dropped(const torch::Tensor& x, double rate) const {
    if (!training_ || rate <= 0.0) {
        return x;
    }
    auto mask = torch::empty(x.sizes(), torch::kFloat).bernoulli_(1.0 - rate, generator_);
    return x * mask.div_(1.0 - rate).to(device_);
}

torch::Tensor Network::encode_cores(const CoreTensors& input) const {
    const auto element = torch::relu(linear("core.element", input.elements)) * input.share;
    const auto pooled = torch::zeros({input.features.size(0), element.size(1)}, element.options())
                            .index_add(0, input.element_of, element);
    auto x = dropped(torch::cat({input.features, pooled}, 1), 0.3 * options_.dropout);
    x = dropped(torch::relu(linear("core.one", x)), options_.dropout);
    x = dropped(torch::relu(linear("core.two", x)), options_.dropout);
    return linear("core.side", x);
}

torch::Tensor Network::encode_atoms(const SetTensors& input) const {
    auto h = torch::relu(linear("ligand.atom", input.atoms));
    for (int layer = 0; layer < options_.graph_layers; ++layer) {
        const auto bond = linear(layer_name("ligand.bond", layer), input.bonds);
        const auto message = torch::relu(h.index_select(0, input.bond_from) + bond);
        const auto sum = h.index_add(0, input.bond_to, message);
        h = h + torch::relu(linear(layer_name("ligand.pass", layer), sum));
    }
    return torch::zeros({input.ligand_count, h.size(1)}, h.options())
               .index_add(0, input.atom_of, h) *
           input.inverse_size;
}

torch::Tensor Network::encode_sets(const SetTensors& input) const {
    auto x = dropped(input.ligand_features, 0.5 * options_.dropout);
    if (options_.graph_layers > 0) {
        x = torch::cat({x, encode_atoms(input)}, 1);
    }
    x = dropped(torch::relu(linear("ligand.one", x)), options_.dropout);
    const auto entries = x.index_select(0, input.ligand);
    const auto mean = torch::zeros({input.set_count, x.size(1)}, x.options())
                          .index_add(0, input.set_of, entries * input.share);
    // Entries are not below zero, so a scatter maximum can start from zero.
    const auto index = input.set_of.unsqueeze(1).expand({-1, x.size(1)});
    const auto most = torch::zeros({input.set_count, x.size(1)}, x.options())
                          .scatter_reduce(0, index, entries, "amax");
    auto y = torch::relu(linear("set.one", torch::cat({mean, most, input.features}, 1)));
    return linear("set.side", dropped(y, options_.dropout));
}

torch::Tensor Network::logits(const torch::Tensor& core_side, const torch::Tensor& set_side) const {
    const int e = options_.embedding;
    const auto dot = core_side.narrow(1, 0, e) * set_side.narrow(1, 0, e);
    const auto rectified = torch::relu(core_side.narrow(1, e, options_.rectified) +
                                       set_side.narrow(1, e, options_.rectified));
    return dot.matmul(get("head.dot")) + rectified.matmul(get("head.rectified")) +
           get("head.constant");
}

torch::Tensor Network::logit_matrix(const torch::Tensor& core_side,
                                    const torch::Tensor& set_side) const {
    const int e = options_.embedding;
    const auto dot = (core_side.narrow(1, 0, e) * get("head.dot"))
                         .matmul(set_side.narrow(1, 0, e).transpose(0, 1));
    const auto rectified = torch::relu(core_side.narrow(1, e, options_.rectified).unsqueeze(1) +
                                       set_side.narrow(1, e, options_.rectified).unsqueeze(0));
    return dot + rectified.matmul(get("head.rectified")) + get("head.constant");
}

}  // namespace cupel::first_version
