// Walks pairs core by core over sets that fit the cache.
#include <algorithm>

#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>
#include <cupel/learner/pair_features.hpp>

#include "vector_target.hpp"

namespace cupel::learner {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kHalf = 8;
constexpr std::size_t kNear = 128;    ///< sets walked together: a quarter of a megabyte
constexpr std::size_t kTogether = 4;  ///< sets of one core in registers at a time
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
typedef float StoredVector
    __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
typedef float HalfVector __attribute__((vector_size(kHalf * sizeof(float))));
typedef float StoredHalf __attribute__((vector_size(kHalf * sizeof(float)), aligned(4), may_alias));
typedef double Wide __attribute__((vector_size(kHalf * sizeof(double))));
typedef double StoredWide
    __attribute__((vector_size(kHalf * sizeof(double)), aligned(8), may_alias));

std::size_t padded(std::size_t n) {
    return (n + kLanes - 1) / kLanes * kLanes;
}

/// What a kernel walks.
struct View {
    std::size_t products, stride;
    const float* cores;
    const float* sets;
    const std::uint32_t* core;
    const std::uint32_t* set;
    const std::uint32_t* order;
};

CUPEL_INLINE Vector at(const float* p) {
    return *reinterpret_cast<const StoredVector*>(p);
}

// Lanes are added in halves: one after the other takes longer than the products.
CUPEL_INLINE float total(const Vector& v) {
    const auto a = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                   __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    const auto b =
        __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
    return (b[0] + b[1]) + (b[2] + b[3]);
}
CUPEL_INLINE double total(const Wide& v) {
    const auto a =
        __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
    return (a[0] + a[1]) + (a[2] + a[3]);
}

// Sums of kSets sets with one core under kSums weights, which stand one after the other.
template <std::size_t kWeights>
struct Single {
    static constexpr std::size_t kSums = kWeights;
    template <std::size_t kSets>
    CUPEL_INLINE static void sums(const View& v,
                                  const float* weight,
                                  const float* core,
                                  const float* const* set,
                                  float (*out)[kSums]) {
        Vector sum[kSets][kSums] = {};
        std::size_t j = 0;
        for (; j < v.products; j += kLanes) {
            const Vector c = at(core + j);
            if constexpr (kSums == 1) {
                const Vector cw = c * at(weight + j);
                for (std::size_t k = 0; k < kSets; ++k) {
                    sum[k][0] += cw * at(set[k] + j);
                }
            } else {
                for (std::size_t k = 0; k < kSets; ++k) {
                    const Vector x = c * at(set[k] + j);
                    for (std::size_t w = 0; w < kSums; ++w) {
                        sum[k][w] += x * at(weight + w * v.stride + j);
                    }
                }
            }
        }
        for (; j < v.stride; j += kLanes) {
            const Vector c = at(core + j);
            for (std::size_t k = 0; k < kSets; ++k) {
                const Vector x = c + at(set[k] + j);
                const Vector y = x > 0.0F ? x : Vector{};
                for (std::size_t w = 0; w < kSums; ++w) {
                    sum[k][w] += y * at(weight + w * v.stride + j);
                }
            }
        }
        for (std::size_t k = 0; k < kSets; ++k) {
            for (std::size_t w = 0; w < kSums; ++w) {
                out[k][w] = total(sum[k][w]);
            }
        }
    }
};

// Features rounded to single precision as everywhere, weights and sums in double.
struct Double {
    static constexpr std::size_t kSums = 1;
    CUPEL_INLINE static Wide wide(const HalfVector& x) { return __builtin_convertvector(x, Wide); }
    CUPEL_INLINE static HalfVector half(const float* p) {
        return *reinterpret_cast<const StoredHalf*>(p);
    }
    template <std::size_t kSets>
    CUPEL_INLINE static void sums(const View& v,
                                  const double* weight,
                                  const float* core,
                                  const float* const* set,
                                  double (*out)[kSums]) {
        Wide sum[kSets] = {};
        for (std::size_t j = 0; j < v.stride; j += kHalf) {
            const HalfVector c = half(core + j);
            const Wide w = *reinterpret_cast<const StoredWide*>(weight + j);
            for (std::size_t k = 0; k < kSets; ++k) {
                const HalfVector s = half(set[k] + j);
                const HalfVector x = j < v.products ? c * s : c + s;
                sum[k] += w * wide(j < v.products || x > 0.0F ? x : HalfVector{});
            }
        }
        for (std::size_t k = 0; k < kSets; ++k) {
            out[k][0] = total(sum[k]);
        }
    }
};

struct Squares {
    static constexpr std::size_t kSums = 1;
    template <std::size_t kSets>
    CUPEL_INLINE static void sums(const View& v,
                                  const float*,
                                  const float* core,
                                  const float* const* set,
                                  float (*out)[kSums]) {
        Vector sum[kSets] = {};
        for (std::size_t j = 0; j < v.stride; j += kLanes) {
            const Vector c = at(core + j);
            for (std::size_t k = 0; k < kSets; ++k) {
                const Vector s = at(set[k] + j);
                const Vector x = j < v.products ? c * s : c + s;
                const Vector y = j < v.products ? x : (x > 0.0F ? x : Vector{});
                sum[k] += y * y;
            }
        }
        for (std::size_t k = 0; k < kSets; ++k) {
            out[k][0] = total(sum[k]);
        }
    }
};

template <typename Kernel, typename Weight, typename Out>
struct Walk {
    CUPEL_INLINE static void run(const View* v,
                                 const Weight* weight,
                                 const Weight* constant,
                                 std::size_t first,
                                 std::size_t last,
                                 Out* const* out) {
        for (std::size_t i = first; i < last;) {
            const std::uint32_t core = v->core[v->order[i]];
            const float* core_row = v->cores + core * v->stride;
            const float* set_row[kTogether];
            std::size_t count = 0;
            while (count < kTogether && i + count < last && v->core[v->order[i + count]] == core) {
                set_row[count] = v->sets + v->set[v->order[i + count]] * v->stride;
                ++count;
            }
            Out sums[kTogether][Kernel::kSums];
            if (count == kTogether) {
                Kernel::template sums<kTogether>(*v, weight, core_row, set_row, sums);
            } else {
                for (std::size_t k = 0; k < count; ++k) {
                    Kernel::template sums<1>(*v, weight, core_row, set_row + k, sums + k);
                }
            }
            for (std::size_t k = 0; k < count; ++k) {
                for (std::size_t w = 0; w < Kernel::kSums; ++w) {
                    out[w][v->order[i + k]] = sums[k][w] + constant[w];
                }
            }
            i += count;
        }
    }
};

// Candidates by group, those of one group in their order.
std::vector<std::uint32_t> sorted_by(const std::vector<std::uint32_t>& order,
                                     const std::vector<std::uint32_t>& group,
                                     std::uint32_t divisor) {
    std::size_t groups = 1;
    for (const std::uint32_t g : group) {
        groups = std::max<std::size_t>(groups, g / divisor + 1);
    }
    std::vector<std::size_t> next(groups + 1, 0);
    for (const std::uint32_t g : group) {
        ++next[g / divisor + 1];
    }
    for (std::size_t g = 1; g < next.size(); ++g) {
        next[g] += next[g - 1];
    }
    std::vector<std::uint32_t> result(order.size());
    for (const std::uint32_t n : order) {
        result[next[group[n] / divisor]++] = n;
    }
    return result;
}

}  // namespace

