// The joint Gaussian of the logits of a pool, conditioned on observations one at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <cupel/learner/laplace_head.hpp>

namespace cupel::learner {

/// Mean and covariance of n logits, kept as factors: an observation costs O(n (d + k)) where k is
/// the number of observations so far. Copies share the factor of the prior.
class PoolPosterior {
  public:
    /// `features`: n x head.size(), row by row; `offset`: n numbers added to the mean.
    PoolPosterior(const LaplaceHead& head,
                  const std::vector<float>& features,
                  const std::vector<double>& offset);

    std::size_t size() const noexcept { return mean_.size(); }
    const std::vector<double>& mean() const noexcept { return mean_; }
    const std::vector<double>& variance() const noexcept { return variance_; }
    double covariance(std::size_t a, std::size_t b) const;

    /// Takes in a graded label in 0..1 at candidate `i`, counted `weight` times.
    void observe(std::size_t i, double label, double weight);
    /// Moves every offset, as when popularity has changed.
    void add_offset(const std::vector<double>& change);

  private:
    std::vector<double> column(std::size_t i) const;
    std::size_t width_ = 0;
    std::shared_ptr<const std::vector<float>>
        factor_;                                ///< n x width_: covariance = factor factor^T
    std::vector<std::vector<double>> removed_;  ///< covariance -= v v^T for each
    std::vector<double> mean_, variance_;
};

}  // namespace cupel::learner
