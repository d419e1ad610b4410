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

/// What each label adds to a Gaussian over the latent values: precision, and precision times mean.
struct Sites {
    Eigen::VectorXd precision, shift;
};

/// Expectation propagation for P(hit) = cdf(f); `signs` holds 1 (hit) or -1 (miss). Laplace's
/// approximation draws probabilities towards a half where the prior is wide (Kuss & Rasmussen, J.
/// Mach. Learn. Res. 2005, 6, 1679), and with few labels it is. `sites` is where to start (shorter
/// or empty for labels not seen before) and receives the end.
/// Rasmussen & Williams 2006, section 3.6, all sites at once.
Evidence probit_evidence(const Eigen::MatrixXd& covariance,
                         const Eigen::VectorXd& signs,
                         double mean,
                         Sites& sites);
/// The same with a mean for each label.
Evidence probit_evidence(const Eigen::MatrixXd& covariance,
                         const Eigen::VectorXd& signs,
                         const Eigen::VectorXd& means,
                         Sites& sites);

}  // namespace cupel::acquisition
