// Training and use of one network of the ensemble.
#include "../member.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <set>

#include <cupel/domain/error.hpp>

#include "../pair_table.hpp"
#include "network.hpp"
#include "optimiser.hpp"

namespace cupel::learner {
namespace {

// The rows of one side of pairs, as an index.
torch::Tensor column(const std::vector<Pair>& pairs, bool cores, const torch::Device& device) {
    auto index = torch::empty({static_cast<std::int64_t>(pairs.size())}, torch::kLong);
    auto* row = index.data_ptr<std::int64_t>();
    for (const auto& pair : pairs) {
        *row++ = static_cast<std::int64_t>(cores ? pair.core : pair.set);
    }
    return index.to(device);
}

void shuffle(std::vector<std::size_t>& values, std::mt19937_64& random) {
    for (std::size_t i = values.size(); i > 1; --i) {
        std::swap(values[i - 1], values[random() % i]);
    }
}

// Cores for the formula path, and for the 3-D path where there is one.
CoreTensors core_tensors_of(const std::vector<const CoreGraph*>& cores,
                            const LearnerOptions& options,
                            const torch::Device& device) {
    CoreTensors tensors = tensors_of(core_batch(cores), device);
    if (options.structure_layers > 0) {
        tensors.structures = tensors_of(structure_batch(cores), device);
    }
    return tensors;
}

}  // namespace

struct Member::Impl {
    LearnerOptions options;
    torch::Device device;
    Network network;

