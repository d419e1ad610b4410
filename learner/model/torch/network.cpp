// Forward passes of the dual encoder.
#include "network.hpp"

#include <cmath>
#include <map>
#include <numeric>

#include <cupel/domain/error.hpp>

namespace cupel::learner {
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

/// Each different row of a table once, and which one every row is.
struct Kinds {
    std::vector<float> rows;
    std::vector<std::int64_t> of, self;
    std::int64_t count = 0;
};

Kinds kinds_of(const std::vector<float>& table, std::size_t columns, bool each_its_own) {
    Kinds kinds;
    std::map<std::vector<float>, std::int64_t> seen;
    for (std::size_t first = 0; first < table.size(); first += columns) {
        const auto begin = table.begin() + static_cast<std::ptrdiff_t>(first);
        const std::vector<float> row(begin, begin + static_cast<std::ptrdiff_t>(columns));
        const auto [it, is_new] = seen.emplace(row, kinds.count);
        if (is_new || each_its_own) {
            it->second = kinds.count;
            kinds.rows.insert(kinds.rows.end(), row.begin(), row.end());
            ++kinds.count;
        }
        kinds.self.push_back(static_cast<std::int64_t>(kinds.of.size()));
        kinds.of.push_back(it->second);
    }
    return kinds;
}

std::string layer_name(const char* stem, int layer) {
    return std::string(stem) + std::to_string(layer);
}

}  // namespace

torch::Device device_of(const std::string& name) {
    if (name == "cpu" || (name == "auto" && !torch::cuda::is_available())) {
        return torch::kCPU;
    }
    try {
        const torch::Device device(name == "auto" ? "cuda" : name);
        // Only memory tells whether it is there: "cuda:7" is a name even where there is one GPU.
        (void)torch::empty({1}, device);
        return device;
    } catch (const c10::Error&) {
        throw Error("learner.device = \"" + name +
                    "\" but this machine offers no such device; use \"auto\" or \"cpu\"");
    }
}

CoreTensors tensors_of(const CoreBatch& batch, const torch::Device& device) {
    std::vector<std::int64_t> elements(batch.element_of.size());
    std::iota(elements.begin(), elements.end(), std::int64_t{0});
    return {floats(batch.features, kCoreFeatures, device),
            floats(batch.elements, kElementFeatures, device),
            make_links(static_cast<std::int64_t>(batch.count),
                       static_cast<std::int64_t>(elements.size()),
                       batch.element_of,
                       elements,
                       device,
                       &batch.element_share),
            {}};
}

namespace {

// Fingerprints are sparse: one row of the weights for each feature that is there.
Links sparse_features(const LigandBatch& ligands, const torch::Device& device) {
    std::vector<std::int64_t> row, column;
    std::vector<float> value;
    for (std::size_t i = 0; i < ligands.features.size(); ++i) {
        if (ligands.features[i] != 0.0F) {
            row.push_back(static_cast<std::int64_t>(i / kLigandFeatures));
            column.push_back(static_cast<std::int64_t>(i % kLigandFeatures));
            value.push_back(ligands.features[i]);
        }
    }
    return make_links(static_cast<std::int64_t>(ligands.count),
                      static_cast<std::int64_t>(kLigandFeatures),
                      row,
                      column,
                      device,
                      &value);
}

void add_graphs(SetTensors& t,
                const LigandBatch& ligands,
                const torch::Device& device,
                Layout layout) {
    const Kinds atoms = kinds_of(ligands.atoms, kAtomFeatures, layout == Layout::Plain);
    const Kinds bonds = kinds_of(ligands.bonds, kBondFeatures, false);
    const auto count = static_cast<std::int64_t>(atoms.of.size());
    t.atoms = floats(atoms.rows, kAtomFeatures, device);
    t.bonds = floats(bonds.rows, kBondFeatures, device);
    t.kind_of = make_links(count, atoms.count, atoms.self, atoms.of, device);
    t.bonds_of =
        make_links(count, count, ligands.bond_to, ligands.bond_from, device, nullptr, &bonds.of);
    std::vector<float> share;
    for (const std::int64_t ligand : ligands.atom_of) {
        share.push_back(ligands.inverse_size[static_cast<std::size_t>(ligand)]);
    }
    t.atoms_of = make_links(static_cast<std::int64_t>(ligands.count),
                            count,
                            ligands.atom_of,
                            atoms.self,
                            device,
                            &share);
}

}  // namespace

