// What the 3-D path must not see (place, turn, mirror image, order) and what it must.
#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "../../../../learner/model/torch/structure_encoder.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::learner;

namespace {

using Matrix = std::array<std::array<double, 3>, 3>;
constexpr std::int64_t kOut = 24;
constexpr int kLayers = 3;

// Two shells of gold and copper about a chloride, shaken: no symmetry is left.
CoreGraph shaken_cluster(unsigned seed) {
    std::mt19937_64 random(seed);
    const auto jitter = [&] { return 0.3 * (static_cast<double>(random() % 1000) / 1000.0 - 0.5); };
    CoreGraph core;
    for (int x = -1; x <= 1; ++x) {
        for (int y = -1; y <= 1; ++y) {
            for (int z = -1; z <= 1; ++z) {
                const bool centre = x == 0 && y == 0 && z == 0;
                core.elements.push_back(centre ? 17 : (x + y + z) % 2 == 0 ? 79 : 29);
                core.positions.push_back({static_cast<float>(2.8 * x + jitter()),
                                          static_cast<float>(2.8 * y + jitter()),
                                          static_cast<float>(2.8 * z + jitter())});
            }
        }
    }
    core.metals = {{29, 14}, {79, 12}};
    return core;
}

// About the axis (1, 2, 3) by 1.1 radian (Rodrigues).
Matrix turn() {
    const double n = std::sqrt(14.0);
    const std::array<double, 3> u{1 / n, 2 / n, 3 / n};
    const double c = std::cos(1.1);
    const double s = std::sin(1.1);
    Matrix m{};
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            m[i][j] = (i == j ? c : 0.0) + (1 - c) * u[i] * u[j];
        }
    }
    const auto add = [&](std::size_t i, std::size_t j, double x) {
        m[i][j] -= s * x;
        m[j][i] += s * x;
    };
    add(0, 1, u[2]);
    add(1, 2, u[0]);
    add(2, 0, u[1]);
    return m;
}

CoreGraph moved(CoreGraph core, const Matrix& m, const std::array<double, 3>& shift) {
    for (auto& place : core.positions) {
        const auto old = place;
        for (std::size_t i = 0; i < 3; ++i) {
            double sum = shift[i];
            for (std::size_t j = 0; j < 3; ++j) {
                sum += m[i][j] * static_cast<double>(old[j]);
            }
            place[i] = static_cast<float>(sum);
        }
    }
    return core;
}

