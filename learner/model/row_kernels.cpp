// Rows are walked in blocks that stay in registers; every sum has one order, whatever the threads.
#include "row_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <cupel/domain/error.hpp>

#include "vector_target.hpp"

namespace cupel::learner {
namespace {

constexpr std::int64_t kLanes = 16;
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
typedef float StoredVector
    __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));

CUPEL_INLINE const StoredVector& at(const float* p) {
    return *reinterpret_cast<const StoredVector*>(p);
}
CUPEL_INLINE StoredVector& at(float* p) {
    return *reinterpret_cast<StoredVector*>(p);
}

// out = sum of scale * in over `count` entries, `kBlock` vectors of the row at a time.
template <int kBlock>
CUPEL_INLINE void gather_block(const std::int32_t* source,
                               const std::int32_t* place,
                               const float* scale,
                               std::int64_t count,
                               const float* in,
                               std::int64_t width,
                               float* out) {
    Vector sum[kBlock] = {};
    for (std::int64_t e = 0; e < count; ++e) {
        const float s = scale == nullptr ? 1.0F : scale[place == nullptr ? e : place[e]];
        const float* row = in + source[e] * width;
        for (int b = 0; b < kBlock; ++b) {
            sum[b] += s * at(row + b * kLanes);
        }
    }
    for (int b = 0; b < kBlock; ++b) {
        at(out + b * kLanes) = sum[b];
    }
}

struct Gather {
    CUPEL_INLINE static void run(std::int64_t rows,
                                 const std::int64_t* start,
                                 const std::int32_t* source,
                                 const std::int32_t* place,
                                 const float* scale,
                                 const float* in,
                                 std::int64_t width,
                                 float* out) {
        for (std::int64_t r = 0; r < rows; ++r) {
            const std::int64_t first = start[r];
            const std::int64_t count = start[r + 1] - first;
            const std::int32_t* from = source + first;
            const std::int32_t* where = place == nullptr ? nullptr : place + first;
            const float* weight =
                scale == nullptr ? nullptr : (place == nullptr ? scale + first : scale);
            std::int64_t j = 0;
            for (; j + 8 * kLanes <= width; j += 8 * kLanes) {
                gather_block<8>(from, where, weight, count, in + j, width, out + r * width + j);
            }
            for (; j + kLanes <= width; j += kLanes) {
                gather_block<1>(from, where, weight, count, in + j, width, out + r * width + j);
            }
            for (; j < width; ++j) {
                float sum = 0.0F;
                for (std::int64_t e = 0; e < count; ++e) {
                    const float s =
                        weight == nullptr ? 1.0F : weight[where == nullptr ? e : where[e]];
                    sum += s * in[from[e] * width + j];
                }
                out[r * width + j] = sum;
            }
        }
    }
};

struct Most {
    CUPEL_INLINE static void run(const RowLinks* links,
                                 const float* in,
                                 std::int64_t width,
                                 float* out,
                                 std::int32_t* from) {
        for (std::int64_t r = 0; r < links->rows; ++r) {
            float* __restrict target = out + r * width;
            std::int32_t* __restrict source = from + r * width;
            std::fill_n(target, width, 0.0F);
            std::fill_n(source, width, -1);
            for (std::int64_t e = links->start[r]; e < links->start[r + 1]; ++e) {
                const std::int32_t c = links->column[e];
                const float* x = in + c * width;
                for (std::int64_t j = 0; j < width; ++j) {
                    source[j] = x[j] > target[j] ? c : source[j];
                    target[j] = x[j] > target[j] ? x[j] : target[j];
                }
            }
        }
    }
};

struct Messages {
    CUPEL_INLINE static void run(const RowLinks* links,
                                 const std::int32_t* kind_of,
                                 const float* in,
                                 const float* kind,
                                 std::int64_t width,
                                 float* out) {
        for (std::int64_t r = 0; r < links->rows; ++r) {
            float* __restrict target = out + r * width;
            std::memcpy(target, in + r * width, static_cast<std::size_t>(width) * sizeof(float));
            for (std::int64_t e = links->start[r]; e < links->start[r + 1]; ++e) {
                const float* a = in + links->column[e] * width;
                const float* b = kind + kind_of[e] * width;
                for (std::int64_t j = 0; j < width; ++j) {
                    target[j] += std::max(a[j] + b[j], 0.0F);
                }
            }
        }
    }
};