PairFeatures::PairFeatures(const std::vector<Block>& blocks,
                           const std::vector<Pair>& pairs,
                           std::vector<float> given)
    : given_(std::move(given)) {
    if (!given_.empty() && given_.size() != pairs.size()) {
        throw Error(std::to_string(given_.size()) + " given features for " +
                    std::to_string(pairs.size()) + " pairs");
    }
    std::size_t products = 0, rectified = 0, cores = 0, sets = 0;
    for (const auto& block : blocks) {
        const std::size_t width = block.products + block.rectified;
        if (width == 0 || block.cores.size() % width != 0 || block.sets.size() % width != 0 ||
            (cores != 0 &&
             (block.cores.size() / width != cores || block.sets.size() / width != sets))) {
            throw Error("the sides of cores and sets do not fit the features of their pairs");
        }
        products += block.products;
        rectified += block.rectified;
        cores = block.cores.size() / width;
        sets = block.sets.size() / width;
    }
    products_ = padded(products);
    stride_ = products_ + padded(rectified);
    cores_.assign(cores * stride_, 0.0F);
    sets_.assign(sets * stride_, 0.0F);
    std::size_t product = 0, unit = products_;
    for (const auto& block : blocks) {
        const std::size_t width = block.products + block.rectified;
        for (const auto& [from, to] : {std::pair{&block.cores, &cores_}, {&block.sets, &sets_}}) {
            for (std::size_t r = 0; r * width < from->size(); ++r) {
                const float* row = from->data() + r * width;
                std::copy_n(row, block.products, to->data() + r * stride_ + product);
                std::copy_n(row + block.products, block.rectified, to->data() + r * stride_ + unit);
            }
        }
        for (std::size_t j = 0; j < block.products; ++j) {
            column_.push_back(product++);
        }
        for (std::size_t j = 0; j < block.rectified; ++j) {
            column_.push_back(unit++);
        }
        if (block.constant) {
            column_.push_back(stride_);
            constants_ += 1.0;
        }
    }
    if (!given_.empty()) {
        column_.push_back(stride_ + 1);
    }
    width_ = column_.size();
    for (const auto& pair : pairs) {
        if (pair.core >= cores || pair.set >= sets) {
            throw Error("a pair names core " + std::to_string(pair.core) + " and set " +
                        std::to_string(pair.set) + " of " + std::to_string(cores) + " and " +
                        std::to_string(sets));
        }
        order_.push_back(static_cast<std::uint32_t>(order_.size()));
        core_.push_back(static_cast<std::uint32_t>(pair.core));
        set_.push_back(static_cast<std::uint32_t>(pair.set));
    }
    order_ = sorted_by(sorted_by(order_, core_, 1), set_, kNear);
}

