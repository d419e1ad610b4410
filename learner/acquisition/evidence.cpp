// Closed form for Gaussian noise, Newton's method for hits and misses.
#include "evidence.hpp"

#include <cmath>

#include "normal.hpp"

namespace cupel::acquisition {
namespace {

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

struct Newton {
    Eigen::VectorXd slope, curvature, third;  // of log cdf(sign * f)
    double log_likelihood = 0.0;
};

Newton derivatives(const Eigen::VectorXd& signs, const Eigen::VectorXd& f) {
    const Eigen::Index n = f.size();
    Newton out{Eigen::VectorXd(n), Eigen::VectorXd(n), Eigen::VectorXd(n), 0.0};
    for (Eigen::Index i = 0; i < n; ++i) {
        const double z = signs[i] * f[i];
        const double r = inverse_mills(z);
        out.log_likelihood += log_normal_cdf(z);
        out.slope[i] = signs[i] * r;
        out.curvature[i] = std::max(r * (r + z), 1e-10);
        out.third[i] = signs[i] * (2 * r * r * r + 3 * r * r * z + r * (z * z - 1));
    }
    return out;
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
                         double mean) {
    const Eigen::Index n = signs.size();
    Evidence out;
    Eigen::VectorXd alpha = Eigen::VectorXd::Zero(n);
    Eigen::VectorXd f = Eigen::VectorXd::Constant(n, mean);
    Newton d = derivatives(signs, f);
    double objective = d.log_likelihood;
    for (int iteration = 0; iteration < 30; ++iteration) {
        const Eigen::VectorXd sqrt_w = d.curvature.cwiseSqrt();
        const Eigen::MatrixXd cholesky = whitened_cholesky(covariance, sqrt_w);
        const Eigen::VectorXd b = (d.curvature.array() * (f.array() - mean)).matrix() + d.slope;
        Eigen::VectorXd inner = sqrt_w.asDiagonal() * (covariance * b);
        cholesky.triangularView<Eigen::Lower>().solveInPlace(inner);
        cholesky.triangularView<Eigen::Lower>().transpose().solveInPlace(inner);
        const Eigen::VectorXd direction = b - sqrt_w.asDiagonal() * inner - alpha;
        // The objective is concave: a shorter step always helps in the end.
        double gained = 0.0;
        for (double along = 1.0; along > 1e-3; along *= 0.5) {
            const Eigen::VectorXd next_alpha = alpha + along * direction;
            const Eigen::VectorXd latent = covariance * next_alpha;
            const Eigen::VectorXd next_f = latent.array() + mean;
            const Newton next = derivatives(signs, next_f);
            const double next_objective = next.log_likelihood - 0.5 * next_alpha.dot(latent);
            if (next_objective >= objective) {
                gained = next_objective - objective;
                objective = next_objective;
                alpha = next_alpha;
                f = next_f;
                d = next;
                break;
            }
        }
        if (gained < 1e-9) {
            break;
        }
    }
    out.alpha = alpha;
    out.sqrt_w = d.curvature.cwiseSqrt();
    out.cholesky = whitened_cholesky(covariance, out.sqrt_w);
    out.log = objective - out.cholesky.diagonal().array().log().sum();
    const Eigen::MatrixXd r = inverse_of_sum(out.cholesky, out.sqrt_w);
    // The mode moves with the covariance, and the curvature with the mode.
    Eigen::MatrixXd c = out.sqrt_w.asDiagonal() * covariance;
    out.cholesky.triangularView<Eigen::Lower>().solveInPlace(c);
    const Eigen::VectorXd variance = covariance.diagonal() - c.colwise().squaredNorm().transpose();
    const Eigen::VectorXd s2 = 0.5 * variance.cwiseProduct(d.third);
    const Eigen::VectorXd u = s2 - r * (covariance * s2);
    const Eigen::MatrixXd implicit = u * d.slope.transpose();
    out.by_covariance = 0.5 * (alpha * alpha.transpose() - r + implicit + implicit.transpose());
    out.by_mean = d.slope.sum() + u.sum();
    return out;
}

}  // namespace cupel::acquisition
