// Regression over generated cores and masked prediction over ligands, both in full batches.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/learner/pretraining.hpp>

#include "network.hpp"

namespace cupel::learner {
namespace {

namespace F = torch::nn::functional;

constexpr std::int64_t kClassKinds = 35;  ///< donor classes and "other"
constexpr std::int64_t kAtomKinds = 13;
// Of an atom's row: donor flag, distance to the donor, and what follows from them.
constexpr std::int64_t kAtomDonor = 22;

void require(std::size_t count, const char* what) {
    if (count < 20) {
        throw Error("pretraining needs at least 20 " + std::string(what) + ", got " +
                    std::to_string(count));
    }
}

/// A linear layer that is thrown away when pretraining is over.
struct Reader {
    torch::Tensor weight, bias;
    Reader(std::int64_t in, std::int64_t out, torch::Generator& generator, torch::Device device)
        : weight((torch::randn({out, in}, generator) / std::sqrt(static_cast<double>(in)))
                     .to(device)
                     .set_requires_grad(true)),
          bias(torch::zeros({out}).to(device).set_requires_grad(true)) {}
    torch::Tensor operator()(const torch::Tensor& x) const { return F::linear(x, weight, bias); }
};

// AdamW over every parameter of the network that the loss reaches, with a cosine to a twentieth.
template <typename Loss>
void descend(Network& network,
             const std::vector<Reader>& readers,
             const LearnerOptions& options,
             const std::string& stage,
             const ProgressCallback& progress,
             const Loss& loss) {
    std::vector<torch::Tensor> weights;
    for (auto& [name, tensor] : network.parameters()) {
        weights.push_back(tensor);
    }
    for (const auto& reader : readers) {
        weights.push_back(reader.weight);
        weights.push_back(reader.bias);
    }
    torch::optim::AdamW optimizer(
        weights,
        torch::optim::AdamWOptions(options.learning_rate).weight_decay(options.weight_decay));
    network.set_training(true);
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
        const double done = static_cast<double>(epoch) / options.epochs;
        static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options())
            .lr(options.learning_rate * (0.05 + 0.475 * (1.0 + std::cos(3.14159265 * done))));
        optimizer.zero_grad();
        loss().backward();
        optimizer.step();
        if (progress) {
            progress((epoch + 1.0) / options.epochs, stage);
        }
    }
    network.set_training(false);
}

void keep(const Network& network, const std::vector<std::string>& stems, NamedArrays& arrays) {
    for (const auto& [name, tensor] : network.parameters()) {
        const bool is_wanted = std::any_of(stems.begin(), stems.end(), [&](const auto& stem) {
            return name.compare(0, stem.size(), stem) == 0;
        });
        if (is_wanted) {
            const auto plain = tensor.detach().cpu().contiguous();
            NamedArray array{"f32", plain.sizes().vec(), {}};
            array.bytes.resize(static_cast<std::size_t>(plain.numel()) * sizeof(float));
            std::memcpy(array.bytes.data(), plain.data_ptr<float>(), array.bytes.size());
            arrays[name] = std::move(array);
        }
    }
}

torch::Tensor rows_where(const std::vector<bool>& flags, bool wanted) {
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < flags.size(); ++i) {
        if (flags[i] == wanted) {
            rows.push_back(static_cast<std::int64_t>(i));
        }
    }
    return torch::tensor(rows, torch::kLong);
}

double accuracy(const torch::Tensor& logits, const torch::Tensor& truth) {
    return truth.size(0) == 0 ? 0.0
                              : logits.argmax(1).eq(truth).to(torch::kFloat).mean().item<double>();
}

// Share of the commonest answer: what guessing reaches.
double commonest(const torch::Tensor& truth, std::int64_t kinds) {
    const auto counts = torch::bincount(truth, {}, kinds).to(torch::kFloat);
    return truth.size(0) == 0 ? 0.0 : (counts.max() / counts.sum()).item<double>();
}

}  // namespace

