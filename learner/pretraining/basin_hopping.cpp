// Moves, acceptance and the shape of the result.
#include <algorithm>
#include <cmath>
#include <random>

#include <cupel/domain/error.hpp>
#include <cupel/pretraining/basin_hopping.hpp>

namespace cupel::pretraining {
namespace {

using Position = std::array<double, 3>;

double uniform(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

std::size_t below(std::size_t n, std::mt19937_64& random) {
    return static_cast<std::size_t>(uniform(random) * static_cast<double>(n));
}

double distance(const Position& a, const Position& b) {
    return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

Position direction(std::mt19937_64& random) {
    while (true) {
        const Position d{2 * uniform(random) - 1, 2 * uniform(random) - 1, 2 * uniform(random) - 1};
        const double length = std::hypot(d[0], d[1], d[2]);
        if (length > 0.1 && length < 1.0) {
            return {d[0] / length, d[1] / length, d[2] / length};
        }
    }
}

Position centre(const Cluster& cluster) {
    Position sum{};
    for (const auto& position : cluster.positions) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            sum[axis] += position[axis] / static_cast<double>(cluster.positions.size());
        }
    }
    return sum;
}

// From outside towards the centre until the nearest atom is one bond away.
void put_on_surface(Cluster& cluster, std::size_t atom, std::mt19937_64& random) {
    const Position middle = centre(cluster);
    const Position d = direction(random);
    double radius = 0.0;
    for (std::size_t i = 0; i < cluster.positions.size(); ++i) {
        if (i != atom) {
            radius = std::max(radius, distance(cluster.positions[i], middle));
        }
    }
    for (double r = radius + 3.0; r > 0.0; r -= 0.1) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            cluster.positions[atom][axis] = middle[axis] + r * d[axis];
        }
        for (std::size_t i = 0; i < cluster.positions.size(); ++i) {
            const double bond = gupta_parameters(cluster.elements[atom], cluster.elements[i]).r0;
            if (i != atom &&
                distance(cluster.positions[i], cluster.positions[atom]) < 0.95 * bond) {
                return;
            }
        }
    }
}

Cluster packed(const Composition& composition, std::mt19937_64& random) {
    Cluster cluster;
    for (const auto& [symbol, count] : composition) {
        for (int i = 0; i < count; ++i) {
            cluster.elements.push_back(static_cast<std::uint8_t>(atomic_number(symbol)));
        }
    }
    for (std::size_t i = cluster.elements.size(); i > 1; --i) {
        std::swap(cluster.elements[i - 1], cluster.elements[below(i, random)]);
    }
    const double radius = 1.7 * std::cbrt(static_cast<double>(cluster.elements.size()));
    for (std::size_t i = 0; i < cluster.elements.size(); ++i) {
        Position best{};
        double widest = -1.0;
        for (int attempt = 0; attempt < 30; ++attempt) {
            const Position d = direction(random);
            const double r = radius * std::cbrt(uniform(random));
            const Position position{r * d[0], r * d[1], r * d[2]};
            double nearest = 1e9;
            for (const auto& other : cluster.positions) {
                nearest = std::min(nearest, distance(position, other));
            }
            if (nearest > widest) {
                widest = nearest;
                best = position;
            }
            if (widest > 2.3) {
                break;
            }
        }
        cluster.positions.push_back(best);
    }
    return cluster;
}

void shake(Cluster& cluster, double reach, std::mt19937_64& random) {
    for (auto& position : cluster.positions) {
        for (auto& value : position) {
            value += reach * (2 * uniform(random) - 1);
        }
    }
}

void move_least_bound(Cluster& cluster, std::mt19937_64& random) {
    const auto energies = atom_energies(cluster);
    // One of the three least bound, so that a cluster with one loose atom is not stuck.
    std::vector<std::size_t> order(energies.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return energies[a] != energies[b] ? energies[a] > energies[b] : a < b;
    });
    put_on_surface(cluster, order[below(std::min<std::size_t>(3, order.size()), random)], random);
}

bool exchange_unlike(Cluster& cluster, std::mt19937_64& random) {
    const std::size_t n = cluster.elements.size();
    for (int attempt = 0; attempt < 50; ++attempt) {
        const std::size_t i = below(n, random);
        const std::size_t j = below(n, random);
        if (cluster.elements[i] != cluster.elements[j]) {
            std::swap(cluster.elements[i], cluster.elements[j]);
            return true;
        }
    }
    return false;
}

