// The exact Gaussian process over one table: fitted to labels, asked about every experiment.
#pragma once

#include <memory>
#include <vector>

#include "covariance.hpp"
#include "evidence.hpp"
#include "joint_posterior.hpp"

namespace cupel::acquisition {

/// What is known of the outcomes so far; entry by entry the experiment, its outcome, hit or miss.
struct Labels {
    std::vector<std::size_t> rows;
    std::vector<double> y;
    std::vector<char> hit;
    std::size_t given = 0;  ///< so many at the front were drawn by their outcome
};

/// How a table is modelled; the same for every table.
struct ModelSettings {
    bool graded = false;  ///< learn from y with Gaussian noise, not from hits alone
    double mean_prior = -0.8, mean_deviation = 0.8;
    /// Labels that were drawn by their outcome do not tell how often experiments hit: they have an
    /// offset of their own, as in a case-control study (Prentice & Pyke, Biometrika 1979, 66, 403).
    double given_deviation = 1.0;
    double noise_prior = -2.0;  ///< log variance, graded
    int evaluations = 30;       ///< of the evidence per fit
};

/// Hyperparameters by maximum of evidence times prior, from where the last fit ended.
class TableModel {
  public:
    /// `threshold`: hits are outcomes above it (graded only).
    TableModel(std::shared_ptr<const Covariance> covariance,
               std::size_t rows,
               ModelSettings settings,
               double threshold);

    /// Fits to the labels so far, at least one; later calls append labels, in the same order.
    void fit(const Labels& labels);
    /// Joint over every experiment, labelled ones too.
    JointPosterior posterior(const Labels& labels) const;
    /// Parameters of the covariance, then the mean, then (graded) the log noise or else the offset
    /// of the labels given. Mean and offset are in deviations of what decides a hit.
    const Eigen::VectorXd& parameters() const { return parameters_; }
    /// Log evidence plus log prior, negated; fills the gradient. For the fit and its test.
    /// `sites` as in probit_evidence().
    double objective(const Labels& labels,
                     const Eigen::VectorXd& parameters,
                     Sites& sites,
                     Eigen::VectorXd& gradient) const;

  private:
    Evidence evidence(const Labels& labels, const Eigen::VectorXd& parameters, Sites& sites) const;
    double width_of(const Eigen::VectorXd& parameters) const;
    double mean_of(const Eigen::VectorXd& parameters) const;
    Eigen::VectorXd means_of(const Labels& labels, const Eigen::VectorXd& parameters) const;
    Eigen::VectorXd targets(const Labels& labels) const;
    std::shared_ptr<const Covariance> covariance_;
    std::vector<std::size_t> all_;
    ModelSettings settings_;
    double threshold_ = 0.0;
    Eigen::VectorXd prior_mean_, prior_deviation_, parameters_;
    Sites sites_;
};

}  // namespace cupel::acquisition