PretrainedWeights pretrain_cores(const std::vector<CoreExample>& examples,
                                 const std::vector<std::string>& targets,
                                 const LearnerOptions& options,
                                 const ProgressCallback& progress) {
    require(examples.size(), "cores");
    const torch::Device device = device_of(options.device);
    Network network(options, options.seed, device);
    auto generator = at::detail::createCPUGenerator(options.seed + 1);
    const auto width = static_cast<std::int64_t>(targets.size());
    std::vector<const CoreGraph*> cores;
    std::vector<float> values;
    std::vector<bool> held_out;
    for (const auto& example : examples) {
        cores.push_back(&example.core);
        held_out.push_back(example.held_out);
        for (const double target : example.targets) {
            values.push_back(static_cast<float>(target));
        }
    }
    if (values.size() != examples.size() * targets.size()) {
        throw Error("each core needs one number per target");
    }
    const auto input = tensors_of(core_batch(cores), device);
    const auto raw = torch::tensor(values).view({-1, width}).to(device);
    const auto is_known = raw.isnan().logical_not().to(torch::kFloat);
    const auto filled = torch::nan_to_num(raw);
    const auto train = rows_where(held_out, false).to(device);
    const auto test = rows_where(held_out, true).to(device);
    // Each target to mean 0, deviation 1 over the known training values.
    const auto train_known = is_known.index_select(0, train);
    const auto count = train_known.sum(0).clamp_min(1.0);
    const auto mean = (filled.index_select(0, train) * train_known).sum(0) / count;
    const auto square =
        ((filled.index_select(0, train) - mean).square() * train_known).sum(0) / count;
    const auto scaled = (filled - mean) / square.sqrt().clamp_min(1e-6);

    const std::vector<Reader> readers{Reader(options.width, width, generator, device)};
    descend(network, readers, options, "cores", progress, [&] {
        const auto error = readers[0](network.core_hidden(input)) - scaled;
        const auto squares = (error.square() * is_known).index_select(0, train);
        return squares.sum() / train_known.sum();
    });

    PretrainedWeights result;
    keep(network, {"core.element", "core.one", "core.two"}, result.arrays);
    const torch::NoGradGuard no_grad;
    const auto error = (readers[0](network.core_hidden(input)) - scaled).index_select(0, test);
    const auto known = is_known.index_select(0, test);
    const auto truth = scaled.index_select(0, test);
    const auto centre = (truth * known).sum(0) / known.sum(0).clamp_min(1.0);
    const auto r2 = 1.0 - (error.square() * known).sum(0) /
                              ((truth - centre).square() * known).sum(0).clamp_min(1e-9);
    for (std::int64_t i = 0; i < width; ++i) {
        result.quality.emplace_back(targets[static_cast<std::size_t>(i)] + " R2, sizes not seen",
                                    r2[i].item<double>());
    }
    return result;
}

