// The second-moment potential against bulk metals, its own derivative and symmetry.
#include <cmath>

#include <cupel/domain/error.hpp>
#include <cupel/pretraining/basin_hopping.hpp>
#include <cupel/pretraining/gupta_potential.hpp>

#include "catch.hpp"

using namespace cupel::pretraining;

namespace {

constexpr int kCu = 29, kAg = 47, kAu = 79;

// A cube of fcc cells; `corner` stands on the cell corners, `face` on the faces. Atom 0 is central.
Cluster crystal(double lattice, int corner, int face) {
    Cluster cluster{{static_cast<std::uint8_t>(corner)}, {{0, 0, 0}}};
    constexpr int kReach = 4;
    for (int i = -kReach; i <= kReach; ++i) {
        for (int j = -kReach; j <= kReach; ++j) {
            for (int k = -kReach; k <= kReach; ++k) {
                if ((i + j + k) % 2 != 0 || (i == 0 && j == 0 && k == 0)) {
                    continue;
                }
                const bool is_corner = i % 2 == 0 && j % 2 == 0 && k % 2 == 0;
                cluster.elements.push_back(static_cast<std::uint8_t>(is_corner ? corner : face));
                cluster.positions.push_back({i * lattice / 2, j * lattice / 2, k * lattice / 2});
            }
        }
    }
    return cluster;
}

Cluster bent_tetramer() {
    return {{kCu, kAg, kAu, kAu}, {{0, 0, 0}, {2.6, 0.1, 0}, {1.1, 2.5, 0.2}, {1.2, 0.7, 2.4}}};
}

}  // namespace

TEST_CASE("an atom inside each metal is bound by its cohesive energy", "[gupta]") {
    // Experimental values that the parameters were fitted to; the sum runs over all distances, the
    // fit to the fifth neighbours only: 0.02 eV.
    CHECK(atom_energies(crystal(3.615, kCu, kCu))[0] == Approx(-3.544).margin(0.02));
    CHECK(atom_energies(crystal(4.085, kAg, kAg))[0] == Approx(-2.960).margin(0.02));
    CHECK(atom_energies(crystal(4.079, kAu, kAu))[0] == Approx(-3.779).margin(0.02));
}

TEST_CASE("Cu3Au is more stable than its elements", "[gupta]") {
    const Cluster alloy = crystal(3.75, kAu, kCu);
    std::size_t face = 1;  // a copper atom next to the central gold atom
    while (alloy.elements[face] != kCu || std::hypot(alloy.positions[face][0],
                                                     alloy.positions[face][1],
                                                     alloy.positions[face][2]) > 2.7) {
        ++face;
    }
    const auto energies = atom_energies(alloy);
    const double of_alloy = 0.25 * energies[0] + 0.75 * energies[face];
    const double of_elements = 0.25 * -3.779 + 0.75 * -3.544;
    CHECK(of_alloy < of_elements);
    CHECK(of_alloy > of_elements - 0.2);  // measured: 0.05 to 0.08 eV per atom
}

TEST_CASE("the gradient is the derivative of the energy", "[gupta]") {
    const Cluster cluster = bent_tetramer();
    std::vector<std::array<double, 3>> gradient;
    CHECK(gupta_energy(cluster, gradient) == gupta_energy(cluster));
    constexpr double kStep = 1e-5;
    for (std::size_t i = 0; i < cluster.positions.size(); ++i) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            Cluster up = cluster;
            Cluster down = cluster;
            up.positions[i][axis] += kStep;
            down.positions[i][axis] -= kStep;
            const double slope = (gupta_energy(up) - gupta_energy(down)) / (2 * kStep);
            // Central differences are good to the square of the step.
            CHECK(gradient[i][axis] == Approx(slope).margin(1e-7));
        }
    }
}

TEST_CASE("the energy knows nothing of place and turn", "[gupta]") {
    const Cluster cluster = bent_tetramer();
    Cluster moved = cluster;
    const double c = std::cos(0.7);
    const double s = std::sin(0.7);
    for (auto& p : moved.positions) {
        p = {c * p[0] - s * p[1] + 3.0, s * p[0] + c * p[1] - 1.0, p[2] + 0.5};
    }
    CHECK(gupta_energy(moved) == Approx(gupta_energy(cluster)).epsilon(1e-12));
}

TEST_CASE("relaxing ends where no force is left, and lower", "[gupta]") {
    Cluster cluster = bent_tetramer();
    const double before = gupta_energy(cluster);
    const double after = relax(cluster);
    CHECK(after < before);
    std::vector<std::array<double, 3>> gradient;
    CHECK(gupta_energy(cluster, gradient) == Approx(after).epsilon(1e-12));
    for (const auto& force : gradient) {
        for (const double component : force) {
            CHECK(std::abs(component) < 1e-3);
        }
    }
}

TEST_CASE("an element without parameters is named", "[gupta]") {
    CHECK_THROWS_WITH(gupta_parameters(78, kAu), Catch::Contains("Pt"));
    CHECK_THROWS_AS(gupta_energy({{46}, {{0, 0, 0}}}), cupel::Error);
}
