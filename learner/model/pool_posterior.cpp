// Conditioning the joint Gaussian of a pool, one observation at a time.
#include <algorithm>
#include <cmath>

#include <cupel/domain/error.hpp>
#include <cupel/learner/pool_posterior.hpp>

namespace cupel::learner {
namespace {

// Lower Cholesky factor of a covariance; tiny negative pivots (rounding) become zero columns.
std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t d) {
    std::vector<double> lower(d * d, 0.0);
    for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = matrix[i * d + j];
            const double* a = lower.data() + i * d;
            const double* b = lower.data() + j * d;
            for (std::size_t k = 0; k < j; ++k) {
                sum -= a[k] * b[k];
            }
            if (i == j) {
                lower[i * d + i] = sum > 1e-12 ? std::sqrt(sum) : 0.0;
            } else {
                const double pivot = lower[j * d + j];
                lower[i * d + j] = pivot > 0.0 ? sum / pivot : 0.0;
            }
        }
    }
    return lower;
}

}  // namespace

PoolPosterior::PoolPosterior(const LaplaceHead& head,
                             const std::vector<float>& features,
                             const std::vector<double>& offset)
    : width_(head.size()), mean_(offset), variance_(offset.size(), 0.0) {
    if (features.size() != offset.size() * width_) {
        throw Error("a pool of " + std::to_string(offset.size()) + " candidates needs " +
                    std::to_string(offset.size() * width_) + " features, got " +
                    std::to_string(features.size()));
    }
    const std::vector<double> lower = cholesky(head.covariance(), width_);
    std::vector<float> lower_f(lower.begin(), lower.end());
    auto factor = std::make_shared<std::vector<float>>(features.size(), 0.0F);
    for (std::size_t n = 0; n < mean_.size(); ++n) {
        const float* x = features.data() + n * width_;
        float* z = factor->data() + n * width_;
        double dot = 0.0;
        for (std::size_t i = 0; i < width_; ++i) {
            dot += head.mean()[i] * static_cast<double>(x[i]);
            if (x[i] == 0.0F) {
                continue;
            }
            const float* row = lower_f.data() + i * width_;
            for (std::size_t j = 0; j <= i; ++j) {
                z[j] += x[i] * row[j];
            }
        }
        mean_[n] += dot;
        double square = 0.0;
        for (std::size_t j = 0; j < width_; ++j) {
            square += static_cast<double>(z[j]) * static_cast<double>(z[j]);
        }
        variance_[n] = square;
    }
    factor_ = std::move(factor);
}

std::vector<double> PoolPosterior::column(std::size_t i) const {
    std::vector<double> result(size(), 0.0);
    const float* zi = factor_->data() + i * width_;
    for (std::size_t n = 0; n < result.size(); ++n) {
        const float* z = factor_->data() + n * width_;
        float partial[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        std::size_t j = 0;
        for (; j + 8 <= width_; j += 8) {
            for (std::size_t k = 0; k < 8; ++k) {
                partial[k] += z[j + k] * zi[j + k];
            }
        }
        double sum = 0.0;
        for (; j < width_; ++j) {
            sum += static_cast<double>(z[j] * zi[j]);
        }
        for (const float part : partial) {
            sum += static_cast<double>(part);
        }
        result[n] = sum;
    }
    for (const auto& v : removed_) {
        const double vi = v[i];
        for (std::size_t n = 0; n < result.size(); ++n) {
            result[n] -= v[n] * vi;
        }
    }
    return result;
}

double PoolPosterior::covariance(std::size_t a, std::size_t b) const {
    const float* za = factor_->data() + a * width_;
    const float* zb = factor_->data() + b * width_;
    double sum = 0.0;
    for (std::size_t j = 0; j < width_; ++j) {
        sum += static_cast<double>(za[j]) * static_cast<double>(zb[j]);
    }
    for (const auto& v : removed_) {
        sum -= v[a] * v[b];
    }
    return sum;
}

void PoolPosterior::observe(std::size_t i, double label, double weight) {
    std::vector<double> c = column(i);
    const double s = std::max(c[i], 1e-12);
    double curvature = 0.0;
    const double g = laplace_step(mean_[i], s, label, weight, &curvature);
    const double scale = std::sqrt(curvature / (1.0 + curvature * s));
    for (std::size_t n = 0; n < c.size(); ++n) {
        mean_[n] += g * c[n];
        c[n] *= scale;
        variance_[n] = std::max(variance_[n] - c[n] * c[n], 0.0);
    }
    removed_.push_back(std::move(c));
}

void PoolPosterior::add_offset(const std::vector<double>& change) {
    for (std::size_t n = 0; n < mean_.size(); ++n) {
        mean_[n] += change[n];
    }
}

}  // namespace cupel::learner
