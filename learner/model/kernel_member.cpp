// Two ridge solves over the similarities of cores and sets, and one feature per pair.
#include "kernel_member.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <utility>

#include <cupel/domain/error.hpp>

#include "inputs.hpp"
#include "similarity.hpp"

namespace cupel::learner {
namespace {

// Chosen on development splits (bench/pretraining-results.md).
constexpr double kRidge = 1.0;
constexpr double kMiss = 0.5;  ///< a measured miss against a known pair
/// Cells that count beside the free ones when the feature is scaled.
constexpr double kPriorCells = 20.0;

/// Row-major, rows x columns.
struct Matrix {
    std::size_t rows = 0, columns = 0;
    std::vector<double> values;
    Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c, 0.0) {}
    double* row(std::size_t i) { return values.data() + i * columns; }
    const double* row(std::size_t i) const { return values.data() + i * columns; }
    double& at(std::size_t i, std::size_t j) { return values[i * columns + j]; }
};

Matrix transposed(const Matrix& m) {
    Matrix t(m.columns, m.rows);
    for (std::size_t i = 0; i < m.rows; ++i) {
        for (std::size_t j = 0; j < m.columns; ++j) {
            t.at(j, i) = m.row(i)[j];
        }
    }
    return t;
}

void add_row(double* to, const double* from, double factor, std::size_t count) {
    for (std::size_t j = 0; j < count; ++j) {
        to[j] += factor * from[j];
    }
}

Matrix product(const Matrix& a, const Matrix& b) {
    Matrix c(a.rows, b.columns);
    for (std::size_t i = 0; i < a.rows; ++i) {
        for (std::size_t k = 0; k < a.columns; ++k) {
            add_row(c.row(i), b.row(k), a.row(i)[k], b.columns);
        }
    }
    return c;
}

// Solves (kernel + ridge I) X = right in place, by Cholesky. Mean kernels over Tanimoto and
// Laplace kernels are positive semi-definite, so the ridge keeps every pivot above zero.
void solve(Matrix kernel, Matrix& right) {
    const std::size_t n = kernel.rows;
    for (std::size_t j = 0; j < n; ++j) {
        kernel.at(j, j) += kRidge;
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = kernel.at(i, j);
            for (std::size_t k = 0; k < j; ++k) {
                sum -= kernel.row(i)[k] * kernel.row(j)[k];
            }
            kernel.at(i, j) = i == j ? std::sqrt(std::max(sum, 1e-9)) : sum / kernel.at(j, j);
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            add_row(right.row(i), right.row(k), -kernel.at(i, k), right.columns);
        }
        for (std::size_t j = 0; j < right.columns; ++j) {
            right.at(i, j) /= kernel.at(i, i);
        }
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k) {
            add_row(right.row(i), right.row(k), -kernel.at(k, i), right.columns);
        }
        for (std::size_t j = 0; j < right.columns; ++j) {
            right.at(i, j) /= kernel.at(i, i);
        }
    }
}

/// What is to be explained: known pairs beyond what degrees expect, over the root of that
/// expectation; a core or set seen often must not decide alone.
Matrix residuals(const TrainingSet& data, Matrix& is_free) {
    Matrix y(data.cores.size(), data.sets.size());
    Matrix miss(y.rows, y.columns);
    for (const auto& pair : data.known) {
        y.at(pair.core, pair.set) = 1.0;
        is_free.at(pair.core, pair.set) = 0.0;
    }
    // A cell has one value: of several trials of a pair, their weighted mean. Two ridges in closed
    // form leave a cell no weight of its own, so a provisional result moves it half the way from
    // where it would be unmeasured.
    struct Cell {
        double share = 0.0, label = 0.0;
    };
    std::map<Pair, Cell> tried;
    for (const auto& trial : data.trials) {
        Cell& cell = tried[trial.pair];
        cell.share += trial.share;
        cell.label += trial.share * trial.label;
    }
    for (const auto& [pair, cell] : tried) {
        if (std::exchange(is_free.at(pair.core, pair.set), 0.0) != 0.0) {
            const double label = cell.label / cell.share;
            const double moved = std::min(cell.share, 1.0);
            y.at(pair.core, pair.set) = moved * label;
            miss.at(pair.core, pair.set) = moved * kMiss * (1.0 - label);
        }
    }
    std::vector<double> core_degree(y.rows, 0.0);
    std::vector<double> set_degree(y.columns, 0.0);
    double total = 0.0;
    for (std::size_t c = 0; c < y.rows; ++c) {
        for (std::size_t s = 0; s < y.columns; ++s) {
            core_degree[c] += y.at(c, s);
            set_degree[s] += y.at(c, s);
            total += y.at(c, s);
        }
    }
    Matrix r(y.rows, y.columns);
    for (std::size_t c = 0; c < y.rows; ++c) {
        for (std::size_t s = 0; s < y.columns; ++s) {
            const double expected =
                std::max(core_degree[c], 1.0) * std::max(set_degree[s], 1.0) / std::max(total, 1.0);
            r.at(c, s) = (y.at(c, s) - expected - miss.at(c, s)) / std::sqrt(expected);
        }
    }
    return r;
}

