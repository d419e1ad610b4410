// What the model believes about every experiment of a table at once, and how one more outcome
// would change it.
#pragma once

#include <functional>
#include <vector>

#include <Eigen/Dense>

namespace cupel::acquisition {

/// A joint Gaussian over all experiments, conditioned on one assumed outcome at a time.
class JointPosterior {
  public:
    /// `column(j)`: covariances of experiment j with all. `noise` is the variance between the
    /// latent value and what decides a hit; a hit is latent + noise > threshold.
    JointPosterior(Eigen::VectorXd mean,
                   Eigen::VectorXd variance,
                   std::function<Eigen::VectorXd(Eigen::Index)> column,
                   double threshold,
                   double noise);

    const Eigen::VectorXd& mean() const { return mean_; }
    const Eigen::VectorXd& variance() const { return variance_; }
    double threshold() const { return threshold_; }
    double hit_probability(Eigen::Index i) const;
    Eigen::VectorXd hit_probabilities() const;
    /// Covariances of experiment `i` with all, after everything conditioned on so far.
    Eigen::VectorXd covariances(Eigen::Index i) const;

    /// An outcome seen through `noise` (a variance).
    void condition_on_value(Eigen::Index i, double value, double noise);
    /// Kriging believer: the outcome is what is expected, only the uncertainty shrinks.
    void believe(Eigen::Index i) { condition_on_value(i, mean_[i], noise_); }
    /// Experiment `i` is a miss; moments are matched (Minka 2001).
    void condition_on_miss(Eigen::Index i);

  private:
    // Moves experiment i's moments to the given ones, everything else with it.
    void move_to(Eigen::Index i, double mean, double variance);

    Eigen::VectorXd mean_, variance_;
    std::function<Eigen::VectorXd(Eigen::Index)> column_;
    double threshold_ = 0.0, noise_ = 0.0;
    std::vector<Eigen::VectorXd> removed_;  // covariance = column - sum r r'
};

}  // namespace cupel::acquisition
