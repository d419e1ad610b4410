// Message and update blocks of PaiNN, by index_select and index_add.
#include "structure_encoder.hpp"

#include <cmath>

#include "../inputs.hpp"

namespace cupel::learner {
namespace {

constexpr std::int64_t kBasis = 20;
constexpr double kPi = 3.14159265358979323846;
constexpr double kMessageShare = 0.25;  ///< one over the root of a usual number of neighbours
constexpr double kTiny = 1e-8;          ///< the root of a square has no slope at zero

torch::Tensor tensor_of(const std::vector<std::int64_t>& values, const torch::Device& device) {
    return torch::tensor(values, torch::kLong).to(device);
}

torch::Tensor tensor_of(const std::vector<float>& values,
                        at::IntArrayRef shape,
                        const torch::Device& device) {
    return torch::tensor(values, torch::kFloat).view(shape).to(device);
}

std::string name_of(int layer) {
    return "structure.layer" + std::to_string(layer);
}

}  // namespace

StructureTensors tensors_of(const StructureBatch& batch, const torch::Device& device) {
    StructureTensors t;
    t.structures = static_cast<std::int64_t>(batch.core.size());
    if (t.structures == 0) {
        return t;
    }
    t.core = tensor_of(batch.core, device);
    t.structure_of = tensor_of(batch.structure_of, device);
    t.properties =
        tensor_of(batch.properties, {-1, static_cast<std::int64_t>(kElementPropertyCount)}, device);
    t.inverse_size = tensor_of(batch.inverse_size, {-1, 1}, device);
    t.to = tensor_of(batch.to, device);
    t.from = tensor_of(batch.from, device);
    const auto pairs = static_cast<std::int64_t>(batch.to.size());
    // In double precision: the twentieth sine turns a rounding of the distance into fifty of them.
    const auto length =
        tensor_of(batch.length, {pairs, 1}, torch::kCPU).to(torch::kDouble) / kStructureCutoff;
    const auto orders = torch::arange(1, kBasis + 1, torch::kDouble) * kPi;
    t.basis = ((length * orders).sin() / (length * kStructureCutoff)).to(torch::kFloat).to(device);
    t.fade = (((length * kPi).cos() + 1.0) * 0.5).to(torch::kFloat).to(device);
    t.direction = tensor_of(batch.direction, {pairs, 3, 1}, device);
    return t;
}

void StructureEncoder::add_parameters(Parameters& parameters,
                                      int layers,
                                      std::int64_t out,
                                      std::uint64_t seed,
                                      const torch::Device& device) {
    auto generator = at::detail::createCPUGenerator(seed);
    const auto add = [&](const std::string& name, std::int64_t in, std::int64_t to, bool bias) {
        const double bound = std::sqrt(1.0 / static_cast<double>(in));
        parameters[name + ".weight"] = (torch::randn({to, in}, generator) * bound).to(device);
        if (bias) {
            parameters[name + ".bias"] = torch::zeros({to}).to(device);
        }
    };
    constexpr std::int64_t f = kWidth;
    add("structure.atom", static_cast<std::int64_t>(kElementPropertyCount), f, true);
    for (int layer = 0; layer < layers; ++layer) {
        const std::string name = name_of(layer);
        add(name + ".say_one", f, f, true);
        add(name + ".say_two", f, 3 * f, true);
        add(name + ".filter", kBasis, 3 * f, true);
        add(name + ".left", f, f, false);
        add(name + ".right", f, f, false);
        add(name + ".mix_one", 2 * f, f, true);
        add(name + ".mix_two", f, 3 * f, true);
    }
    add("structure.read", f, f, true);
    add("structure.out", f, out, true);
    parameters["structure.gate"] = torch::zeros({out}).to(device);
}

torch::Tensor StructureEncoder::linear(const std::string& name, const torch::Tensor& x) const {
    const auto bias = parameters_.find(name + ".bias");
    return torch::nn::functional::linear(
        x,
        parameters_.at(name + ".weight"),
        bias == parameters_.end() ? torch::Tensor() : bias->second);
}

// The message block (their equations 7 and 8): what each neighbour says, filtered by distance, goes
// into scalars; into vectors its own vectors, scaled, and the direction in which it lies.
void StructureEncoder::hear_neighbours(const std::string& layer,
                                       const StructureTensors& in,
                                       States& x) const {
    const auto filter = linear(layer + ".filter", in.basis) * in.fade;
    const auto said =
        linear(layer + ".say_two", torch::silu(linear(layer + ".say_one", x.scalars)));
    const auto parts = (said.index_select(0, in.from) * filter * kMessageShare).chunk(3, 1);
    auto vectors = in.direction * parts[1].unsqueeze(1);
    if (x.vectors.defined()) {
        vectors = vectors + x.vectors.index_select(0, in.from) * parts[2].unsqueeze(1);
    } else {
        x.vectors = torch::zeros({x.scalars.size(0), 3, kWidth}, x.scalars.options());
    }
    x.scalars = x.scalars.index_add(0, in.to, parts[0]);
    x.vectors = x.vectors.index_add(0, in.to, vectors);
}

// The update block (their equations 9 and 10): within an atom, lengths and inner products of
// vectors go into scalars, scalars scale vectors.
void StructureEncoder::mix(const std::string& layer, States& x) const {
    const auto left = linear(layer + ".left", x.vectors);
    const auto right = linear(layer + ".right", x.vectors);
    const auto length = (right.square().sum(1) + kTiny).sqrt();
    const auto parts =
        linear(layer + ".mix_two",
               torch::silu(linear(layer + ".mix_one", torch::cat({x.scalars, length}, 1))))
            .chunk(3, 1);
    x.scalars = x.scalars + parts[0] + parts[1] * (left * right).sum(1);
    x.vectors = x.vectors + left * parts[2].unsqueeze(1);
}

StructureEncoder::States StructureEncoder::states(const StructureTensors& input) const {
    States x;
    x.scalars = torch::silu(linear("structure.atom", input.properties));
    for (int layer = 0; layer < layers_; ++layer) {
        hear_neighbours(name_of(layer), input, x);
        mix(name_of(layer), x);
    }
    return x;
}

torch::Tensor StructureEncoder::encode(const StructureTensors& input) const {
    const auto atoms = torch::silu(linear("structure.read", states(input).scalars));
    const auto mean = torch::zeros({input.structures, kWidth}, atoms.options())
                          .index_add(0, input.structure_of, atoms) *
                      input.inverse_size;
    return linear("structure.out", mean);
}

torch::Tensor StructureEncoder::added_to(const torch::Tensor& side,
                                         const StructureTensors& input) const {
    if (input.structures == 0) {
        return side;
    }
    return side.index_add(0, input.core, encode(input) * parameters_.at("structure.gate"));
}

}  // namespace cupel::learner
