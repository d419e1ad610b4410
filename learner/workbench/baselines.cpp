// Popularity's companions: nearest neighbour and composition.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>

#include <cupel/learner/laplace_head.hpp>
#include <cupel/workbench/baselines.hpp>

namespace cupel::workbench {
namespace {

constexpr std::size_t kBits = 256;
constexpr std::size_t kHashedNames = 16;
constexpr std::size_t kCoreWidth = 120;

// Composition by atomic number (metals share 0..99), size, anions by name hash, hydrides.
std::vector<float> core_row(const CoreGraph& core) {
    std::vector<float> row(kCoreWidth + kHashedNames + 3, 0.0F);
    float total = 0.0F;
    for (const auto& [z, count] : core.metals) {
        total += static_cast<float>(count);
    }
    for (const auto& [z, count] : core.metals) {
        row[std::min<std::size_t>(z, kCoreWidth - 1)] +=
            static_cast<float>(count) / std::max(total, 1.0F);
    }
    for (const auto& [name, count] : core.anions) {
        std::size_t hash = 5381;
        for (const char c : name) {
            hash = hash * 33 + static_cast<unsigned char>(c);
        }
        row[kCoreWidth + hash % kHashedNames] += static_cast<float>(count);
    }
    row[kCoreWidth + kHashedNames] = std::log(std::max(total, 1.0F));
    row[kCoreWidth + kHashedNames + 1] = total;
    row[kCoreWidth + kHashedNames + 2] = static_cast<float>(std::max(core.hydrides, 0));
    return row;
}

std::size_t class_place(const std::string& name) {
    std::size_t hash = 5381;
    for (const char c : name) {
        hash = hash * 33 + static_cast<unsigned char>(c);
    }
    return hash % 61;
}

// Fingerprint bits of any ligand of the set, then donor classes.
std::vector<float> set_row(const learner::Catalogue& catalogue, std::size_t set) {
    std::vector<float> row(kBits + 61, 0.0F);
    for (const std::size_t index : catalogue.sets().at(set)) {
        const auto& ligand = catalogue.ligands().at(index);
        for (const auto& bit : ligand.fingerprint.counts) {
            row[bit.first % kBits] = 1.0F;
        }
        row[kBits + class_place(ligand.graph.donor_class)] = 1.0F;
    }
    return row;
}

// What the composition model sees: a constant, the core's composition and size, the set's donor
// classes, and the products of the two.
std::vector<double> composition_row(const learner::Catalogue& catalogue,
                                    const learner::Pair& pair) {
    const CoreGraph& core = catalogue.cores().at(pair.core);
    std::vector<double> left(16, 0.0);
    double total = 0.0;
    for (const auto& metal : core.metals) {
        total += metal.second;
    }
    const std::map<int, std::size_t> places = {
        {29, 1}, {47, 2}, {79, 3}, {46, 4}, {78, 5}, {48, 6}, {80, 7}};
    for (const auto& [z, count] : core.metals) {
        const auto it = places.find(z);
        left[it == places.end() ? 8 : it->second] += count / std::max(total, 1.0);
    }
    left[0] = 1.0;
    left[9] = std::log(std::max(total, 1.0)) / 2.0 - 1.0;
    left[10] = core.hydrides > 0 ? 1.0 : 0.0;
    for (const auto& [name, count] : core.anions) {
        const bool halide = name == "Cl" || name == "Br" || name == "I" || name == "F";
        const bool chalcogenide = name == "S" || name == "Se" || name == "Te" || name == "O";
        left[halide ? 11 : chalcogenide ? 12 : 13] = 1.0;
    }
    std::vector<double> right(62, 0.0);
    right[0] = 1.0;
    for (const std::size_t index : catalogue.sets().at(pair.set)) {
        right[1 + class_place(catalogue.ligands().at(index).graph.donor_class)] = 1.0;
    }
    std::vector<double> row;
    for (const double a : left) {
        for (const double b : right) {
            row.push_back(a * b);
        }
    }
    return row;
}

}  // namespace

NearestNeighbour::NearestNeighbour(const learner::Catalogue& catalogue,
                                   std::vector<learner::Pair> known)
    : known_(std::move(known)) {
    for (const auto& pair : known_) {
        cores_.push_back(core_row(catalogue.cores().at(pair.core)));
        sets_.push_back(set_row(catalogue, pair.set));
    }
    const std::size_t width = cores_.empty() ? 0 : cores_[0].size();
    scale_.assign(width, 0.0F);
    for (std::size_t j = 0; j < width; ++j) {
        double mean = 0.0;
        double square = 0.0;
        for (const auto& row : cores_) {
            mean += static_cast<double>(row[j]);
            square += static_cast<double>(row[j]) * static_cast<double>(row[j]);
        }
        const double n = static_cast<double>(cores_.size());
        const double deviation = std::sqrt(std::max(square / n - mean * mean / n / n, 0.0));
        scale_[j] = static_cast<float>(1.0 / (deviation + 1e-6));
    }
}

std::vector<double> NearestNeighbour::core_similarities(const CoreGraph& graph) const {
    const auto core = core_row(graph);
    std::vector<double> result;
    for (const auto& known : cores_) {
        float distance = 0.0F;
        for (std::size_t j = 0; j < core.size(); ++j) {
            distance += std::abs(core[j] - known[j]) * scale_[j];
        }
        result.push_back(std::exp(-static_cast<double>(distance) / 4.0));
    }
    return result;
}

std::vector<double> NearestNeighbour::set_similarities(const learner::Catalogue& catalogue,
                                                       std::size_t index) const {
    const auto set = set_row(catalogue, index);
    std::vector<double> result;
    for (const auto& known : sets_) {
        float both = 0.0F;
        float any = 0.0F;
        for (std::size_t j = 0; j < set.size(); ++j) {
            both += std::min(set[j], known[j]);
            any += std::max(set[j], known[j]);
        }
        result.push_back(static_cast<double>(both / std::max(any, 1e-9F)));
    }
    return result;
}

std::vector<double> NearestNeighbour::similarities(const learner::Catalogue& catalogue,
                                                   const learner::Pair& pair) const {
    auto result = core_similarities(catalogue.cores().at(pair.core));
    const auto sets = set_similarities(catalogue, pair.set);
    for (std::size_t k = 0; k < result.size(); ++k) {
        result[k] *= sets[k];
    }
    return result;
}

std::vector<double> NearestNeighbour::scores(const learner::Catalogue& catalogue,
                                             const std::vector<learner::Pair>& pairs) const {
    std::map<std::size_t, std::vector<double>> of_core, of_set;
    std::vector<double> result;
    for (const auto& pair : pairs) {
        auto& core = of_core[pair.core];
        auto& set = of_set[pair.set];
        if (core.empty()) {
            core = core_similarities(catalogue.cores().at(pair.core));
        }
        if (set.empty()) {
            set = set_similarities(catalogue, pair.set);
        }
        double best = 0.0;
        for (std::size_t k = 0; k < core.size(); ++k) {
            best = std::max(best, core[k] * set[k]);
        }
        result.push_back(best);
    }
    return result;
}

double NearestNeighbour::score(const learner::Catalogue& catalogue,
                               const learner::Pair& pair) const {
    const auto all = similarities(catalogue, pair);
    return all.empty() ? 0.0 : *std::max_element(all.begin(), all.end());
}

std::vector<std::pair<std::size_t, double>> NearestNeighbour::nearest(
    const learner::Catalogue& catalogue, const learner::Pair& pair, std::size_t count) const {
    const auto all = similarities(catalogue, pair);
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    count = std::min(count, order.size());
    std::partial_sort(
        order.begin(),
        order.begin() + static_cast<std::ptrdiff_t>(count),
        order.end(),
        [&](std::size_t a, std::size_t b) { return all[a] != all[b] ? all[a] > all[b] : a < b; });
    std::vector<std::pair<std::size_t, double>> result;
    for (std::size_t i = 0; i < count; ++i) {
        result.emplace_back(order[i], all[order[i]]);
    }
    return result;
}

std::vector<std::pair<std::size_t, double>> NearestNeighbour::nearest_by(
    Side side,
    const learner::Catalogue& catalogue,
    const learner::Pair& pair,
    std::size_t count) const {
    const auto all = side == Side::Core      ? core_similarities(catalogue.cores().at(pair.core))
                     : side == Side::Ligands ? set_similarities(catalogue, pair.set)
                                             : similarities(catalogue, pair);
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(
        order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all[a] > all[b]; });
    std::vector<std::pair<std::size_t, double>> result;
    std::set<std::size_t> seen;
    for (const std::size_t place : order) {
        const learner::Pair& known = known_[place];
        const bool fresh =
            side == Side::Both || seen.insert(side == Side::Core ? known.core : known.set).second;
        if (fresh && result.size() < count) {
            result.emplace_back(place, all[place]);
        }
    }
    return result;
}

