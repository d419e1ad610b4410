// The joint Gaussian of the logits of a pool, conditioned on observations one at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <cupel/learner/laplace_head.hpp>
#include <cupel/learner/pair_features.hpp>

namespace cupel::learner {

/// Mean and covariance of n logits. The covariance is that of the head's weights, so an observation
/// costs one walk over the pairs, O(n d), and no matrix of n rows is kept. Means are known for all;
/// a variance costs O(d^2) and is worked out where it matters. Copies share the features. Not
/// thread-safe: variances are filled in when asked for; works with `threads` threads itself.
class PoolPosterior {
  public:
    /// `offset`: features->size() numbers added to the mean. `threads` 0 = those of the machine.
    PoolPosterior(const LaplaceHead& head,
                  std::shared_ptr<const PairFeatures> features,
                  const std::vector<double>& offset,
                  int threads = 0);
    /// `features`: n x head.size() plain numbers, row by row.
    PoolPosterior(const LaplaceHead& head,
                  const std::vector<float>& features,
                  const std::vector<double>& offset);

    std::size_t size() const noexcept { return mean_.size(); }
    const std::vector<double>& mean() const noexcept { return mean_; }
    /// Every variance: O(n d^2) the first time.
    const std::vector<double>& variance() const;
    double variance(std::size_t i) const;
    double covariance(std::size_t a, std::size_t b) const;

    /// Takes in a graded label in 0..1 at candidate `i`, counted `weight` times.
    void observe(std::size_t i, double label, double weight);
    /// Each of `pools`, which share their features, takes in its own label at `i`: one walk for
    /// all.
    static void observe_each(const std::vector<PoolPosterior*>& pools,
                             std::size_t i,
                             const std::vector<double>& labels,
                             double weight);
    /// Moves every offset, as when popularity has changed.
    void add_offset(const std::vector<double>& change);

    /// What a candidate is worth: at a fixed mean it must rise or fall with the variance. Called
    /// from several threads.
    using Value = std::function<double(std::size_t i, double mean, double variance)>;
    /// Fills `at_most` with `count` numbers that no value is above while the variance is between 0
    /// and `variance`.
    using Bounds = std::function<void(
        std::size_t count, const double* mean, const double* variance, double* at_most)>;
    struct Best {
        std::size_t candidate = 0;
        double value = 0.0;
    };
    /// The candidate of highest value among those `allowed`, the first of equals: what a search
    /// over all variances finds, but only those are worked out whose bounds leave them a chance.
    /// `at_most`, where given, rules most of them out without a call of `value` for each.
    std::optional<Best> best(const Value& value,
                             const std::vector<char>& allowed,
                             const Bounds& at_most = {}) const;

  private:
    void work_out(const std::vector<std::size_t>& candidates) const;
    void work_out_highest_means(const std::vector<char>& allowed) const;
    std::vector<double> times_covariance(std::size_t i) const;
    void take_in(std::size_t i,
                 double label,
                 double weight,
                 const std::vector<double>& direction,
                 const std::vector<float>& column);

    int threads_ = 1;
    std::shared_ptr<const PairFeatures> features_;
    std::shared_ptr<const std::vector<float>> factor_;  ///< of the prior's covariance, see .cpp
    std::shared_ptr<const std::vector<float>> bound_;   ///< no prior variance is above
    std::vector<double> covariance_;                    ///< of the weights, as conditioned
    std::vector<double> mean_;
    std::vector<double> removed_;        ///< variance that observations took from each
    mutable std::vector<double> prior_;  ///< variance before them, or below 0: not worked out yet
    mutable std::vector<std::size_t> worked_;  ///< candidates whose variance is worked out
    mutable std::vector<double> all_;          ///< variance(), empty while out of date
};

}  // namespace cupel::learner
