// Energy, gradient and local minima of the second-moment potential.
#include <algorithm>
#include <cmath>
#include <string>

#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/pretraining/gupta_potential.hpp>

namespace cupel::pretraining {
namespace {

constexpr int kCu = 29, kAg = 47, kAu = 79;
constexpr std::array<int, 3> kElements = {kCu, kAg, kAu};
constexpr GuptaParameters kPure[] = {
    {0.0855, 1.224, 10.960, 2.278, 2.556},
    {0.1028, 1.178, 10.928, 3.139, 2.889},
    {0.2061, 1.790, 10.229, 4.036, 2.884},
};
constexpr GuptaParameters kCuAu = {0.1539, 1.5605, 11.05, 3.0475, 2.556};

std::size_t place(int element) {
    for (std::size_t i = 0; i < kElements.size(); ++i) {
        if (kElements[i] == element) {
            return i;
        }
    }
    throw Error("no second-moment parameters for " + std::string(element_symbol(element)) +
                "; there are Cu, Ag and Au");
}

// Parameters of every pair of places, looked up once per call.
std::array<GuptaParameters, 9> parameter_table() {
    std::array<GuptaParameters, 9> table;
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            table[3 * i + j] = gupta_parameters(kElements[i], kElements[j]);
        }
    }
    return table;
}

using Flat = std::vector<double>;  // x y z of each atom

double dot(const Flat& a, const Flat& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

/// The potential over flat coordinates; keeps its scratch between calls.
class Evaluator {
  public:
    explicit Evaluator(const std::vector<std::uint8_t>& elements) {
        static const auto table = parameter_table();
        const std::size_t n = elements.size();
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                pairs_.push_back({i, j, table[3 * place(elements[i]) + place(elements[j])]});
            }
        }
        if (n == 1) {
            place(elements[0]);
        }
        density_.resize(n);
        repulsion_slope_.resize(pairs_.size());
        density_slope_.resize(pairs_.size());
        distance_.resize(pairs_.size());
    }

    double operator()(const Flat& x, Flat* gradient) {
        double energy = 0.0;
        std::fill(density_.begin(), density_.end(), 0.0);
        for (std::size_t k = 0; k < pairs_.size(); ++k) {
            const auto& [i, j, u] = pairs_[k];
            const double dx = x[3 * i] - x[3 * j];
            const double dy = x[3 * i + 1] - x[3 * j + 1];
            const double dz = x[3 * i + 2] - x[3 * j + 2];
            // Atoms that coincide would make every derivative infinite.
            const double r = std::max(std::sqrt(dx * dx + dy * dy + dz * dz), 0.2);
            const double stretch = r / u.r0 - 1.0;
            const double repulsion = u.a * std::exp(-u.p * stretch);
            const double density = u.xi * u.xi * std::exp(-2.0 * u.q * stretch);
            energy += 2.0 * repulsion;
            density_[i] += density;
            density_[j] += density;
            distance_[k] = r;
            repulsion_slope_[k] = -2.0 * u.p / u.r0 * repulsion;
            density_slope_[k] = -2.0 * u.q / u.r0 * density;
        }
        for (auto& density : density_) {
            const double root = std::sqrt(density);
            energy -= root;
            density = root > 1e-12 ? 0.5 / root : 0.0;  // from here on: d root / d density
        }
        if (gradient == nullptr) {
            return energy;
        }
        gradient->assign(x.size(), 0.0);
        for (std::size_t k = 0; k < pairs_.size(); ++k) {
            const auto& [i, j, u] = pairs_[k];
            const double slope =
                (repulsion_slope_[k] - density_slope_[k] * (density_[i] + density_[j])) /
                distance_[k];
            for (std::size_t axis = 0; axis < 3; ++axis) {
                const double force = slope * (x[3 * i + axis] - x[3 * j + axis]);
                (*gradient)[3 * i + axis] += force;
                (*gradient)[3 * j + axis] -= force;
            }
        }
        return energy;
    }

  private:
    struct AtomPair {
        std::size_t i, j;
        GuptaParameters parameters;
    };
    std::vector<AtomPair> pairs_;
    Flat density_, repulsion_slope_, density_slope_, distance_;
};

Flat flat(const Cluster& cluster) {
    Flat x;
    for (const auto& position : cluster.positions) {
        x.insert(x.end(), position.begin(), position.end());
    }
    return x;
}