void step(Cluster& cluster, bool is_alloy, std::mt19937_64& random) {
    const double kind = uniform(random);
    if (is_alloy && kind < 0.5) {
        const std::size_t exchanges = 1 + below(2, random);
        for (std::size_t i = 0; i < exchanges; ++i) {
            exchange_unlike(cluster, random);
        }
    } else if (kind < 0.75 && cluster.elements.size() > 4) {
        const std::size_t moves = 1 + below(2, random);
        for (std::size_t i = 0; i < moves; ++i) {
            move_least_bound(cluster, random);
        }
    } else {
        shake(cluster, 0.5 + 0.9 * uniform(random), random);
    }
}

}  // namespace

std::vector<double> atom_energies(const Cluster& cluster) {
    std::vector<double> energies;
    for (std::size_t i = 0; i < cluster.positions.size(); ++i) {
        double repulsion = 0.0;
        double density = 0.0;
        for (std::size_t j = 0; j < cluster.positions.size(); ++j) {
            if (i == j) {
                continue;
            }
            const auto u = gupta_parameters(cluster.elements[i], cluster.elements[j]);
            const double stretch =
                distance(cluster.positions[i], cluster.positions[j]) / u.r0 - 1.0;
            repulsion += u.a * std::exp(-u.p * stretch);
            density += u.xi * u.xi * std::exp(-2.0 * u.q * stretch);
        }
        energies.push_back(repulsion - std::sqrt(density));
    }
    return energies;
}

Minimum best_minimum(const Composition& composition,
                     const std::vector<Cluster>& starts,
                     const HoppingOptions& options) {
    std::mt19937_64 random(options.seed);
    Minimum best;
    best.cluster = packed(composition, random);
    if (best.cluster.elements.empty()) {
        throw Error("a bare cluster needs at least one atom");
    }
    best.energy = relax(best.cluster);
    for (Cluster start : starts) {
        const double energy = relax(start);
        if (energy < best.energy) {
            best = {std::move(start), energy};
        }
    }
    Minimum here = best;
    for (int hop = 0; hop < options.hops && composition.size() + best.cluster.elements.size() > 3;
         ++hop) {
        if (options.is_over && options.is_over()) {
            break;
        }
        Cluster next = here.cluster;
        step(next, composition.size() > 1, random);
        const double energy = relax(next, 1e-3, 300);
        // A cluster that fell apart has no neighbours left for some atom; it is not accepted.
        if (!std::isfinite(energy)) {
            continue;
        }
        if (energy < here.energy ||
            uniform(random) < std::exp((here.energy - energy) / options.temperature)) {
            here = {std::move(next), energy};
        }
        if (here.energy < best.energy - 1e-6) {
            best = here;
        }
    }
    best.energy = relax(best.cluster);
    return best;
}

Shape shape_of(const Cluster& cluster) {
    Shape shape;
    const auto n = static_cast<double>(cluster.positions.size());
    const Position middle = centre(cluster);
    double tensor[3][3] = {};
    for (const auto& position : cluster.positions) {
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j) {
                tensor[i][j] += (position[i] - middle[i]) * (position[j] - middle[j]) / n;
            }
        }
    }
    // Relative shape anisotropy from the invariants of the tensor: 1 - 3 I2 / I1^2.
    const double trace = tensor[0][0] + tensor[1][1] + tensor[2][2];
    double minors = 0.0;
    for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t j = (i + 1) % 3;
        minors += tensor[i][i] * tensor[j][j] - tensor[i][j] * tensor[j][i];
    }
    shape.anisotropy = trace > 1e-9 ? std::max(0.0, 1.0 - 3.0 * minors / (trace * trace)) : 0.0;
    for (std::size_t i = 0; i < cluster.positions.size(); ++i) {
        int neighbours = 0;
        for (std::size_t j = 0; j < cluster.positions.size(); ++j) {
            const double bond = gupta_parameters(cluster.elements[i], cluster.elements[j]).r0;
            neighbours +=
                i != j && distance(cluster.positions[i], cluster.positions[j]) < 1.25 * bond ? 1
                                                                                             : 0;
        }
        shape.coordination += neighbours / n;
        shape.inner_share += (neighbours >= 12 ? 1.0 : 0.0) / n;
    }
    return shape;
}

}  // namespace cupel::pretraining