struct MessagesBack {
    CUPEL_INLINE static void run(const RowLinks* links,
                                 const std::int32_t* kind_of,
                                 const float* in,
                                 const float* kind,
                                 const float* out_grad,
                                 std::int64_t width,
                                 float* in_grad,
                                 float* kind_grad) {
        for (std::int64_t c = 0; c < links->columns; ++c) {
            float* __restrict target = in_grad + c * width;
            std::memcpy(
                target, out_grad + c * width, static_cast<std::size_t>(width) * sizeof(float));
            const float* a = in + c * width;
            for (std::int64_t e = links->by_column[c]; e < links->by_column[c + 1]; ++e) {
                const std::int64_t k = kind_of[links->place[e]];
                const float* b = kind + k * width;
                const float* g = out_grad + links->row[e] * width;
                float* __restrict kg = kind_grad + k * width;
                for (std::int64_t j = 0; j < width; ++j) {
                    const float passed = a[j] + b[j] > 0.0F ? g[j] : 0.0F;
                    target[j] += passed;
                    kg[j] += passed;
                }
            }
        }
    }
};

CUPEL_INLINE float sum_of(const Vector& v) {
    float sum = 0.0F;
    for (std::int64_t i = 0; i < kLanes; ++i) {
        sum += v[i];
    }
    return sum;
}

struct Logits {
    CUPEL_INLINE static void run(const PairHead* head,
                                 const float* cores,
                                 const float* sets,
                                 const std::int64_t* core,
                                 const std::int64_t* set,
                                 std::int64_t pairs,
                                 float* out) {
        const std::int64_t width = head->width();
        for (std::int64_t n = 0; n < pairs; ++n) {
            const float* c = cores + core[n] * width;
            const float* s = sets + set[n] * width;
            Vector sum = {};
            float rest = 0.0F;
            std::int64_t j = 0;
            for (; j + kLanes <= head->dot; j += kLanes) {
                sum += at(c + j) * at(s + j) * at(head->dot_weight + j);
            }
            for (; j < head->dot; ++j) {
                rest += c[j] * s[j] * head->dot_weight[j];
            }
            const float* weight = head->rectified_weight - head->dot;
            for (; j + kLanes <= width; j += kLanes) {
                const Vector x = at(c + j) + at(s + j);
                sum += (x > 0.0F ? x : Vector{}) * at(weight + j);
            }
            for (; j < width; ++j) {
                rest += std::max(c[j] + s[j], 0.0F) * weight[j];
            }
            out[n] = sum_of(sum) + rest;
        }
    }
};

struct LogitsBack {
    CUPEL_INLINE static void run(const PairHead* head,
                                 const float* cores,
                                 const float* sets,
                                 const std::int64_t* core,
                                 const std::int64_t* set,
                                 const float* out_grad,
                                 std::int64_t pairs,
                                 const PairHeadGrad* grad) {
        const std::int64_t width = head->width();
        const float* weight = head->rectified_weight - head->dot;
        float* weight_grad = grad->rectified_weight - head->dot;
        for (std::int64_t n = 0; n < pairs; ++n) {
            const float g = out_grad[n];
            const float* c = cores + core[n] * width;
            const float* s = sets + set[n] * width;
            float* cg = grad->cores + core[n] * width;
            float* sg = grad->sets + set[n] * width;
            std::int64_t j = 0;
            for (; j + kLanes <= head->dot; j += kLanes) {
                const Vector gw = g * at(head->dot_weight + j);
                const Vector x = at(c + j);
                const Vector y = at(s + j);
                at(cg + j) += gw * y;
                at(sg + j) += gw * x;
                at(grad->dot_weight + j) += g * x * y;
            }
            for (; j < head->dot; ++j) {
                const float gw = g * head->dot_weight[j];
                cg[j] += gw * s[j];
                sg[j] += gw * c[j];
                grad->dot_weight[j] += g * c[j] * s[j];
            }
            for (; j + kLanes <= width; j += kLanes) {
                const Vector x = at(c + j) + at(s + j);
                const Vector on = x > 0.0F ? g * at(weight + j) : Vector{};
                at(cg + j) += on;
                at(sg + j) += on;
                at(weight_grad + j) += g * (x > 0.0F ? x : Vector{});
            }
            for (; j < width; ++j) {
                const float x = c[j] + s[j];
                const float on = x > 0.0F ? g * weight[j] : 0.0F;
                cg[j] += on;
                sg[j] += on;
                weight_grad[j] += g * std::max(x, 0.0F);
            }
        }
    }
};