SetTensors tensors_of(const SetInputs& inputs,
                      const torch::Device& device,
                      bool with_graphs,
                      Layout layout) {
    SetTensors t;
    if (device.is_cpu() && layout == Layout::Compact) {
        t.features_of = sparse_features(inputs.ligands, device);
    } else {
        t.ligand_features = floats(inputs.ligands.features, kLigandFeatures, device);
    }
    if (with_graphs) {
        add_graphs(t, inputs.ligands, device, layout);
    }
    t.ligands_of = make_links(static_cast<std::int64_t>(inputs.sets.count),
                              static_cast<std::int64_t>(inputs.ligands.count),
                              inputs.sets.set_of,
                              inputs.sets.ligand,
                              device,
                              &inputs.sets.share);
    t.features = floats(inputs.sets.features, 1, device);
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
    if (options.structure_layers > 0) {
        StructureEncoder::add_parameters(
            parameters_, options.structure_layers, side, seed + 7001, device_);
    }
    for (auto& [name, tensor] : parameters_) {
        tensor.set_requires_grad(true);
    }
}

void Network::add_linear(const std::string& name, std::int64_t in, std::int64_t out) {
    const double bound = std::sqrt(2.0 / static_cast<double>(in));
    parameters_[name + ".weight"] = (torch::randn({out, in}, generator_) * bound).to(device_);
    parameters_[name + ".bias"] = torch::zeros({out}).to(device_);
}

torch::Tensor Network::linear(const std::string& name, const torch::Tensor& x) const {
    return torch::nn::functional::linear(x, get(name + ".weight"), get(name + ".bias"));
}

torch::Tensor Network::dropped(const torch::Tensor& x, double rate) const {
    if (!training_ || rate <= 0.0) {
        return x;
    }
    auto mask = torch::empty(x.sizes(), torch::kFloat);
    fill_dropout(dropout_stream_, rate, nullptr, mask.numel(), mask.data_ptr<float>());
    return x * mask.to(device_);
}

torch::Tensor Network::core_hidden(const CoreTensors& input) const {
    const auto element = torch::relu(linear("core.element", input.elements));
    const auto pooled = gather_scatter(element, input.elements_of);
    auto x = dropped(torch::cat({input.features, pooled}, 1), 0.3 * options_.dropout);
    x = dropped(torch::relu(linear("core.one", x)), options_.dropout);
    return dropped(torch::relu(linear("core.two", x)), options_.dropout);
}

torch::Tensor Network::encode_cores(const CoreTensors& input) const {
    const auto side = linear("core.side", core_hidden(input));
    return options_.structure_layers > 0 ? StructureEncoder(parameters_, options_.structure_layers)
                                               .added_to(side, input.structures)
                                         : side;
}

torch::Tensor Network::atom_states(const SetTensors& input) const {
    auto h = gather_scatter(torch::relu(linear("ligand.atom", input.atoms)), input.kind_of);
    for (int layer = 0; layer < options_.graph_layers; ++layer) {
        const auto bonds = linear(layer_name("ligand.bond", layer), input.bonds);
        const auto sum = pass_messages(h, bonds, input.bonds_of) * 0.5;
        h = h + 0.5 * torch::relu(linear(layer_name("ligand.pass", layer), sum));
    }
    return h;
}

torch::Tensor Network::encode_atoms(const SetTensors& input) const {
    return gather_scatter(atom_states(input), input.atoms_of);
}

// The share of "ligand.one" that reads the features, some of them dropped.
torch::Tensor Network::read_features(const SetTensors& input) const {
    const double rate = training_ ? 0.5 * options_.dropout : 0.0;
    const auto weight = get("ligand.one.weight").narrow(1, 0, kLigandFeatures);
    if (input.ligand_features.defined()) {
        return dropped(input.ligand_features, rate).matmul(weight.t());
    }
    Links links = input.features_of;
    if (rate > 0.0) {
        links.scale = torch::empty_like(links.scale);
        fill_dropout(dropout_stream_,
                     rate,
                     input.features_of.scale.data_ptr<float>(),
                     links.scale.numel(),
                     links.scale.data_ptr<float>());
    }
    return gather_scatter(weight.t(), links);
}

torch::Tensor Network::ligand_hidden(const SetTensors& input) const {
    auto x = read_features(input) + get("ligand.one.bias");
    if (options_.graph_layers > 0) {
        const auto weight =
            get("ligand.one.weight").narrow(1, kLigandFeatures, options_.graph_width);
        x = x + encode_atoms(input).matmul(weight.t());
    }
    return dropped(torch::relu(x), options_.dropout);
}

torch::Tensor Network::encode_sets(const SetTensors& input) const {
    const auto x = ligand_hidden(input);
    const auto mean = gather_scatter(x, input.ligands_of);
    const auto most = gather_largest(x, input.ligands_of);
    auto y = torch::relu(linear("set.one", torch::cat({mean, most, input.features}, 1)));
    return linear("set.side", dropped(y, options_.dropout));
}

torch::Tensor Network::logits(const torch::Tensor& core_side,
                              const torch::Tensor& set_side,
                              const torch::Tensor& core,
                              const torch::Tensor& set) const {
    return pair_logits(core_side, set_side, get("head.dot"), get("head.rectified"), core, set) +
           get("head.constant");
}

}  // namespace cupel::learner
