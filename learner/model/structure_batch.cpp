// Neighbours by a sweep along x: atoms are compared with those at most a cutoff further on.
#include "structure_batch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include <cupel/domain/error.hpp>

#include "inputs.hpp"

namespace cupel::learner {
namespace {

constexpr double kOnePlace = 1e-3;  ///< angstrom; there is no direction between nearer atoms

void check(const CoreGraph& core) {
    if (core.elements.size() != core.positions.size()) {
        throw Error("a core has " + std::to_string(core.elements.size()) + " elements but " +
                    std::to_string(core.positions.size()) + " positions");
    }
    for (const auto& position : core.positions) {
        for (const float x : position) {
            if (!std::isfinite(x)) {
                throw Error("a core has a position that is no finite number");
            }
        }
    }
}

struct Neighbour {
    std::int64_t to = 0, from = 0;
    double length = 0.0;
    std::array<double, 3> direction{};
};

std::vector<Neighbour> neighbours_of(const CoreGraph& core) {
    const auto& places = core.positions;
    std::vector<std::size_t> along_x(places.size());
    std::iota(along_x.begin(), along_x.end(), std::size_t{0});
    std::stable_sort(along_x.begin(), along_x.end(), [&](std::size_t a, std::size_t b) {
        return places[a][0] < places[b][0];
    });
    std::vector<Neighbour> found;
    for (std::size_t i = 0; i < along_x.size(); ++i) {
        const auto& a = places[along_x[i]];
        for (std::size_t j = i + 1; j < along_x.size(); ++j) {
            const auto& b = places[along_x[j]];
            std::array<double, 3> d{};
            double square = 0.0;
            for (std::size_t k = 0; k < 3; ++k) {
                d[k] = static_cast<double>(b[k]) - static_cast<double>(a[k]);
                square += d[k] * d[k];
            }
            if (d[0] >= kStructureCutoff) {
                break;
            }
            const double length = std::sqrt(square);
            if (length >= kStructureCutoff || length < kOnePlace) {
                continue;
            }
            for (double& x : d) {
                x /= length;
            }
            const auto first = static_cast<std::int64_t>(along_x[i]);
            const auto second = static_cast<std::int64_t>(along_x[j]);
            found.push_back({first, second, length, d});
            found.push_back({second, first, length, {-d[0], -d[1], -d[2]}});
        }
    }
    std::sort(found.begin(), found.end(), [](const Neighbour& a, const Neighbour& b) {
        return a.to != b.to ? a.to < b.to : a.from < b.from;
    });
    return found;
}

}  // namespace

StructureBatch structure_batch(const std::vector<const CoreGraph*>& cores) {
    StructureBatch batch;
    for (std::size_t row = 0; row < cores.size(); ++row) {
        const CoreGraph& core = *cores[row];
        check(core);
        if (core.positions.empty()) {
            continue;
        }
        const auto first = static_cast<std::int64_t>(batch.atom_count());
        const auto structure = static_cast<std::int64_t>(batch.core.size());
        batch.core.push_back(static_cast<std::int64_t>(row));
        batch.inverse_size.push_back(1.0F / static_cast<float>(core.positions.size()));
        for (const int z : core.elements) {
            for (const double property : element_properties(z)) {
                batch.properties.push_back(static_cast<float>(property));
            }
            batch.structure_of.push_back(structure);
        }
        for (const auto& neighbour : neighbours_of(core)) {
            batch.to.push_back(first + neighbour.to);
            batch.from.push_back(first + neighbour.from);
            batch.length.push_back(static_cast<float>(neighbour.length));
            for (const double x : neighbour.direction) {
                batch.direction.push_back(static_cast<float>(x));
            }
        }
    }
    return batch;
}

}  // namespace cupel::learner
