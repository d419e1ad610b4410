// The Bayesian last layer in plain double arithmetic.
#include <algorithm>
#include <cmath>

#include <cupel/domain/error.hpp>
#include <cupel/learner/laplace_head.hpp>

namespace cupel::learner {

double sigmoid(double x) {
    if (x >= 0) {
        return 1.0 / (1.0 + std::exp(-x));
    }
    const double e = std::exp(x);
    return e / (1.0 + e);
}

double expected_logit(double mean, double variance) {
    constexpr double kPiOver8 = 0.39269908169872414;
    return mean / std::sqrt(1.0 + kPiOver8 * std::max(variance, 0.0));
}

double expected_sigmoid(double mean, double variance) {
    return sigmoid(expected_logit(mean, variance));
}

double laplace_step(double mean, double variance, double label, double weight, double* curvature) {
    // The log posterior is concave in g; its derivative falls from weight*(y-p(mean)) at g = 0 and
    // changes sign before |g| = weight, so bisection always ends.
    double low = -weight;
    double high = weight;
    double g = 0.0;
    for (int i = 0; i < 60; ++i) {
        g = 0.5 * (low + high);
        const double excess = weight * (label - sigmoid(mean + variance * g)) - g;
        (excess > 0 ? low : high) = g;
    }
    const double p = sigmoid(mean + variance * g);
    *curvature = weight * p * (1.0 - p);
    return g;
}

LaplaceHead::LaplaceHead(std::vector<double> weights, double variance)
    : mean_(std::move(weights)), covariance_(mean_.size() * mean_.size(), 0.0) {
    for (std::size_t i = 0; i < mean_.size(); ++i) {
        covariance_[i * mean_.size() + i] = variance;
    }
}

LaplaceHead::LaplaceHead(std::vector<double> weights, std::vector<double> covariance)
    : mean_(std::move(weights)), covariance_(std::move(covariance)) {
    if (covariance_.size() != mean_.size() * mean_.size()) {
        throw Error("a stored head has " + std::to_string(mean_.size()) + " weights but " +
                    std::to_string(covariance_.size()) + " covariances");
    }
}

double LaplaceHead::logit(const double* x) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < mean_.size(); ++i) {
        sum += mean_[i] * x[i];
    }
    return sum;
}

std::vector<double> LaplaceHead::times(const double* x) const {
    const std::size_t d = mean_.size();
    std::vector<double> result(d, 0.0);
    for (std::size_t i = 0; i < d; ++i) {
        const double* row = covariance_.data() + i * d;
        double sum = 0.0;
        for (std::size_t j = 0; j < d; ++j) {
            sum += row[j] * x[j];
        }
        result[i] = sum;
    }
    return result;
}

double LaplaceHead::covariance(const double* x, const double* y) const {
    const std::vector<double> sy = times(y);
    double sum = 0.0;
    for (std::size_t i = 0; i < sy.size(); ++i) {
        sum += x[i] * sy[i];
    }
    return sum;
}

double LaplaceHead::variance(const double* x) const {
    return std::max(covariance(x, x), 0.0);
}

void LaplaceHead::observe(const double* x, double label, double weight, double offset) {
    const std::size_t d = mean_.size();
    const std::vector<double> sx = times(x);
    double s = 0.0;
    for (std::size_t i = 0; i < d; ++i) {
        s += x[i] * sx[i];
    }
    if (!(s > 0.0)) {
        return;
    }
    double curvature = 0.0;
    const double g = laplace_step(logit(x) + offset, s, label, weight, &curvature);
    const double shrink = curvature / (1.0 + curvature * s);
    for (std::size_t i = 0; i < d; ++i) {
        mean_[i] += g * sx[i];
        double* row = covariance_.data() + i * d;
        const double factor = shrink * sx[i];
        for (std::size_t j = 0; j < d; ++j) {
            row[j] -= factor * sx[j];
        }
    }
}

void LaplaceHead::condense(const double* x, const std::vector<double>& curvature) {
    const std::size_t d = mean_.size();
    for (std::size_t n = 0; n < curvature.size(); ++n) {
        const double* row = x + n * d;
        const std::vector<double> sx = times(row);
        double s = 0.0;
        for (std::size_t i = 0; i < d; ++i) {
            s += row[i] * sx[i];
        }
        const double shrink = curvature[n] / (1.0 + curvature[n] * s);
        for (std::size_t i = 0; i < d; ++i) {
            double* target = covariance_.data() + i * d;
            const double factor = shrink * sx[i];
            for (std::size_t j = 0; j < d; ++j) {
                target[j] -= factor * sx[j];
            }
        }
    }
}

}  // namespace cupel::learner
