// Closed form for Gaussian noise, expectation propagation for hits and misses.
#include "evidence.hpp"

#include <algorithm>
#include <cmath>

#include "normal.hpp"

namespace cupel::acquisition {
namespace {

constexpr int kSweeps = 60;
constexpr double kDamping = 0.9;
constexpr double kTolerance = 1e-5;
constexpr double kLeastPrecision = 1e-10;

// L of I + sqrt_w K sqrt_w.
Eigen::MatrixXd whitened_cholesky(const Eigen::MatrixXd& covariance,
                                  const Eigen::VectorXd& sqrt_w) {
    Eigen::MatrixXd b = sqrt_w.asDiagonal() * covariance * sqrt_w.asDiagonal();
    b.diagonal().array() += 1.0;
    return b.llt().matrixL();
}

// sqrt_w B^-1 sqrt_w.
Eigen::MatrixXd inverse_of_sum(const Eigen::MatrixXd& cholesky, const Eigen::VectorXd& sqrt_w) {
    Eigen::MatrixXd half = sqrt_w.asDiagonal();
    cholesky.triangularView<Eigen::Lower>().solveInPlace(half);
    return half.transpose() * half;
}

}  // namespace

Evidence gaussian_evidence(const Eigen::MatrixXd& covariance,
                           const Eigen::VectorXd& outcomes,
                           double mean,
                           double noise) {
    const double n = static_cast<double>(outcomes.size());
    Evidence out;
    out.sqrt_w = Eigen::VectorXd::Constant(outcomes.size(), 1.0 / std::sqrt(noise));
    out.cholesky = whitened_cholesky(covariance, out.sqrt_w);
    const Eigen::MatrixXd inverse = inverse_of_sum(out.cholesky, out.sqrt_w);
    const Eigen::VectorXd residual = outcomes.array() - mean;
    out.alpha = inverse * residual;
    out.log = -0.5 * residual.dot(out.alpha) - out.cholesky.diagonal().array().log().sum() -
              0.5 * n * std::log(2 * 3.14159265358979323846 * noise);
    out.by_covariance = 0.5 * (out.alpha * out.alpha.transpose() - inverse);
    out.by_mean = out.alpha.sum();
    out.by_log_noise = noise * out.by_covariance.trace();
    return out;
}

Evidence probit_evidence(const Eigen::MatrixXd& covariance,
                         const Eigen::VectorXd& signs,
                         double mean,
                         Sites& sites) {
    return probit_evidence(covariance, signs, Eigen::VectorXd::Constant(signs.size(), mean), sites);
}

Evidence probit_evidence(const Eigen::MatrixXd& covariance,
                         const Eigen::VectorXd& signs,
                         const Eigen::VectorXd& means,
                         Sites& sites) {
    const Eigen::Index n = signs.size(), known = std::min(sites.precision.size(), n);
    sites.precision.conservativeResize(n);
    sites.shift.conservativeResize(n);
    sites.precision.tail(n - known).setZero();
    sites.shift.tail(n - known).setZero();
    Evidence out;
    Eigen::VectorXd cavity_precision(n), cavity_shift(n), log_mass(n), variance(n), centre(n);
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
        // Everything is relative to the means.
        out.sqrt_w = sites.precision.cwiseSqrt();
        out.cholesky = whitened_cholesky(covariance, out.sqrt_w);
        Eigen::MatrixXd half = out.sqrt_w.asDiagonal() * covariance;
        out.cholesky.triangularView<Eigen::Lower>().solveInPlace(half);
        variance = covariance.diagonal() - half.colwise().squaredNorm().transpose();
        centre = covariance * sites.shift - half.transpose() * (half * sites.shift);
        double change = 0.0;
        Sites next = sites;
        for (Eigen::Index i = 0; i < n; ++i) {
            cavity_precision[i] = 1.0 / variance[i] - sites.precision[i];
            cavity_shift[i] = centre[i] / variance[i] - sites.shift[i];
            const double v = 1.0 / cavity_precision[i], m = cavity_shift[i] * v;
            const double width = std::sqrt(1.0 + v);
            const double z = signs[i] * (m + means[i]) / width;
            const double r = inverse_mills(z);
            log_mass[i] = log_normal_cdf(z);
            const double tilted_mean = m + signs[i] * v * r / width;
            const double tilted_variance = v - v * v * r * (z + r) / (1.0 + v);
            next.precision[i] =
                std::max(1.0 / tilted_variance - cavity_precision[i], kLeastPrecision);
            next.shift[i] = tilted_mean / tilted_variance - cavity_shift[i];
            change = std::max({change,
                               std::abs(next.precision[i] - sites.precision[i]),
                               std::abs(next.shift[i] - sites.shift[i])});
        }
        if (change < kTolerance || sweep + 1 == kSweeps) {
            break;
        }
        sites.precision += kDamping * (next.precision - sites.precision);
        sites.shift += kDamping * (next.shift - sites.shift);
    }
    const Eigen::MatrixXd inverse = inverse_of_sum(out.cholesky, out.sqrt_w);
    out.alpha = sites.shift - inverse * (covariance * sites.shift);
    const auto total = cavity_precision.array() + sites.precision.array();
    const auto cavity_mean = cavity_shift.array() / cavity_precision.array();
    out.log = log_mass.sum() +
              0.5 * (sites.precision.array() / cavity_precision.array()).log1p().sum() -
              out.cholesky.diagonal().array().log().sum() + 0.5 * sites.shift.dot(centre) -
              0.5 * (sites.shift.array().square() / total).sum() +
              0.5 * (cavity_mean * cavity_precision.array() / total *
                     (sites.precision.array() * cavity_mean - 2.0 * sites.shift.array()))
                        .sum();
    out.by_covariance = 0.5 * (out.alpha * out.alpha.transpose() - inverse);
    out.by_mean = out.alpha.sum();
    return out;
}

}  // namespace cupel::acquisition