    Impl(const LearnerOptions& o, std::uint64_t seed)
        : options(o), device(device_of(o.device)), network(o, seed, device) {}
};

namespace {

// Draws degree-preserving swaps of the known pairs, `times` per pair.
void draw_negatives(const TrainingSet& data,
                    const PairTable& taken,
                    int times,
                    std::mt19937_64& random,
                    std::vector<Pair>& pairs) {
    std::vector<std::size_t> order(data.known.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (int time = 0; time < times; ++time) {
        shuffle(order, random);
        for (std::size_t i = 0; i < order.size(); ++i) {
            const Pair swapped{data.known[i].core, data.known[order[i]].set};
            if (!taken.has(swapped)) {
                pairs.push_back(swapped);
            }
        }
    }
}

struct Sides {
    torch::Tensor cores, sets;
};

// A sample of known pairs for InfoNCE: every core of them with every set, row by row, in `pairs`;
// returns their number and, in `mask`, what is added to the logits of other known pairs.
std::int64_t draw_square(const TrainingSet& data,
                         const PairTable& taken,
                         std::mt19937_64& random,
                         std::vector<Pair>& pairs,
                         torch::Tensor& mask) {
    std::vector<std::size_t> order(data.known.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    shuffle(order, random);
    order.resize(std::min<std::size_t>(order.size(), 96));
    const auto n = static_cast<std::int64_t>(order.size());
    mask = torch::zeros({n, n});
    auto* cell = mask.data_ptr<float>();
    for (const std::size_t i : order) {
        for (const std::size_t j : order) {
            pairs.push_back({data.known[i].core, data.known[j].set});
            *cell++ = i != j && taken.has(pairs.back()) ? -30.0F : 0.0F;
        }
    }
    return n;
}

torch::Tensor contrast_loss(const torch::Tensor& logits) {
    const auto truth = torch::arange(logits.size(0), torch::kLong).to(logits.device());
    return 0.5 * (torch::nn::functional::cross_entropy(logits, truth) +
                  torch::nn::functional::cross_entropy(logits.transpose(0, 1), truth));
}

torch::Tensor step_loss(const Network& network,
                        const Sides& sides,
                        const TrainingSet& data,
                        const PairTable& taken,
                        const LearnerOptions& options,
                        std::mt19937_64& random) {
    std::vector<Pair> pairs = data.known;
    draw_negatives(data, taken, 6, random, pairs);
    const std::size_t negatives = pairs.size() - data.known.size();
    std::vector<float> labels(pairs.size(), static_cast<float>(options.smoothing));
    std::vector<float> weights(pairs.size(),
                               static_cast<float>(data.known.size()) /
                                   static_cast<float>(std::max<std::size_t>(negatives, 1)));
    std::fill_n(labels.begin(), data.known.size(), static_cast<float>(1.0 - options.smoothing));
    std::fill_n(weights.begin(), data.known.size(), 1.0F);
    for (const auto& trial : data.trials) {
        pairs.push_back(trial.pair);
        labels.push_back(
            static_cast<float>(trial.label * (1 - 2 * options.smoothing) + options.smoothing));
        weights.push_back(static_cast<float>(trial.weight));
    }
    const auto judged = static_cast<std::int64_t>(pairs.size());
    torch::Tensor mask;
    const std::int64_t square =
        options.contrast > 0.0 ? draw_square(data, taken, random, pairs, mask) : 0;
    const auto device = sides.cores.device();
    const auto logits = network.logits(
        sides.cores, sides.sets, column(pairs, true, device), column(pairs, false, device));
    const auto weight = torch::tensor(weights).to(device);
    const auto loss = torch::binary_cross_entropy_with_logits(logits.narrow(0, 0, judged),
                                                              torch::tensor(labels).to(device),
                                                              weight,
                                                              {},
                                                              at::Reduction::Sum);
    auto total = loss / weight.sum();
    if (square > 0) {
        total = total +
                options.contrast *
                    contrast_loss(logits.narrow(0, judged, square * square).view({square, square}) +
                                  mask.to(device));
    }
    return total;
}

}  // namespace

Member::Member(const LearnerOptions& options, std::uint64_t seed)
    : impl_(std::make_unique<Impl>(options, seed)) {}

Member::Member(const LearnerOptions& options, const NamedArrays& arrays, const std::string& prefix)
    : Member(options, 0) {
    const torch::NoGradGuard no_grad;
    for (auto& [name, tensor] : impl_->network.parameters()) {
        const auto it = arrays.find(prefix + name);
        if (it == arrays.end() || it->second.dtype != "f32" ||
            it->second.shape != tensor.sizes().vec()) {
            throw Error("a stored model lacks a fitting array " + prefix + name);
        }
        auto loaded = torch::empty(tensor.sizes(), torch::kFloat);
        std::memcpy(loaded.data_ptr<float>(), it->second.bytes.data(), it->second.bytes.size());
        tensor.copy_(loaded);
    }
}

void Member::start_from(const NamedArrays& arrays) {
    const torch::NoGradGuard no_grad;
    std::size_t taken = 0;
    for (auto& [name, tensor] : impl_->network.parameters()) {
        const auto it = arrays.find(name);
        if (it == arrays.end()) {
            continue;
        }
        if (it->second.dtype != "f32" || it->second.shape != tensor.sizes().vec()) {
            throw Error("the pretrained array " + name +
                        " has another shape than this network's; pretrain with the same widths "
                        "and layers");
        }
        auto loaded = torch::empty(tensor.sizes(), torch::kFloat);
        std::memcpy(loaded.data_ptr<float>(), it->second.bytes.data(), it->second.bytes.size());
        tensor.copy_(loaded);
        ++taken;
    }
    if (taken == 0) {
        throw Error("the pretrained weights hold no array of this network");
    }
}

Member::Member(Member&&) noexcept = default;
Member& Member::operator=(Member&&) noexcept = default;
Member::~Member() = default;

Member Member::clone() const {
    NamedArrays arrays;
    store(arrays, "");
    return Member(impl_->options, arrays, "");
}

void Member::train(const Catalogue& catalogue,
                   const TrainingSet& data,
                   int epochs,
                   std::uint64_t seed,
                   const std::function<void()>& tick) {
    const LearnerOptions& options = impl_->options;
    Network& network = impl_->network;
    std::mt19937_64 random(seed);
    network.seed_dropout(random());
    std::vector<const CoreGraph*> cores;
    for (const std::size_t core : data.cores) {
        cores.push_back(&catalogue.cores()[core]);
    }
    const CoreTensors core_tensors = core_tensors_of(cores, options, impl_->device);
    const SetTensors set_tensors =
        tensors_of(set_inputs(catalogue, data.sets), impl_->device, options.graph_layers > 0);
    std::set<Pair> taken(data.known.begin(), data.known.end());
    taken.insert(data.left_out.begin(), data.left_out.end());
    for (const auto& trial : data.trials) {
        taken.insert(trial.pair);
    }
    const PairTable is_taken(taken);
    Optimiser optimiser(network.parameters(), options.weight_decay);
    network.set_training(true);
    for (int epoch = 0; epoch < epochs; ++epoch) {
        // One warm-up tenth, then a cosine down to a twentieth.
        const double done = static_cast<double>(epoch) / std::max(epochs, 1);
        const double scale = done < 0.1
                                 ? 0.1 + 9.0 * done
                                 : 0.05 + 0.475 * (1.0 + std::cos(3.14159265 * (done - 0.1) / 0.9));
        optimiser.clear();
        const Sides sides{network.encode_cores(core_tensors), network.encode_sets(set_tensors)};
        step_loss(network, sides, data, is_taken, options, random).backward();
        optimiser.step(options.learning_rate * scale,
                       std::min(0.95, (1.0 + epoch) / (10.0 + epoch)));
        if (tick) {
            tick();
        }
    }
    network.set_training(false);
    optimiser.finish();
}

std::size_t Member::side_width() const {
    return static_cast<std::size_t>(impl_->options.embedding + impl_->options.rectified);
}

std::size_t Member::feature_count() const {
    return side_width() + 1;
}

std::vector<double> Member::head_weights() const {
    std::vector<double> result;
    for (const char* name : {"head.dot", "head.rectified", "head.constant"}) {
        const auto tensor = impl_->network.get(name).detach().cpu().contiguous();
        const float* values = tensor.data_ptr<float>();
        result.insert(result.end(), values, values + tensor.numel());
    }
    return result;
}

namespace {

std::vector<float> values_of(const torch::Tensor& tensor) {
    const auto plain = tensor.cpu().contiguous();
    const float* values = plain.data_ptr<float>();
    return std::vector<float>(values, values + plain.numel());
}

}  // namespace

std::vector<float> Member::core_sides(const std::vector<const CoreGraph*>& cores) const {
    const torch::NoGradGuard no_grad;
    return values_of(
        impl_->network.encode_cores(core_tensors_of(cores, impl_->options, impl_->device)));
}

std::vector<float> Member::set_sides(const Catalogue& catalogue,
                                     const std::vector<std::size_t>& sets) const {
    const torch::NoGradGuard no_grad;
    return values_of(impl_->network.encode_sets(
        tensors_of(set_inputs(catalogue, sets), impl_->device, impl_->options.graph_layers > 0)));
}

void Member::combine(const float* core_side, const float* set_side, float* out) const {
    const auto e = static_cast<std::size_t>(impl_->options.embedding);
    const std::size_t width = side_width();
    for (std::size_t i = 0; i < e; ++i) {
        out[i] = core_side[i] * set_side[i];
    }
    for (std::size_t i = e; i < width; ++i) {
        out[i] = std::max(core_side[i] + set_side[i], 0.0F);
    }
    out[width] = 1.0F;
}

void Member::store(NamedArrays& arrays, const std::string& prefix) const {
    for (const auto& [name, tensor] : impl_->network.parameters()) {
        const auto plain = tensor.detach().cpu().contiguous();
        NamedArray array{"f32", plain.sizes().vec(), {}};
        array.bytes.resize(static_cast<std::size_t>(plain.numel()) * sizeof(float));
        std::memcpy(array.bytes.data(), plain.data_ptr<float>(), array.bytes.size());
        arrays[prefix + name] = std::move(array);
    }
}

void require_device(const std::string& name) {
    (void)device_of(name);
}

/// Each worker thread runs its operators alone: two threads inside one small graph are slower.
void use_one_thread_per_operator() {
    torch::set_num_threads(1);
}

}  // namespace cupel::learner