PretrainedWeights pretrain_ligands(const std::vector<LigandInput>& ligands,
                                   const LearnerOptions& options,
                                   const ProgressCallback& progress) {
    require(ligands.size(), "ligands");
    const torch::Device device = device_of(options.device);
    Network network(options, options.seed, device);
    network.seed_dropout(options.seed + 3);
    auto generator = at::detail::createCPUGenerator(options.seed + 2);
    SetInputs inputs;
    std::vector<const LigandInput*> pointers;
    std::vector<bool> held_out;
    for (const auto& ligand : ligands) {
        pointers.push_back(&ligand);
        held_out.push_back(
            std::stoul(sha256_hex(ligand.graph.smiles).substr(0, 8), nullptr, 16) % 5 == 0);
    }
    inputs.ligands = ligand_batch(pointers);
    inputs.sets.count = 0;
    const SetTensors whole = tensors_of(inputs, device, true, Layout::Plain);
    const auto train = rows_where(held_out, false).to(device);
    const auto test = rows_where(held_out, true).to(device);

    const auto bits = whole.ligand_features.narrow(1, 0, kFingerprintBits);
    const auto has_bit = bits.gt(0.0).to(torch::kFloat);
    const auto classes =
        whole.ligand_features.narrow(1, static_cast<std::int64_t>(kLigandClass), kClassKinds)
            .argmax(1);
    const bool has_graph = options.graph_layers > 0;
    const auto kinds = whole.atoms.narrow(1, 0, kAtomKinds).argmax(1);
    const auto is_donor = whole.atoms.narrow(1, kAtomDonor, 1);
    std::vector<bool> atom_held_out;
    for (const auto ligand : inputs.ligands.atom_of) {
        atom_held_out.push_back(held_out[static_cast<std::size_t>(ligand)]);
    }
    const auto train_atoms = rows_where(atom_held_out, false).to(device);
    const auto test_atoms = rows_where(atom_held_out, true).to(device);

    // Fingerprint and counts of atoms say what the ligand is; all that says how it binds is hidden.
    auto structure = torch::ones({1, kLigandFeatures});
    structure.narrow(1, static_cast<std::int64_t>(kLigandClass), 42).zero_();
    structure
        .narrow(1,
                static_cast<std::int64_t>(kLigandDonors),
                static_cast<std::int64_t>(kLigandDonorKinds) + 6)
        .zero_();
    auto undirected = torch::ones({1, kAtomFeatures});
    undirected.narrow(1, kAtomDonor, 5).zero_();
    structure = structure.to(device);
    undirected = undirected.to(device);

    const std::vector<Reader> readers{
        Reader(options.width, kClassKinds, generator, device),
        Reader(options.width, static_cast<std::int64_t>(kFingerprintBits), generator, device),
        Reader(std::max(options.graph_width, 1), kAtomKinds, generator, device),
        Reader(std::max(options.graph_width, 1), 1, generator, device)};
    struct Masked {
        SetTensors input;
        torch::Tensor hidden_bits, hidden_atoms;
    };
    const auto masked = [&](double share) {
        Masked m{whole, {}, {}};
        m.hidden_bits = torch::empty(bits.sizes()).bernoulli_(share, generator).to(device);
        const auto visible =
            torch::cat({1.0 - m.hidden_bits,
                        torch::ones({bits.size(0),
                                     static_cast<std::int64_t>(kLigandFeatures - kFingerprintBits)})
                            .to(device)},
                       1);
        m.input.ligand_features = whole.ligand_features * structure * visible;
        m.hidden_atoms =
            torch::empty({whole.atoms.size(0), 1}).bernoulli_(share, generator).to(device);
        const auto kind =
            torch::cat({torch::ones({1, kAtomKinds}),
                        torch::zeros({1, static_cast<std::int64_t>(kAtomFeatures) - kAtomKinds})},
                       1)
                .to(device);
        m.input.atoms = whole.atoms * undirected * (1.0 - m.hidden_atoms * kind);
        return m;
    };
    descend(network, readers, options, "ligands", progress, [&] {
        const Masked m = masked(0.3);
        const auto hidden = network.ligand_hidden(m.input);
        auto total = F::cross_entropy(readers[0](hidden).index_select(0, train),
                                      classes.index_select(0, train));
        const auto guess = torch::binary_cross_entropy_with_logits(
            readers[1](hidden), has_bit, {}, {}, at::Reduction::None);
        const auto weight = m.hidden_bits.index_select(0, train);
        total = total + (guess.index_select(0, train) * weight).sum() / weight.sum() * 3.0;
        if (has_graph) {
            const auto atoms = network.atom_states(m.input).index_select(0, train_atoms);
            const auto hide = m.hidden_atoms.index_select(0, train_atoms).squeeze(1);
            const auto each =
                F::cross_entropy(readers[2](atoms),
                                 kinds.index_select(0, train_atoms),
                                 F::CrossEntropyFuncOptions().reduction(torch::kNone));
            total = total + (each * hide).sum() / hide.sum().clamp_min(1.0);
            total = total + torch::binary_cross_entropy_with_logits(
                                readers[3](atoms), is_donor.index_select(0, train_atoms));
        }
        return total;
    });

    PretrainedWeights result;
    keep(network, {"ligand."}, result.arrays);
    const torch::NoGradGuard no_grad;
    const Masked m = masked(0.0);
    const auto truth = classes.index_select(0, test);
    result.quality.emplace_back(
        "donor class, accuracy",
        accuracy(readers[0](network.ligand_hidden(m.input)).index_select(0, test), truth));
    result.quality.emplace_back("donor class, commonest", commonest(truth, kClassKinds));
    if (has_graph) {
        const Masked hidden = masked(0.3);
        const auto rows = hidden.hidden_atoms.index_select(0, test_atoms).squeeze(1).nonzero();
        const auto some = test_atoms.index_select(0, rows.squeeze(1));
        const auto atoms = network.atom_states(hidden.input).index_select(0, some);
        const auto kind = kinds.index_select(0, some);
        result.quality.emplace_back("masked atoms, accuracy", accuracy(readers[2](atoms), kind));
        result.quality.emplace_back("masked atoms, commonest", commonest(kind, kAtomKinds));
    }
    return result;
}

}  // namespace cupel::learner
