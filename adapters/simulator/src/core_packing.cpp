// Lattice pieces as cores; anions bridge hollows.
#include "core_packing.hpp"

#include <algorithm>

#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::simulator {
namespace {

struct Point {
    Vec3 at{};
    double rank = 0.0;  ///< distance from the centre in the stretched metric
};

std::vector<int> elements_of(const Composition& composition) {
    std::vector<int> elements;
    for (const auto& [symbol, count] : composition) {
        const int z = atomic_number(symbol);
        if (z == 0) {
            throw InputError("cannot_build",
                             "core anion " + symbol + " is polyatomic, which is not built here");
        }
        elements.insert(elements.end(), static_cast<std::size_t>(count), z);
    }
    return elements;
}

double mean_radius(const std::vector<int>& elements) {
    double sum = 0.0;
    for (const int z : elements) {
        sum += covalent_radius(z);
    }
    return sum / static_cast<double>(elements.size());
}

/// Points of a cubic lattice with half-integer steps whose index sum has parity `parity`
/// (0: face-centred; 1: its octahedral holes), nearest first.
std::vector<Point> lattice(double edge,
                           int parity,
                           std::size_t wanted,
                           const Vec3& offset,
                           const std::array<Vec3, 3>& frame,
                           double stretch) {
    const double reach = std::cbrt(static_cast<double>(wanted)) * std::max(stretch, 1.0 / stretch);
    const int n = 3 + static_cast<int>(2.0 * reach);
    std::vector<Point> points;
    for (int x = -n; x <= n; ++x) {
        for (int y = -n; y <= n; ++y) {
            for (int z = -n; z <= n; ++z) {
                if (((x + y + z) & 1) != parity) {
                    continue;
                }
                const Vec3 at = (0.5 * edge) * Vec3{static_cast<double>(x),
                                                    static_cast<double>(y),
                                                    static_cast<double>(z)} -
                                offset;
                const double along = dot(at, frame[0]) / stretch;
                const double u = dot(at, frame[1]);
                const double v = dot(at, frame[2]);
                points.push_back({at, along * along + u * u + v * v});
            }
        }
    }
    std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
        return a.rank < b.rank;
    });
    points.resize(std::min(points.size(), wanted));
    return points;
}

/// A hollow, a bridge or a top site for an anion; false when no try is free.
bool place_anion(Cluster& cluster, int element, std::size_t metals, Random& random) {
    constexpr int kTries = 600;
    Vec3 best{};
    int best_metals = 0;
    for (int i = 0; i < kTries; ++i) {
        const ClusterAtom& host = cluster.atoms()[random.index(metals)];
        const double length = covalent_radius(element) + covalent_radius(host.element);
        const Vec3 at = host.at + length * random.direction();
        int touched = 0;
        bool free = true;
        cluster.near(at, [&](const ClusterAtom& other, double apart) {
            const double excess = apart - covalent_radius(element) - covalent_radius(other.element);
            if (other.owner == kMetal) {
                free = excess > -0.12;
                touched += excess < 0.2 ? 1 : 0;
            } else {
                free = excess > 0.7;
            }
            return free;
        });
        if (free && touched > best_metals) {
            best = at;
            best_metals = touched;
        }
    }
    if (best_metals > 0) {
        cluster.add({element, best, kAnion, true});
    }
    return best_metals > 0;
}

}  // namespace

Cluster pack_core(const Core& core, const CoreShape& shape, Random& random) {
    std::vector<int> metals = elements_of(core.metals);
    std::vector<int> anions = elements_of(core.anions);
    random.shuffle(metals);
    random.shuffle(anions);
    const Vec3 axis = random.direction();
    const Vec3 side = perpendicular(axis);
    const std::array<Vec3, 3> frame{axis, side, cross(axis, side)};
    // Close packing at 1.05 x the sum of radii (Au-Au 2.86 angstrom); in the salt the metal-anion
    // distance decides instead.
    const bool salt = shape.salt && !anions.empty();
    const double edge = salt ? 2.0 * (mean_radius(metals) + mean_radius(anions)) * shape.spacing
                             : std::sqrt(2.0) * 2.1 * mean_radius(metals) * shape.spacing;
    const Vec3 offset = (0.5 * edge * random.uniform()) * random.direction();
    Cluster cluster;
    for (const auto& point : lattice(edge, 0, metals.size(), offset, frame, shape.stretch)) {
        cluster.add({metals[cluster.atoms().size()], point.at, kMetal, false});
    }
    if (salt) {
        std::size_t next = 0;
        for (const auto& point : lattice(edge, 1, anions.size(), offset, frame, shape.stretch)) {
            cluster.add({anions[next++], point.at, kAnion, true});
        }
        return cluster;
    }
    for (const int anion : anions) {
        if (!place_anion(cluster, anion, metals.size(), random)) {
            throw InputError("cannot_build", "no room for the core's anions");
        }
    }
    return cluster;
}

}  // namespace cupel::simulator
