// The second-moment (Gupta, RGL) potential of Cu, Ag, Au and their alloys.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace cupel::pretraining {

/// Atoms of a bare cluster; positions in angstrom.
struct Cluster {
    std::vector<std::uint8_t> elements;  ///< atomic numbers
    std::vector<std::array<double, 3>> positions;
};

/// Parameters of one pair of elements: energies in eV, distance in angstrom.
struct GuptaParameters {
    double a = 0.0, xi = 0.0, p = 0.0, q = 0.0, r0 = 0.0;
};

/// Cu-Cu, Ag-Ag, Au-Au and Cu-Au (fitted to Cu3Au) of Cleri & Rosato, Phys. Rev. B 1993, 48, 22;
/// Cu-Ag and Ag-Au, which that work does not give, by the usual rule: geometric means of the
/// energies, arithmetic means of the rest. Throws Error for any other element.
GuptaParameters gupta_parameters(int element, int other);

/// E = sum_i [ sum_j a exp(-p (r/r0 - 1)) - sqrt(sum_j xi^2 exp(-2q (r/r0 - 1))) ], in eV, over all
/// pairs (no cutoff). Throws Error for an element without parameters.
double gupta_energy(const Cluster& cluster);
/// The energy, and its gradient in eV per angstrom.
double gupta_energy(const Cluster& cluster, std::vector<std::array<double, 3>>& gradient);

/// The nearest local minimum (L-BFGS until no force component exceeds `tolerance` eV per angstrom
/// or `steps` are done); returns its energy.
double relax(Cluster& cluster, double tolerance = 1e-4, int steps = 600);

}  // namespace cupel::pretraining