CompositionModel::CompositionModel(const learner::Catalogue& catalogue,
                                   const std::vector<learner::Pair>& known,
                                   std::uint64_t seed) {
    const std::set<learner::Pair> taken(known.begin(), known.end());
    std::mt19937_64 random(seed + 29);
    std::vector<std::vector<double>> rows;
    std::vector<double> labels;
    for (const auto& pair : known) {
        rows.push_back(composition_row(catalogue, pair));
        labels.push_back(1.0);
        for (int i = 0; i < 4; ++i) {
            const learner::Pair swapped{pair.core, known[random() % known.size()].set};
            if (taken.count(swapped) == 0) {
                rows.push_back(composition_row(catalogue, swapped));
                labels.push_back(0.0);
            }
        }
    }
    weights_.assign(rows.empty() ? 0 : rows[0].size(), 0.0);
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (int epoch = 0; epoch < 60; ++epoch) {
        for (std::size_t i = order.size(); i > 1; --i) {
            std::swap(order[i - 1], order[random() % i]);
        }
        const double rate = 0.05 / (1.0 + 0.05 * epoch);
        for (const std::size_t n : order) {
            double logit = 0.0;
            for (std::size_t j = 0; j < weights_.size(); ++j) {
                logit += weights_[j] * rows[n][j];
            }
            const double error = labels[n] - learner::sigmoid(logit);
            for (std::size_t j = 0; j < weights_.size(); ++j) {
                weights_[j] += rate * (error * rows[n][j] - 1e-3 * weights_[j]);
            }
        }
    }
}

double CompositionModel::score(const learner::Catalogue& catalogue,
                               const learner::Pair& pair) const {
    const auto row = composition_row(catalogue, pair);
    return std::inner_product(row.begin(), row.end(), weights_.begin(), 0.0);
}

}  // namespace cupel::workbench