constexpr Matrix kStill{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

StructureEncoder::Parameters weights(std::uint64_t seed = 5) {
    StructureEncoder::Parameters parameters;
    StructureEncoder::add_parameters(parameters, kLayers, kOut, seed, torch::kCPU);
    return parameters;
}

StructureTensors tensors(const std::vector<const CoreGraph*>& cores) {
    return tensors_of(structure_batch(cores), torch::kCPU);
}

torch::Tensor encoded(const StructureEncoder::Parameters& parameters,
                      const std::vector<const CoreGraph*>& cores) {
    return StructureEncoder(parameters, kLayers).encode(tensors(cores));
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

// Single precision: places of ten angstrom are rounded to 5e-7 when a core is moved.
constexpr double kSame = 1e-5;

}  // namespace

TEST_CASE("the embedding of a core does not change when it is moved, turned or mirrored",
          "[learner]") {
    const auto parameters = weights();
    const CoreGraph core = shaken_cluster(1);
    const auto as_it_is = encoded(parameters, {&core});
    // There is something to compare: another core has another embedding.
    const CoreGraph another = shaken_cluster(2);
    REQUIRE(difference(as_it_is, encoded(parameters, {&another})) > 100 * kSame);
    SECTION("moved") {
        const auto other = moved(core, kStill, {3.0, -2.0, 1.5});
        CHECK(difference(as_it_is, encoded(parameters, {&other})) <= kSame);
    }
    SECTION("turned") {
        const auto other = moved(core, turn(), {0.0, 0.0, 0.0});
        CHECK(difference(as_it_is, encoded(parameters, {&other})) <= kSame);
    }
    SECTION("mirrored") {
        const Matrix mirror{{{1, 0, 0}, {0, 1, 0}, {0, 0, -1}}};
        const auto other = moved(core, mirror, {0.0, 0.0, 0.0});
        CHECK(difference(as_it_is, encoded(parameters, {&other})) <= kSame);
    }
    SECTION("listed in another order") {
        CoreGraph other = core;
        std::reverse(other.elements.begin(), other.elements.end());
        std::reverse(other.positions.begin(), other.positions.end());
        std::rotate(other.elements.begin(), other.elements.begin() + 7, other.elements.end());
        std::rotate(other.positions.begin(), other.positions.begin() + 7, other.positions.end());
        CHECK(difference(as_it_is, encoded(parameters, {&other})) <= kSame);
    }
}

TEST_CASE("the elements of the atoms and their distances are seen", "[learner]") {
    const auto parameters = weights();
    const CoreGraph core = shaken_cluster(1);
    const auto as_it_is = encoded(parameters, {&core});
    CoreGraph silver = core;
    silver.elements[0] = 47;
    CHECK(difference(as_it_is, encoded(parameters, {&silver})) > 100 * kSame);
    const Matrix wider{{{1.05, 0, 0}, {0, 1.05, 0}, {0, 0, 1.05}}};
    const auto stretched = moved(core, wider, {0.0, 0.0, 0.0});
    CHECK(difference(as_it_is, encoded(parameters, {&stretched})) > 100 * kSame);
}

TEST_CASE("the vectors of atoms turn with the core, the scalars stay", "[learner]") {
    const auto parameters = weights();
    const StructureEncoder encoder(parameters, kLayers);
    const CoreGraph core = shaken_cluster(1);
    const CoreGraph other = moved(core, turn(), {1.0, 2.0, 3.0});
    const auto a = encoder.states(tensors({&core}));
    const auto b = encoder.states(tensors({&other}));
    auto matrix = torch::empty({3, 3});
    const Matrix m = turn();
    for (std::int64_t i = 0; i < 3; ++i) {
        for (std::int64_t j = 0; j < 3; ++j) {
            matrix[i][j] = m[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
        }
    }
    CHECK(difference(a.scalars, b.scalars) <= kSame);
    REQUIRE(a.vectors.abs().max().item<double>() > 100 * kSame);
    CHECK(difference(torch::matmul(matrix, a.vectors), b.vectors) <= kSame);
}

TEST_CASE("two cores in one batch are each as alone, cores without coordinates between them",
          "[learner]") {
    const auto parameters = weights();
    const CoreGraph one = shaken_cluster(1);
    CoreGraph two = shaken_cluster(2);
    two.elements.resize(13);
    two.positions.resize(13);
    CoreGraph formula;
    formula.metals = {{79, 25}};
    const auto input = tensors({&formula, &one, &formula, &two});
    const auto both = StructureEncoder(parameters, kLayers).encode(input);
    CHECK(difference(both[0], encoded(parameters, {&one})[0]) <= kSame);
    CHECK(difference(both[1], encoded(parameters, {&two})[0]) <= kSame);

    auto gated = parameters;
    gated["structure.gate"] = torch::full({kOut}, 0.5);
    const auto side = torch::ones({4, kOut});
    const auto sum = StructureEncoder(gated, kLayers).added_to(side, input);
    CHECK(difference(sum[0], side[0]) == 0.0);
    CHECK(difference(sum[2], side[2]) == 0.0);
    CHECK(difference(sum[1], side[1] + 0.5 * both[0]) <= kSame);
    CHECK(difference(sum[3], side[3] + 0.5 * both[1]) <= kSame);
    CHECK(difference(StructureEncoder(parameters, kLayers).added_to(side, input), side) == 0.0);
    CHECK(difference(StructureEncoder(gated, kLayers).added_to(side, tensors({&formula})), side) ==
          0.0);
}

TEST_CASE("an atom beyond the cutoff changes no other atom, and fades in without a step",
          "[learner]") {
    const auto parameters = weights();
    const StructureEncoder encoder(parameters, kLayers);
    const CoreGraph core = shaken_cluster(1);
    const auto atoms = static_cast<std::int64_t>(core.elements.size());
    const auto with_atom_at = [&](float x) {
        CoreGraph more = core;
        more.elements.push_back(47);
        more.positions.push_back({x, 0.0F, 0.0F});
        return encoder.states(tensors({&more})).scalars.narrow(0, 0, atoms);
    };
    const auto alone = encoder.states(tensors({&core})).scalars;
    CHECK(difference(alone, with_atom_at(12.0F)) <= kSame);
    CHECK(difference(alone, with_atom_at(5.0F)) > 100 * kSame);
    // Atom 22 stands furthest out near the axis: there the new one comes within its reach.
    float reach = 0.0F;
    for (const auto& p : core.positions) {
        reach = std::max(reach, p[0] + std::sqrt(25.0F - p[1] * p[1] - p[2] * p[2]));
    }
    CHECK(difference(with_atom_at(reach - 1e-3F), with_atom_at(reach + 1e-3F)) <= kSame);
}

TEST_CASE("every weight of the 3-D path gets a finite slope", "[learner]") {
    auto parameters = weights();
    parameters["structure.gate"].fill_(1.0);
    std::vector<torch::Tensor> variables;
    for (auto& [name, tensor] : parameters) {
        variables.push_back(tensor.set_requires_grad(true));
    }
    const CoreGraph core = shaken_cluster(1);
    // One atom alone: no neighbour, vectors of length zero.
    CoreGraph single;
    single.elements = {79};
    single.positions = {{0, 0, 0}};
    const auto side = StructureEncoder(parameters, kLayers)
                          .added_to(torch::zeros({2, kOut}), tensors({&core, &single}));
    const auto slopes = torch::autograd::grad({side.square().sum()}, variables, {}, {}, {}, true);
    std::size_t i = 0;
    for (const auto& [name, tensor] : parameters) {
        INFO(name);
        const auto& slope = slopes[i++];
        const bool last_vectors = name == "structure.layer2.mix_two.weight";
        REQUIRE(slope.defined());
        CHECK(torch::isfinite(slope).all().item<bool>());
        CHECK((last_vectors || slope.abs().max().item<double>() > 0.0));
    }
}

TEST_CASE("the same seed gives the same weights, another seed others", "[learner]") {
    const CoreGraph core = shaken_cluster(1);
    CHECK(difference(encoded(weights(5), {&core}), encoded(weights(5), {&core})) == 0.0);
    CHECK(difference(encoded(weights(5), {&core}), encoded(weights(6), {&core})) > 1e-3);
}
