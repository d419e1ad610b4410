// A Bayesian linear layer on pair features: joint covariance, O(d^2) updates, no training run.
#pragma once

#include <cstddef>
#include <vector>

namespace cupel::learner {

/// A Gaussian over the weights of a logistic last layer.
/// The covariance is stored dense, row by row; features carry their own constant if they need one.
class LaplaceHead {
  public:
    LaplaceHead() = default;
    /// Prior: mean `weights`, covariance `variance` times the identity.
    LaplaceHead(std::vector<double> weights, double variance);
    /// From stored state; throws Error when the sizes do not fit.
    LaplaceHead(std::vector<double> weights, std::vector<double> covariance);

    std::size_t size() const noexcept { return mean_.size(); }
    const std::vector<double>& mean() const noexcept { return mean_; }
    const std::vector<double>& covariance() const noexcept { return covariance_; }

    /// Mean of the logit at features `x` (size() numbers).
    double logit(const double* x) const;
    /// Variance of the logit at `x`.
    double variance(const double* x) const;
    /// Covariance of the logits at `x` and `y`.
    double covariance(const double* x, const double* y) const;

    /// One Laplace step with a graded label in 0..1: the mode along the direction that the
    /// observation can move is found exactly, then the covariance loses one rank. `offset` is added
    /// to the logit and not learned; `weight` counts the observation so many times.
    void observe(const double* x, double label, double weight, double offset = 0.0);

    /// Adds the curvature of `n` observations at fixed mean: rows of `x` (n x size()), each with
    /// the curvature weight p(1-p) times its own weight. Used once, after training.
    void condense(const double* x, const std::vector<double>& curvature);

    /// covariance * x.
    std::vector<double> times(const double* x) const;

  private:
    std::vector<double> mean_, covariance_;
};

/// The mode of log-likelihood(label, weight) + log N(logit; mean, variance) over the logit: returns
/// the step `g` so that mode = mean + variance * g, and the curvature at the mode in `curvature`.
double laplace_step(double mean, double variance, double label, double weight, double* curvature);

/// 1 / (1 + exp(-x)), safe for any x.
double sigmoid(double x);
/// Probability of a logit that is Gaussian: sigmoid(mean / sqrt(1 + pi/8 variance)) (MacKay 1992).
double expected_sigmoid(double mean, double variance);
/// Its logit: the same order, without an exponential function.
double expected_logit(double mean, double variance);

}  // namespace cupel::learner