PairFeatures PairFeatures::plain(const std::vector<float>& features, std::size_t width) {
    if (width == 0 || features.size() % width != 0) {
        throw Error(std::to_string(features.size()) + " features are no rows of " +
                    std::to_string(width));
    }
    Block block;
    block.products = width;
    block.cores = features;
    block.sets.assign(width, 1.0F);
    std::vector<Pair> pairs;
    for (std::size_t n = 0; n < features.size() / width; ++n) {
        pairs.push_back({n, 0});
    }
    return {{block}, pairs};
}

void PairFeatures::row(std::size_t n, float* out) const {
    const float* core = cores_.data() + core_[n] * stride_;
    const float* set = sets_.data() + set_[n] * stride_;
    for (std::size_t i = 0; i < width_; ++i) {
        const std::size_t j = column_[i];
        out[i] = j < products_      ? core[j] * set[j]
                 : j == stride_     ? 1.0F
                 : j == stride_ + 1 ? given_[n]
                                    : std::max(core[j] + set[j], 0.0F);
    }
}

/// Weights by column of the sides.
struct PairFeatures::Split {
    std::vector<double> columns;
    double constant = 0.0, given = 0.0;
};

PairFeatures::Split PairFeatures::split(const std::vector<double>& weights) const {
    Split result;
    result.columns.assign(stride_, 0.0);
    for (std::size_t i = 0; i < width_; ++i) {
        if (column_[i] == stride_) {
            result.constant += weights[i];
        } else if (column_[i] > stride_) {
            result.given = weights[i];
        } else {
            result.columns[column_[i]] = weights[i];
        }
    }
    return result;
}

template <typename Kernel, typename Weight, typename Out>
void PairFeatures::walk(const Weight* weights,
                        const Weight* constants,
                        int threads,
                        Out* const* out) const {
    const View view{
        products_, stride_, cores_.data(), sets_.data(), core_.data(), set_.data(), order_.data()};
    const auto part = [&](std::size_t, std::size_t first, std::size_t last) {
        run_vectorised<Walk<Kernel, Weight, Out>>(&view, weights, constants, first, last, out);
    };
    run_in_ranges(size(), threads, part);
}

void PairFeatures::project(const std::vector<double>& weights, int threads, double* out) const {
    const Split w = split(weights);
    walk<Double, double, double>(w.columns.data(), &w.constant, threads, &out);
    for (std::size_t n = 0; n < given_.size(); ++n) {
        out[n] += w.given * static_cast<double>(given_[n]);
    }
}

void PairFeatures::project(const std::vector<double>& weights, int threads, float* out) const {
    project(std::vector<std::vector<double>>{weights}, threads, {out});
}

void PairFeatures::project(const std::vector<std::vector<double>>& weights,
                           int threads,
                           const std::vector<float*>& out) const {
    // Three at a time fit the registers.
    for (std::size_t first = 0; first < weights.size(); first += 3) {
        const std::size_t count = std::min<std::size_t>(3, weights.size() - first);
        AlignedFloats columns;
        std::vector<float> constants;
        for (std::size_t k = first; k < first + count; ++k) {
            const Split w = split(weights[k]);
            columns.insert(columns.end(), w.columns.begin(), w.columns.end());
            constants.push_back(static_cast<float>(w.constant));
        }
        float* const* to = out.data() + first;
        if (count == 1) {
            walk<Single<1>, float, float>(columns.data(), constants.data(), threads, to);
        } else if (count == 2) {
            walk<Single<2>, float, float>(columns.data(), constants.data(), threads, to);
        } else {
            walk<Single<3>, float, float>(columns.data(), constants.data(), threads, to);
        }
        for (std::size_t k = 0; k < count && !given_.empty(); ++k) {
            const auto weight = static_cast<float>(weights[first + k].back());
            for (std::size_t n = 0; n < given_.size(); ++n) {
                to[k][n] += weight * given_[n];
            }
        }
    }
}

void PairFeatures::squares(int threads, float* out) const {
    const AlignedFloats none(stride_, 0.0F);
    const auto ones = static_cast<float>(constants_);
    walk<Squares, float, float>(none.data(), &ones, threads, &out);
    for (std::size_t n = 0; n < given_.size(); ++n) {
        out[n] += given_[n] * given_[n];
    }
}

}  // namespace cupel::learner
