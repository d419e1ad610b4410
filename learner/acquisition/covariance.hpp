// The prior of the exact Gaussian process: main effects of every axis, their pairs, and all at
// once.
#pragma once

#include <vector>

#include <Eigen/Dense>

#include "dimension.hpp"

namespace cupel::acquisition {

/// Centres of the priors, all of logarithms; each has deviation `deviation`, but for the product of
/// all axes: whether a combination is more than its parts differs most from table to table, and
/// where experiments were repeated nothing else tells that a hit will hit again. Chosen on
/// development seeds 0..19 of three tables.
struct CovariancePriors {
    double rate = 0.0;         ///< of a distance; distances have mean 1
    double delta_rate = -2.0;  ///< of "is another label" where there are other distances
    double main = 3.5;         ///< all main effects together
    double pair = -1.0;
    double product = -1.0;
    double deviation = 0.7;
    double product_deviation = 1.4;
};

/// k(x, x') = sum_s a_s m_s + a_2 mean_{s<t} m_s m_t + a_x prod_s m_s, with
/// m_s = exp(-sum_p rate_sp d_sp(x, x')). The main effects are where popularity lives: what is
/// learned about a label helps in every combination. a_2 is there from three axes on.
///
/// Parameters, all logarithms: the rates by axis and part, a_s by axis, a_2, a_x. Each has a
/// Gaussian prior, so that ten labels leave the covariance where most tables have it.
class Covariance {
  public:
    explicit Covariance(std::vector<Dimension> dimensions, const CovariancePriors& priors = {});

    Eigen::Index parameters() const { return prior_mean_.size(); }
    const Eigen::VectorXd& prior_mean() const { return prior_mean_; }
    const Eigen::VectorXd& prior_deviation() const { return prior_deviation_; }
    const std::vector<Dimension>& dimensions() const { return dimensions_; }

    /// k(x, x), the same for every x.
    double variance(const Eigen::VectorXd& parameters) const;
    /// Its derivatives.
    Eigen::VectorXd variance_gradient(const Eigen::VectorXd& parameters) const;
    /// One row per row of the table in `left`, one column per one in `right`.
    Eigen::MatrixXd between(const Eigen::VectorXd& parameters,
                            const std::vector<std::size_t>& left,
                            const std::vector<std::size_t>& right) const;
    /// d/d parameters of sum_ij weights_ij k(rows_i, rows_j); `weights` is symmetric.
    Eigen::VectorXd gradient(const Eigen::VectorXd& parameters,
                             const std::vector<std::size_t>& rows,
                             const Eigen::MatrixXd& weights) const;

  private:
    // exp(-sum of rates * distances) between labels of one axis.
    Eigen::MatrixXd similarity(std::size_t axis,
                               const Eigen::VectorXd& parameters,
                               const std::vector<std::uint32_t>& left,
                               const std::vector<std::uint32_t>& right) const;

    std::vector<Dimension> dimensions_;
    std::vector<Eigen::Index> first_rate_;
    Eigen::Index first_main_ = 0;
    Eigen::Index pair_ = -1;
    Eigen::Index product_ = 0;
    Eigen::VectorXd prior_mean_, prior_deviation_;
};

}  // namespace cupel::acquisition