// SplitMix64 (Steele, Lea and Flood 2014) of a counter: no state from one number to the next.
CUPEL_INLINE std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

struct Dropout {
    CUPEL_INLINE static void run(std::uint64_t seed,
                                 std::uint32_t threshold,
                                 float scale,
                                 const float* value,
                                 std::int64_t n,
                                 float* mask) {
        // Four numbers of sixteen bits from each of 64, laid out so that the loops vectorise.
        constexpr std::int64_t kBlock = 256;
        std::uint64_t bits[kBlock];
        for (std::int64_t first = 0; first < n; first += 4 * kBlock) {
            for (std::int64_t i = 0; i < kBlock; ++i) {
                bits[i] = mixed(seed + 0x9e3779b97f4a7c15ULL *
                                           static_cast<std::uint64_t>(first / 4 + i + 1));
            }
            for (std::int64_t part = 0; part < 4; ++part) {
                const std::int64_t from = first + part * kBlock;
                const std::int64_t count = std::min(kBlock, n - from);
                for (std::int64_t i = 0; i < count; ++i) {
                    const auto draw =
                        static_cast<std::uint32_t>((bits[i] >> (16 * part)) & 0xffffU);
                    const float kept = draw >= threshold ? scale : 0.0F;
                    mask[from + i] = value == nullptr ? kept : kept * value[from + i];
                }
            }
        }
    }
};

struct Adam {
    CUPEL_INLINE static void run(const AdamStep* step,
                                 const float* grad,
                                 std::int64_t n,
                                 float* weight,
                                 float* first,
                                 float* second,
                                 float* average) {
        const auto count = static_cast<double>(step->count);
        const auto shrink = static_cast<float>(1.0 - step->rate * step->decay);
        const auto move = static_cast<float>(step->rate / (1.0 - std::pow(step->beta1, count)));
        const auto spread = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(step->beta2, count)));
        const auto b1 = static_cast<float>(step->beta1);
        const auto b2 = static_cast<float>(step->beta2);
        const auto c1 = static_cast<float>(1.0 - step->beta1);
        const auto c2 = static_cast<float>(1.0 - step->beta2);
        const auto epsilon = static_cast<float>(step->epsilon);
        const auto old = static_cast<float>(step->average_decay);
        const auto fresh = static_cast<float>(1.0 - step->average_decay);
        for (std::int64_t i = 0; i < n; ++i) {
            const float g = grad[i];
            first[i] = b1 * first[i] + c1 * g;
            second[i] = b2 * second[i] + c2 * g * g;
            weight[i] =
                shrink * weight[i] - move * first[i] / (std::sqrt(second[i]) * spread + epsilon);
            average[i] = old * average[i] + fresh * weight[i];
        }
    }
};

}  // namespace