void store_floats(NamedArrays& arrays,
                  const std::string& name,
                  const std::vector<float>& values,
                  std::size_t columns) {
    NamedArray array{"f32",
                     {static_cast<std::int64_t>(values.size() / std::max<std::size_t>(columns, 1)),
                      static_cast<std::int64_t>(columns)},
                     {}};
    array.bytes.resize(values.size() * sizeof(float));
    if (!values.empty()) {
        std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
    }
    arrays[name] = std::move(array);
}

std::vector<float> load_floats(const NamedArrays& arrays,
                               const std::string& name,
                               std::size_t columns) {
    const auto it = arrays.find(name);
    if (it == arrays.end() || it->second.dtype != "f32" || it->second.shape.size() != 2 ||
        it->second.shape[1] != static_cast<std::int64_t>(columns)) {
        throw Error("a stored model lacks a fitting array " + name);
    }
    std::vector<float> values(it->second.bytes.size() / sizeof(float));
    if (!values.empty()) {
        std::memcpy(values.data(), it->second.bytes.data(), it->second.bytes.size());
    }
    return values;
}

}  // namespace

KernelMember::KernelMember(const Catalogue& catalogue, const TrainingSet& data)
    : cores_(data.cores.size()), sets_(data.sets.size()) {
    std::vector<const CoreGraph*> cores;
    for (const std::size_t core : data.cores) {
        cores.push_back(&catalogue.cores()[core]);
    }
    core_features_ = kernel_rows(cores);
    SetInputs inputs = set_inputs(catalogue, data.sets);
    ligands_ = inputs.ligands.count;
    ligand_features_ = std::move(inputs.ligands.features);

    const auto known = sketches(ligand_features_);
    Matrix alike(ligands_, ligands_);
    for (std::size_t i = 0; i < ligands_; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            alike.at(i, j) = alike.at(j, i) = ligand_similarity(known[i], known[j]);
        }
    }
    Matrix member(sets_, ligands_);
    for (std::size_t i = 0; i < inputs.sets.ligand.size(); ++i) {
        member.at(static_cast<std::size_t>(inputs.sets.set_of[i]),
                  static_cast<std::size_t>(inputs.sets.ligand[i])) +=
            static_cast<double>(inputs.sets.share[i]);
    }
    const Matrix half = product(member, alike);
    for (std::size_t s = 0; s < sets_; ++s) {
        double own = 0.0;
        for (std::size_t l = 0; l < ligands_; ++l) {
            own += half.row(s)[l] * member.row(s)[l];
        }
        for (std::size_t l = 0; l < ligands_; ++l) {
            member.at(s, l) /= std::sqrt(std::max(own, 1e-12));
        }
    }
    membership_.assign(member.values.begin(), member.values.end());
    const auto species = species_of_sets();
    Matrix set_kernel = product(product(member, alike), transposed(member));
    for (std::size_t s = 0; s < sets_; ++s) {
        for (std::size_t t = 0; t < sets_; ++t) {
            set_kernel.at(s, t) = set_similarity(set_kernel.at(s, t), species[s], species[t]);
        }
    }
    Matrix core_kernel(cores_, cores_);
    for (std::size_t i = 0; i < cores_; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            core_kernel.at(i, j) = core_kernel.at(j, i) =
                core_similarity(core_features_.data() + i * kKernelFeatures,
                                core_features_.data() + j * kKernelFeatures);
        }
    }
    Matrix is_free(cores_, sets_);
    std::fill(is_free.values.begin(), is_free.values.end(), 1.0);
    Matrix a = residuals(data, is_free);
    solve(core_kernel, a);
    a = transposed(a);
    solve(set_kernel, a);
    a = transposed(a);

    const Matrix scores = product(product(core_kernel, a), set_kernel);
    // What a pair scores that nobody knows of: so the free cells say. A few of them, or a single
    // one, say nothing of its spread, and a campaign on one core has none, so twenty more count
    // beside them: half are drawn from all cells alike, half score 0, as a pair does that is like
    // nothing known. The deviation is then never far below the size of the scores; where thousands
    // of cells are free, as in any table of many cores, the twenty move nothing.
    const double share = 0.5 * kPriorCells / static_cast<double>(scores.values.size());
    double count = 0.5 * kPriorCells;
    double sum = 0.0;
    double square = 0.0;
    for (std::size_t i = 0; i < scores.values.size(); ++i) {
        const double weight = is_free.values[i] + share;
        count += weight;
        sum += weight * scores.values[i];
        square += weight * scores.values[i] * scores.values[i];
    }
    mean_ = sum / count;
    deviation_ = std::sqrt(std::max(square / count - mean_ * mean_, 1e-12));
    weights_.assign(a.values.begin(), a.values.end());
}

