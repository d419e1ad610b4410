// Evidence and covariance put together.
#include "table_model.hpp"

#include <cmath>
#include <numeric>

#include "optimiser.hpp"

namespace cupel::acquisition {
namespace {

struct Scale {
    double centre = 0.0, width = 1.0;
};

// Outcomes are brought to mean 0 and deviation 1 of what was seen.
Scale scale_of(const std::vector<double>& y) {
    const double n = static_cast<double>(y.size());
    Scale scale;
    scale.centre = std::accumulate(y.begin(), y.end(), 0.0) / n;
    double squares = 0.0;
    for (const double value : y) {
        squares += (value - scale.centre) * (value - scale.centre);
    }
    scale.width = squares > 0.0 ? std::sqrt(squares / n) : 1.0;
    return scale;
}

}  // namespace

TableModel::TableModel(std::shared_ptr<const Covariance> covariance,
                       std::size_t rows,
                       ModelSettings settings,
                       double threshold)
    : covariance_(std::move(covariance)), all_(rows), settings_(settings), threshold_(threshold) {
    std::iota(all_.begin(), all_.end(), std::size_t{0});
    const Eigen::Index inner = covariance_->parameters();
    const Eigen::Index size = inner + 2;
    prior_mean_.resize(size);
    prior_deviation_.resize(size);
    prior_mean_.head(inner) = covariance_->prior_mean();
    prior_deviation_.head(inner) = covariance_->prior_deviation();
    if (settings_.graded) {
        prior_mean_[inner] = -0.5;
        prior_deviation_[inner] = 0.5;
        prior_mean_[inner + 1] = settings_.noise_prior;
        prior_deviation_[inner + 1] = 1.0;
    } else {
        prior_mean_[inner] = settings_.mean_prior;
        prior_deviation_[inner] = settings_.mean_deviation;
        prior_mean_[inner + 1] = 0.0;
        prior_deviation_[inner + 1] = settings_.given_deviation;
    }
    parameters_ = prior_mean_;
}

Eigen::VectorXd TableModel::targets(const Labels& labels) const {
    Eigen::VectorXd out(static_cast<Eigen::Index>(labels.rows.size()));
    const Scale scale = scale_of(labels.y);
    for (std::size_t i = 0; i < labels.rows.size(); ++i) {
        out[static_cast<Eigen::Index>(i)] = settings_.graded
                                                ? (labels.y[i] - scale.centre) / scale.width
                                                : (labels.hit[i] != 0 ? 1.0 : -1.0);
    }
    return out;
}

Evidence TableModel::evidence(const Labels& labels,
                              const Eigen::VectorXd& parameters,
                              Sites& sites) const {
    const Eigen::VectorXd kernel = parameters.head(covariance_->parameters());
    const Eigen::MatrixXd k = covariance_->between(kernel, labels.rows, labels.rows);
    return settings_.graded
               ? gaussian_evidence(k,
                                   targets(labels),
                                   mean_of(parameters),
                                   std::exp(parameters[parameters.size() - 1]))
               : probit_evidence(k, targets(labels), means_of(labels, parameters), sites);
}

double TableModel::objective(const Labels& labels,
                             const Eigen::VectorXd& parameters,
                             Sites& sites,
                             Eigen::VectorXd& gradient) const {
    const Eigen::Index inner = covariance_->parameters();
    const Eigen::VectorXd kernel = parameters.head(inner);
    const Evidence evidence = this->evidence(labels, parameters, sites);
    gradient.resize(parameters.size());
    gradient.head(inner) = covariance_->gradient(kernel, labels.rows, evidence.by_covariance);
    if (settings_.graded) {
        gradient[inner] = evidence.by_mean;
        gradient[inner + 1] = evidence.by_log_noise;
    } else {
        const double width = width_of(parameters);
        const double by_given = evidence.alpha.head(static_cast<Eigen::Index>(labels.given)).sum();
        gradient[inner] = evidence.by_mean * width;
        gradient[inner + 1] = by_given * width;
        gradient.head(inner) +=
            (evidence.by_mean * parameters[inner] + by_given * parameters[inner + 1]) /
            (2.0 * width) * covariance_->variance_gradient(kernel);
    }
    const Eigen::ArrayXd off = (parameters - prior_mean_).array() / prior_deviation_.array();
    gradient = -gradient + (off / prior_deviation_.array()).matrix();
    return -evidence.log + 0.5 * off.square().sum();
}

double TableModel::width_of(const Eigen::VectorXd& parameters) const {
    return std::sqrt(1.0 + covariance_->variance(parameters.head(covariance_->parameters())));
}

double TableModel::mean_of(const Eigen::VectorXd& parameters) const {
    const double mean = parameters[covariance_->parameters()];
    return settings_.graded ? mean : mean * width_of(parameters);
}

Eigen::VectorXd TableModel::means_of(const Labels& labels,
                                     const Eigen::VectorXd& parameters) const {
    const auto all = static_cast<Eigen::Index>(labels.rows.size());
    Eigen::VectorXd means = Eigen::VectorXd::Constant(all, mean_of(parameters));
    means.head(static_cast<Eigen::Index>(labels.given)).array() +=
        parameters[covariance_->parameters() + 1] * width_of(parameters);
    return means;
}

void TableModel::fit(const Labels& labels) {
    parameters_ =
        minimise([&](const Eigen::VectorXd& at,
                     Eigen::VectorXd& gradient) { return objective(labels, at, sites_, gradient); },
                 parameters_,
                 settings_.evaluations);
}

JointPosterior TableModel::posterior(const Labels& labels) const {
    const Eigen::Index inner = covariance_->parameters();
    const Eigen::VectorXd kernel = parameters_.head(inner);
    const double mean = mean_of(parameters_);
    const double noise = settings_.graded ? std::exp(parameters_[inner + 1]) : 1.0;
    Sites sites = sites_;
    const Evidence evidence = this->evidence(labels, parameters_, sites);
    auto half = std::make_shared<Eigen::MatrixXd>(covariance_->between(kernel, labels.rows, all_));
    Eigen::VectorXd means = (half->transpose() * evidence.alpha).array() + mean;
    *half = evidence.sqrt_w.asDiagonal() * *half;
    evidence.cholesky.triangularView<Eigen::Lower>().solveInPlace(*half);
    const Eigen::VectorXd variances =
        (covariance_->variance(kernel) - half->colwise().squaredNorm().array())
            .max(1e-9)
            .matrix()
            .transpose();
    double threshold = 0.0;
    if (settings_.graded) {
        const Scale scale = scale_of(labels.y);
        threshold = (threshold_ - scale.centre) / scale.width;
    }
    auto column = [covariance = covariance_, kernel, all = all_, half](Eigen::Index j) {
        const Eigen::VectorXd prior =
            covariance->between(kernel, {static_cast<std::size_t>(j)}, all).row(0).transpose();
        return Eigen::VectorXd(prior - half->transpose() * half->col(j));
    };
    return JointPosterior(std::move(means), variances, std::move(column), threshold, noise);
}

}  // namespace cupel::acquisition
