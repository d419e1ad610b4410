// Best minima of bare Cu, Ag, Au clusters and their alloys: what the formula path pretrains on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <cupel/pretraining/basin_hopping.hpp>

namespace cupel::pretraining {

/// The best minimum found of one composition.
struct BareMinimum {
    Composition composition;
    int atoms = 0;
    double energy = 0.0;  ///< eV, of the whole cluster
    /// E(n+1) + E(n-1) - 2 E(n) of a pure metal, eV; above 0 = more stable than its neighbours.
    std::optional<double> second_difference;
    Shape shape;
};

struct MinimaOptions {
    int largest = 55;  ///< atoms
    int hops = 60;     ///< per composition, at most
    std::uint64_t seed = 0;
    int threads = 2;
    double minutes = 5.0;  ///< wall time; compositions not reached by then are left out
};

/// Every size of the three metals (2..largest), then binary alloys at five compositions of some
/// sizes. Calls `progress` with the fraction done from one thread at a time. The same options give
/// the same minima unless the time ran out.
std::vector<BareMinimum> bare_minima(
    const MinimaOptions& options,
    const std::function<void(double, const std::string&)>& progress = {});

/// Cut-outs of `atoms` atoms around the centres of an icosahedron, a decahedron and fcc crystals.
std::vector<Cluster> motifs(int element, int atoms);

/// A CSV table: composition, atoms, energy_ev, second_difference_ev, anisotropy, coordination,
/// inner_share. Reading throws InputError("bad_minima") by file and line.
void write_minima(const std::filesystem::path& file, const std::vector<BareMinimum>& minima);
std::vector<BareMinimum> read_minima(const std::filesystem::path& file);

}  // namespace cupel::pretraining
