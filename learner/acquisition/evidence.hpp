// What labels say about a Gaussian process at some experiments: log evidence and the posterior's
// ingredients, for outcomes with Gaussian noise and for hits and misses.
#pragma once

#include <Eigen/Dense>

namespace cupel::acquisition {

/// The posterior over any x has mean m + k(x)' alpha and variance
/// k(x, x) - |L^-1 sqrt_w k(x)|^2, where L L' = I + sqrt_w K sqrt_w.
struct Evidence {
    double log = 0.0;
    Eigen::VectorXd alpha;
    Eigen::VectorXd sqrt_w;
    Eigen::MatrixXd cholesky;  ///< L, lower triangle
    // Derivatives of `log`.
    Eigen::MatrixXd by_covariance;  ///< symmetric; d log = sum_ij by_covariance_ij dK_ij
    double by_mean = 0.0;
    double by_log_noise = 0.0;  ///< Gaussian only
};

/// Exact, for y = f + noise. `noise` is a variance. Rasmussen & Williams 2006, algorithm 2.1.
Evidence gaussian_evidence(const Eigen::MatrixXd& covariance,
                           const Eigen::VectorXd& outcomes,
                           double mean,
                           double noise);

/// Laplace's approximation for P(hit) = cdf(f); `signs` holds 1 (hit) or -1 (miss).
/// Rasmussen & Williams 2006, algorithms 3.1 and 5.1.
Evidence probit_evidence(const Eigen::MatrixXd& covariance,
                         const Eigen::VectorXd& signs,
                         double mean);

}  // namespace cupel::acquisition
