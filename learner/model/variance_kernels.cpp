// Eight candidates by thirty-two columns of the factor in registers.
#include "variance_kernels.hpp"

#include <algorithm>
#include <cmath>

#include "vector_target.hpp"

namespace cupel::learner {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kColumns = 32;
constexpr std::size_t kRows = 8;
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
typedef float StoredVector
    __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
constexpr std::size_t kWide = 8;
typedef double Wide __attribute__((vector_size(kWide * sizeof(double))));
typedef double StoredWide
    __attribute__((vector_size(kWide * sizeof(double)), aligned(8), may_alias));

std::size_t stride_of(std::size_t d) {
    return (d + kColumns - 1) / kColumns * kColumns;
}

struct Dot {
    CUPEL_INLINE static void run(const double* a, const double* b, std::size_t n, double* out) {
        Wide sum[2] = {};
        std::size_t i = 0;
        for (; i + 2 * kWide <= n; i += 2 * kWide) {
            for (std::size_t k = 0; k < 2; ++k) {
                sum[k] += *reinterpret_cast<const StoredWide*>(a + i + k * kWide) *
                          *reinterpret_cast<const StoredWide*>(b + i + k * kWide);
            }
        }
        double total = 0.0;
        for (; i < n; ++i) {
            total += a[i] * b[i];
        }
        for (std::size_t k = 0; k < kWide; ++k) {
            total += sum[0][k] + sum[1][k];
        }
        *out = total;
    }
};

double dot(const double* a, const double* b, std::size_t n) {
    double sum = 0.0;
    run_vectorised<Dot>(a, b, n, &sum);
    return sum;
}

struct Squares {
    template <std::size_t kCount>
    CUPEL_INLINE static void rows(const float* packed, std::size_t d, const float* x, double* out) {
        const std::size_t stride = stride_of(d);
        double total[kCount] = {};
        for (std::size_t column = 0; column < d; column += kColumns) {
            Vector sum[kCount][2] = {};
            // The factor is lower triangular: rows above the block hold zeros.
            for (std::size_t i = column; i < d; ++i) {
                const StoredVector* row =
                    reinterpret_cast<const StoredVector*>(packed + i * stride + column);
                for (std::size_t k = 0; k < kCount; ++k) {
                    sum[k][0] += x[k * d + i] * row[0];
                    sum[k][1] += x[k * d + i] * row[1];
                }
            }
            for (std::size_t k = 0; k < kCount; ++k) {
                const Vector square = sum[k][0] * sum[k][0] + sum[k][1] * sum[k][1];
                for (std::size_t l = 0; l < kLanes; ++l) {
                    total[k] += static_cast<double>(square[l]);
                }
            }
        }
        for (std::size_t k = 0; k < kCount; ++k) {
            out[k] = total[k];
        }
    }
    CUPEL_INLINE static void run(
        const float* packed, std::size_t d, const float* x, std::size_t count, double* out) {
        std::size_t k = 0;
        for (; k + kRows <= count; k += kRows) {
            rows<kRows>(packed, d, x + k * d, out + k);
        }
        for (; k < count; ++k) {
            rows<1>(packed, d, x + k * d, out + k);
        }
    }
};

}  // namespace

std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t d, double* defect) {
    std::vector<double> lower(d * d, 0.0);
    if (defect != nullptr) {
        *defect = 0.0;
    }
    for (std::size_t i = 0; i < d; ++i) {
        double* row = lower.data() + i * d;
        for (std::size_t j = 0; j < i; ++j) {
            const double sum = matrix[i * d + j] - dot(row, lower.data() + j * d, j);
            const double pivot = lower[j * d + j];
            row[j] = pivot > 0.0 ? sum / pivot : 0.0;
        }
        const double square = matrix[i * d + i] - dot(row, row, i);
        row[i] = square > 1e-12 ? std::sqrt(square) : 0.0;
        if (defect != nullptr) {
            *defect = std::min(*defect, square);
        }
    }
    return lower;
}

double largest_eigenvalue(const std::vector<double>& matrix, std::size_t d) {
    std::vector<double> v(d, 1.0);
    std::vector<double> next(d);
    double guess = 0.0;
    for (int iteration = 0; iteration < 20 && d > 0; ++iteration) {
        const double norm = std::sqrt(dot(v.data(), v.data(), d));
        if (!(norm > 0.0)) {
            break;
        }
        for (double& value : v) {
            value /= norm;
        }
        for (std::size_t i = 0; i < d; ++i) {
            next[i] = dot(matrix.data() + i * d, v.data(), d);
        }
        guess = std::max(guess, std::sqrt(dot(next.data(), next.data(), d)));
        v.swap(next);
    }
    for (std::size_t i = 0; i < d; ++i) {
        guess = std::max(guess, matrix[i * d + i]);
    }
    // Power iteration comes from below; what it says holds once bound * I - matrix has a factor.
    for (double bound = 1.02 * guess + 1e-12;; bound *= 1.1) {
        std::vector<double> rest(matrix.size());
        for (std::size_t i = 0; i < rest.size(); ++i) {
            rest[i] = (i % (d + 1) == 0 ? bound : 0.0) - matrix[i];
        }
        double defect = 0.0;
        (void)cholesky(rest, d, &defect);
        if (!(defect < 0.0) || !std::isfinite(bound)) {
            return bound;
        }
    }
}

std::vector<float> packed_factor(const std::vector<double>& lower, std::size_t d) {
    const std::size_t stride = stride_of(d);
    std::vector<float> packed(d * stride, 0.0F);
    for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            packed[i * stride + j] = static_cast<float>(lower[i * d + j]);
        }
    }
    return packed;
}

void factored_squares(
    const float* packed, std::size_t d, const float* rows, std::size_t count, double* out) {
    run_vectorised<Squares>(packed, d, rows, count, out);
}

}  // namespace cupel::learner
