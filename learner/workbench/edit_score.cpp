// Differences of two pairs in numbers, and Newton's method over choices.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include <cupel/domain/element.hpp>
#include <cupel/workbench/edit_score.hpp>

namespace cupel::workbench {
namespace {

constexpr double kRidge = 0.3;

enum Feature : std::size_t {
    kInteraction,
    kCoreKnown,
    kSetKnown,
    kNearest,
    kRemoval,
    kAdditionPresent,
    kAdditionNew,
    kSubstitutionPresent,
    kSubstitutionCoinage,
    kSubstitutionOther,
    kHydride,
    kAnion,
    kExchange,
    kUnlike,
    kCompound
};

std::map<int, int> metal_change(const CoreGraph& from, const CoreGraph& to) {
    std::map<int, int> change;
    for (const auto& [z, count] : to.metals) {
        change[z] += count;
    }
    for (const auto& [z, count] : from.metals) {
        change[z] -= count;
    }
    for (auto it = change.begin(); it != change.end();) {
        it = it->second == 0 ? change.erase(it) : std::next(it);
    }
    return change;
}

bool has_metal(const CoreGraph& core, int z) {
    return std::any_of(
        core.metals.begin(), core.metals.end(), [&](const auto& m) { return m.first == z; });
}

double likeness(const Fingerprint& a, const Fingerprint& b) {
    std::map<std::uint32_t, std::pair<int, int>> bits;
    for (const auto& [bit, count] : a.counts) {
        bits[bit].first = count;
    }
    for (const auto& [bit, count] : b.counts) {
        bits[bit].second = count;
    }
    double both = 0.0;
    double any = 0.0;
    for (const auto& entry : bits) {
        both += std::min(entry.second.first, entry.second.second);
        any += std::max(entry.second.first, entry.second.second);
    }
    return any > 0.0 ? both / any : 1.0;
}

/// Ligands of one set that the other lacks.
std::vector<std::size_t> without(const std::vector<std::size_t>& a,
                                 const std::vector<std::size_t>& b) {
    std::vector<std::size_t> result;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
    return result;
}

void put_metal(EditFeatures& f, const CoreGraph& from, const std::map<int, int>& change) {
    int total = 0;
    int gained = 0;
    for (const auto& [z, by] : change) {
        total += by;
        gained = by > 0 ? z : gained;
    }
    if (change.empty()) {
        return;
    }
    if (total < 0) {
        f[kRemoval] = 1.0;
    } else if (total > 0) {
        f[has_metal(from, gained) ? kAdditionPresent : kAdditionNew] = 1.0;
    } else {
        f[has_metal(from, gained)    ? kSubstitutionPresent
          : is_coinage_metal(gained) ? kSubstitutionCoinage
                                     : kSubstitutionOther] = 1.0;
    }
}

double dot(const EditFeatures& a, const EditFeatures& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < kEditFeatures; ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

using Matrix = std::array<EditFeatures, kEditFeatures>;

/// Gaussian elimination; `h` is positive definite.
EditFeatures solved(Matrix h, EditFeatures g) {
    for (std::size_t i = 0; i < kEditFeatures; ++i) {
        for (std::size_t k = i + 1; k < kEditFeatures; ++k) {
            const double f = h[k][i] / h[i][i];
            for (std::size_t j = i; j < kEditFeatures; ++j) {
                h[k][j] -= f * h[i][j];
            }
            g[k] -= f * g[i];
        }
    }
    for (std::size_t i = kEditFeatures; i-- > 0;) {
        for (std::size_t j = i + 1; j < kEditFeatures; ++j) {
            g[i] -= h[i][j] * g[j];
        }
        g[i] /= h[i][i];
    }
    return g;
}

/// Adds the gradient and curvature of one choice's log likelihood.
void add_choice(const EditChoice& choice, const EditFeatures& w, EditFeatures& g, Matrix& h) {
    std::vector<double> p;
    double largest = -1e300;
    for (const auto& row : choice.candidates) {
        p.push_back(dot(row, w));
        largest = std::max(largest, p.back());
    }
    double total = 0.0;
    for (double& value : p) {
        value = std::exp(value - largest);
        total += value;
    }
    EditFeatures mean{};
    Matrix square{};
    for (std::size_t n = 0; n < p.size(); ++n) {
        const auto& row = choice.candidates[n];
        for (std::size_t i = 0; i < kEditFeatures; ++i) {
            const double share = p[n] / total * row[i];
            mean[i] += share;
            for (std::size_t j = 0; j <= i && share != 0.0; ++j) {
                square[i][j] += share * row[j];
            }
        }
    }
    for (std::size_t i = 0; i < kEditFeatures; ++i) {
        g[i] += choice.candidates[choice.chosen][i] - mean[i];
        for (std::size_t j = 0; j <= i; ++j) {
            const double c = square[i][j] - mean[i] * mean[j];
            h[i][j] += c;
            if (i != j) {
                h[j][i] += c;
            }
        }
    }
}

}  // namespace

bool one_metal_apart(const CoreGraph& a, const CoreGraph& b) {
    if (a.anions != b.anions || std::max(a.hydrides, 0) != std::max(b.hydrides, 0)) {
        return false;
    }
    const auto change = metal_change(a, b);
    int size = 0;
    int total = 0;
    for (const auto& entry : change) {
        size += std::abs(entry.second);
        total += entry.second;
    }
    return size == 1 || (size == 2 && total == 0);
}

int edit_size(const learner::Catalogue& catalogue,
              const learner::Pair& parent,
              const learner::Pair& child) {
    const CoreGraph& from = catalogue.cores().at(parent.core);
    const CoreGraph& to = catalogue.cores().at(child.core);
    return (metal_change(from, to).empty() ? 0 : 1) + (from.anions == to.anions ? 0 : 1) +
           (std::max(from.hydrides, 0) == std::max(to.hydrides, 0) ? 0 : 1) +
           (parent.set == child.set ? 0 : 1);
}

EditFeatures edit_features(const learner::Catalogue& catalogue,
                           const learner::Pair& parent,
                           const learner::Pair& child,
                           double interaction,
                           double core_known,
                           double set_known,
                           double nearest) {
    const CoreGraph& from = catalogue.cores().at(parent.core);
    const CoreGraph& to = catalogue.cores().at(child.core);
    EditFeatures f{};
    f[kInteraction] = interaction;
    f[kCoreKnown] = std::log1p(core_known);
    f[kSetKnown] = std::log1p(set_known);
    f[kNearest] = std::log(nearest + 1e-3);
    put_metal(f, from, metal_change(from, to));
    f[kHydride] = std::max(from.hydrides, 0) == std::max(to.hydrides, 0) ? 0.0 : 1.0;
    f[kAnion] = from.anions == to.anions ? 0.0 : 1.0;
    if (parent.set != child.set) {
        f[kExchange] = 1.0;
        const auto& old_set = catalogue.sets().at(parent.set);
        const auto& new_set = catalogue.sets().at(child.set);
        const auto gone = without(old_set, new_set);
        const auto come = without(new_set, old_set);
        f[kUnlike] = gone.empty() || come.empty()
                         ? 1.0
                         : 1.0 - likeness(catalogue.ligands()[gone[0]].fingerprint,
                                          catalogue.ligands()[come[0]].fingerprint);
    }
    f[kCompound] = edit_size(catalogue, parent, child) > 1 ? 1.0 : 0.0;
    return f;
}

EditScore::EditScore() {
    weights_[kInteraction] = 1.0;
}

EditScore EditScore::fitted(const std::vector<const EditChoice*>& choices) {
    EditScore result;
    const EditFeatures prior = EditScore().weights_;
    for (int iteration = 0; iteration < 12; ++iteration) {
        EditFeatures g{};
        Matrix h{};
        for (std::size_t i = 0; i < kEditFeatures; ++i) {
            g[i] = -kRidge * (result.weights_[i] - prior[i]);
            h[i][i] = kRidge;
        }
        for (const auto* choice : choices) {
            add_choice(*choice, result.weights_, g, h);
        }
        const EditFeatures step = solved(h, g);
        for (std::size_t i = 0; i < kEditFeatures; ++i) {
            result.weights_[i] += std::clamp(step[i], -1.5, 1.5);
        }
    }
    return result;
}

double EditScore::score(const EditFeatures& features) const {
    return dot(weights_, features);
}

const std::array<const char*, kEditFeatures>& EditScore::names() {
    static const std::array<const char*, kEditFeatures> names{"interaction",
                                                              "core_known",
                                                              "set_known",
                                                              "nearest",
                                                              "removal",
                                                              "addition_of_a_metal_present",
                                                              "addition_of_a_new_metal",
                                                              "substitution_by_a_metal_present",
                                                              "substitution_by_a_new_coinage_metal",
                                                              "substitution_by_another_metal",
                                                              "hydride",
                                                              "anion",
                                                              "exchange",
                                                              "unlike_ligands",
                                                              "compound"};
    return names;
}

}  // namespace cupel::workbench