RowLinks row_links(std::int64_t rows,
                   std::int64_t columns,
                   const std::vector<std::int64_t>& row_of,
                   const std::vector<std::int64_t>& column_of,
                   std::vector<std::int64_t>* order) {
    if (row_of.size() != column_of.size()) {
        throw Error("links need as many rows as columns");
    }
    RowLinks links;
    links.rows = rows;
    links.columns = columns;
    links.start.assign(static_cast<std::size_t>(rows) + 1, 0);
    links.by_column.assign(static_cast<std::size_t>(columns) + 1, 0);
    for (std::size_t i = 0; i < row_of.size(); ++i) {
        if (row_of[i] < 0 || row_of[i] >= rows || column_of[i] < 0 || column_of[i] >= columns) {
            throw Error("a link from row " + std::to_string(row_of[i]) + " to column " +
                        std::to_string(column_of[i]) + " leaves the " + std::to_string(rows) +
                        " x " + std::to_string(columns) + " matrix");
        }
        ++links.start[static_cast<std::size_t>(row_of[i]) + 1];
        ++links.by_column[static_cast<std::size_t>(column_of[i]) + 1];
    }
    for (std::size_t r = 1; r < links.start.size(); ++r) {
        links.start[r] += links.start[r - 1];
    }
    for (std::size_t c = 1; c < links.by_column.size(); ++c) {
        links.by_column[c] += links.by_column[c - 1];
    }
    links.column.resize(row_of.size());
    links.row.resize(row_of.size());
    links.place.resize(row_of.size());
    if (order != nullptr) {
        order->resize(row_of.size());
    }
    std::vector<std::int64_t> next(links.start.begin(), links.start.end() - 1);
    for (std::size_t i = 0; i < row_of.size(); ++i) {
        const auto at_place = static_cast<std::size_t>(next[static_cast<std::size_t>(row_of[i])]++);
        links.column[at_place] = static_cast<std::int32_t>(column_of[i]);
        if (order != nullptr) {
            (*order)[at_place] = static_cast<std::int64_t>(i);
        }
    }
    next.assign(links.by_column.begin(), links.by_column.end() - 1);
    for (std::int64_t r = 0; r < rows; ++r) {
        for (auto e = links.start[static_cast<std::size_t>(r)];
             e < links.start[static_cast<std::size_t>(r) + 1];
             ++e) {
            const auto column = static_cast<std::size_t>(links.column[static_cast<std::size_t>(e)]);
            const auto at_place = static_cast<std::size_t>(next[column]++);
            links.row[at_place] = static_cast<std::int32_t>(r);
            links.place[at_place] = static_cast<std::int32_t>(e);
        }
    }
    return links;
}

void gather_rows(
    const RowLinks& links, const float* scale, const float* in, std::int64_t width, float* out) {
    run_vectorised<Gather>(links.rows,
                           links.start.data(),
                           links.column.data(),
                           static_cast<const std::int32_t*>(nullptr),
                           scale,
                           in,
                           width,
                           out);
}

void gather_columns(
    const RowLinks& links, const float* scale, const float* in, std::int64_t width, float* out) {
    run_vectorised<Gather>(links.columns,
                           links.by_column.data(),
                           links.row.data(),
                           links.place.data(),
                           scale,
                           in,
                           width,
                           out);
}

void gather_most(
    const RowLinks& links, const float* in, std::int64_t width, float* out, std::int32_t* from) {
    run_vectorised<Most>(&links, in, width, out, from);
}

void gather_messages(const RowLinks& links,
                     const std::int32_t* kind_of,
                     const float* in,
                     const float* kind,
                     std::int64_t width,
                     float* out) {
    run_vectorised<Messages>(&links, kind_of, in, kind, width, out);
}

void scatter_messages(const RowLinks& links,
                      const std::int32_t* kind_of,
                      const float* in,
                      const float* kind,
                      const float* out_grad,
                      std::int64_t width,
                      float* in_grad,
                      float* kind_grad) {
    run_vectorised<MessagesBack>(&links, kind_of, in, kind, out_grad, width, in_grad, kind_grad);
}

void pair_logits(const PairHead& head,
                 const float* cores,
                 const float* sets,
                 const std::int64_t* core,
                 const std::int64_t* set,
                 std::int64_t pairs,
                 float* out) {
    run_vectorised<Logits>(&head, cores, sets, core, set, pairs, out);
}

void pair_logits_backward(const PairHead& head,
                          const float* cores,
                          const float* sets,
                          const std::int64_t* core,
                          const std::int64_t* set,
                          const float* out_grad,
                          std::int64_t pairs,
                          const PairHeadGrad& grad) {
    run_vectorised<LogitsBack>(&head, cores, sets, core, set, out_grad, pairs, &grad);
}

void fill_dropout(
    std::uint64_t& seed, double rate, const float* value, std::int64_t n, float* mask) {
    const auto threshold = static_cast<std::uint32_t>(std::lround(rate * 65536.0));
    const auto scale = static_cast<float>(1.0 / (1.0 - rate));
    run_vectorised<Dropout>(seed, threshold, scale, value, n, mask);
    seed = mixed(seed + 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(n / 4 + 1025));
}

void adam_step(const AdamStep& step,
               const float* grad,
               std::int64_t n,
               float* weight,
               float* first,
               float* second,
               float* average) {
    run_vectorised<Adam>(&step, grad, n, weight, first, second, average);
}

}  // namespace cupel::learner