/// The last few steps, from which L-BFGS forms its direction (Liu & Nocedal 1989).
class Memory {
  public:
    void add(Flat step, Flat change) {
        const double product = dot(step, change);
        if (product < 1e-12) {
            return;  // no curvature that a minimum could have
        }
        if (steps_.size() == 8) {
            steps_.erase(steps_.begin());
            changes_.erase(changes_.begin());
        }
        steps_.push_back(std::move(step));
        changes_.push_back(std::move(change));
    }
    void clear() {
        steps_.clear();
        changes_.clear();
    }
    Flat direction(const Flat& gradient) const {
        Flat d = gradient;
        std::vector<double> alpha(steps_.size());
        for (std::size_t k = steps_.size(); k-- > 0;) {
            alpha[k] = dot(steps_[k], d) / dot(steps_[k], changes_[k]);
            for (std::size_t i = 0; i < d.size(); ++i) {
                d[i] -= alpha[k] * changes_[k][i];
            }
        }
        // Without a step yet: 0.05 square angstrom per eV, the softness of these metals.
        const double scale = steps_.empty() ? 0.05
                                            : dot(steps_.back(), changes_.back()) /
                                                  dot(changes_.back(), changes_.back());
        for (auto& value : d) {
            value *= scale;
        }
        for (std::size_t k = 0; k < steps_.size(); ++k) {
            const double beta = dot(changes_[k], d) / dot(steps_[k], changes_[k]);
            for (std::size_t i = 0; i < d.size(); ++i) {
                d[i] += (alpha[k] - beta) * steps_[k][i];
            }
        }
        for (auto& value : d) {
            value = -value;
        }
        return d;
    }

  private:
    std::vector<Flat> steps_, changes_;
};

double largest(const Flat& values) {
    double result = 0.0;
    for (const double value : values) {
        result = std::max(result, std::abs(value));
    }
    return result;
}

}  // namespace

GuptaParameters gupta_parameters(int element, int other) {
    const std::size_t i = place(element);
    const std::size_t j = place(other);
    if (i == j) {
        return kPure[i];
    }
    if ((element == kCu && other == kAu) || (element == kAu && other == kCu)) {
        return kCuAu;
    }
    const auto& u = kPure[i];
    const auto& v = kPure[j];
    return {std::sqrt(u.a * v.a),
            std::sqrt(u.xi * v.xi),
            0.5 * (u.p + v.p),
            0.5 * (u.q + v.q),
            0.5 * (u.r0 + v.r0)};
}

double gupta_energy(const Cluster& cluster) {
    return Evaluator(cluster.elements)(flat(cluster), nullptr);
}

double gupta_energy(const Cluster& cluster, std::vector<std::array<double, 3>>& gradient) {
    Flat g;
    const double energy = Evaluator(cluster.elements)(flat(cluster), &g);
    gradient.resize(cluster.positions.size());
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        gradient[i] = {g[3 * i], g[3 * i + 1], g[3 * i + 2]};
    }
    return energy;
}

double relax(Cluster& cluster, double tolerance, int steps) {
    Evaluator energy_of(cluster.elements);
    Flat x = flat(cluster);
    Flat gradient;
    double energy = energy_of(x, &gradient);
    Memory memory;
    for (int step = 0; step < steps && largest(gradient) > tolerance; ++step) {
        Flat direction = memory.direction(gradient);
        if (dot(direction, gradient) >= 0.0) {
            memory.clear();
            direction = memory.direction(gradient);
        }
        // No atom moves more than 0.3 angstrom at once.
        double length = std::min(1.0, 0.3 / std::max(largest(direction), 1e-12));
        Flat next(x.size());
        Flat next_gradient;
        double next_energy = energy;
        bool is_lower = false;
        for (int attempt = 0; attempt < 12 && !is_lower; ++attempt, length *= 0.4) {
            for (std::size_t i = 0; i < x.size(); ++i) {
                next[i] = x[i] + length * direction[i];
            }
            next_energy = energy_of(next, &next_gradient);
            is_lower = next_energy <= energy + 1e-10;
        }
        if (!is_lower) {
            break;
        }
        Flat moved(x.size());
        Flat change(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            moved[i] = next[i] - x[i];
            change[i] = next_gradient[i] - gradient[i];
        }
        memory.add(std::move(moved), std::move(change));
        x = std::move(next);
        gradient = std::move(next_gradient);
        energy = next_energy;
    }
    for (std::size_t i = 0; i < cluster.positions.size(); ++i) {
        cluster.positions[i] = {x[3 * i], x[3 * i + 1], x[3 * i + 2]};
    }
    return energy;
}

}  // namespace cupel::pretraining