KernelMember::KernelMember(const NamedArrays& arrays, const std::string& prefix) {
    core_features_ = load_floats(arrays, prefix + "cores", kKernelFeatures);
    ligand_features_ = load_floats(arrays, prefix + "ligands", kLigandFeatures);
    cores_ = core_features_.size() / kKernelFeatures;
    ligands_ = ligand_features_.size() / kLigandFeatures;
    membership_ = load_floats(arrays, prefix + "membership", ligands_);
    sets_ = ligands_ == 0 ? 0 : membership_.size() / ligands_;
    weights_ = load_floats(arrays, prefix + "weights", sets_);
    const auto it = arrays.find(prefix + "scale");
    if (it == arrays.end() || weights_.size() != cores_ * sets_) {
        throw Error("a stored model lacks a fitting array " + prefix + "scale");
    }
    const auto scale = doubles_of(it->second);
    if (scale.size() != 2) {
        throw Error("a stored model lacks a fitting array " + prefix + "scale");
    }
    mean_ = scale[0];
    deviation_ = scale[1];
}

std::vector<std::size_t> KernelMember::species_of_sets() const {
    std::vector<std::size_t> species(sets_, 0);
    for (std::size_t i = 0; i < membership_.size(); ++i) {
        species[i / ligands_] += membership_[i] > 0.0F ? 1 : 0;
    }
    return species;
}

std::vector<float> KernelMember::core_sides(const std::vector<const CoreGraph*>& cores) const {
    const auto features = kernel_rows(cores);
    std::vector<float> sides(cores.size() * sets_);
    std::vector<double> side(sets_);
    for (std::size_t i = 0; i < cores.size(); ++i) {
        std::fill(side.begin(), side.end(), 0.0);
        for (std::size_t c = 0; c < cores_; ++c) {
            const double alike = core_similarity(features.data() + i * kKernelFeatures,
                                                 core_features_.data() + c * kKernelFeatures);
            for (std::size_t s = 0; s < sets_; ++s) {
                side[s] += alike * static_cast<double>(weights_[c * sets_ + s]);
            }
        }
        std::copy(side.begin(), side.end(), sides.begin() + static_cast<std::ptrdiff_t>(i * sets_));
    }
    return sides;
}

std::vector<float> KernelMember::set_sides(const Catalogue& catalogue,
                                           const std::vector<std::size_t>& sets) const {
    const SetInputs inputs = set_inputs(catalogue, sets);
    const auto asked = sketches(inputs.ligands.features);
    const auto known = sketches(ligand_features_);
    // Similarity of every ligand asked for to every training ligand, once each.
    Matrix alike(inputs.ligands.count, ligands_);
    for (std::size_t i = 0; i < inputs.ligands.count; ++i) {
        for (std::size_t l = 0; l < ligands_; ++l) {
            alike.at(i, l) = ligand_similarity(asked[i], known[l]);
        }
    }
    std::vector<std::vector<std::size_t>> members(sets.size());
    for (std::size_t i = 0; i < inputs.sets.ligand.size(); ++i) {
        members[static_cast<std::size_t>(inputs.sets.set_of[i])].push_back(
            static_cast<std::size_t>(inputs.sets.ligand[i]));
    }
    const auto species = species_of_sets();
    std::vector<float> sides(sets.size() * sets_);
    std::vector<double> mean(ligands_);
    for (std::size_t t = 0; t < sets.size(); ++t) {
        std::fill(mean.begin(), mean.end(), 0.0);
        double own = 0.0;
        for (const std::size_t i : members[t]) {
            add_row(mean.data(), alike.row(i), 1.0, ligands_);
            for (const std::size_t j : members[t]) {
                own += ligand_similarity(asked[i], asked[j]);
            }
        }
        // Both the mean over species and the norm carry 1 / species: it cancels.
        const double norm = 1.0 / std::sqrt(std::max(own, 1e-12));
        for (std::size_t s = 0; s < sets_; ++s) {
            double sum = 0.0;
            for (std::size_t l = 0; l < ligands_; ++l) {
                sum += mean[l] * static_cast<double>(membership_[s * ligands_ + l]);
            }
            sides[t * sets_ + s] =
                static_cast<float>(set_similarity(norm * sum, members[t].size(), species[s]));
        }
    }
    return sides;
}

float KernelMember::combine(const float* core_side, const float* set_side) const {
    double sum = 0.0;
    for (std::size_t s = 0; s < sets_; ++s) {
        sum += static_cast<double>(core_side[s]) * static_cast<double>(set_side[s]);
    }
    return static_cast<float>((sum - mean_) / deviation_);
}

void KernelMember::store(NamedArrays& arrays, const std::string& prefix) const {
    store_floats(arrays, prefix + "cores", core_features_, kKernelFeatures);
    store_floats(arrays, prefix + "ligands", ligand_features_, kLigandFeatures);
    store_floats(arrays, prefix + "membership", membership_, ligands_);
    store_floats(arrays, prefix + "weights", weights_, sets_);
    arrays[prefix + "scale"] = make_array(std::vector<double>{mean_, deviation_});
}

}  // namespace cupel::learner
