// Similarities are looked up label by label; only sums and products run over the experiments.
#include "covariance.hpp"

#include <cmath>

namespace cupel::acquisition {
namespace {

using Index = Eigen::Index;

/// The labels of some experiments on one axis, each once, and which of them each experiment has.
struct LabelsInUse {
    std::vector<std::uint32_t> labels;
    std::vector<Index> of_experiment;
};

LabelsInUse labels_in_use(const Dimension& dimension, const std::vector<std::size_t>& rows) {
    LabelsInUse out;
    std::vector<Index> index(static_cast<std::size_t>(dimension.labels()), -1);
    for (const std::size_t row : rows) {
        const std::uint32_t label = dimension.label(row);
        if (index[label] < 0) {
            index[label] = static_cast<Index>(out.labels.size());
            out.labels.push_back(label);
        }
        out.of_experiment.push_back(index[label]);
    }
    return out;
}

// From labels to experiments.
Eigen::MatrixXd spread(const Eigen::MatrixXd& of_labels, const LabelsInUse& use) {
    const Index n = static_cast<Index>(use.of_experiment.size());
    Eigen::MatrixXd out(n, n);
    for (Index j = 0; j < n; ++j) {
        const auto column = of_labels.col(use.of_experiment[static_cast<std::size_t>(j)]);
        for (Index i = 0; i < n; ++i) {
            out(i, j) = column[use.of_experiment[static_cast<std::size_t>(i)]];
        }
    }
    return out;
}

}  // namespace

Covariance::Covariance(std::vector<Dimension> dimensions, const CovariancePriors& priors)
    : dimensions_(std::move(dimensions)) {
    std::vector<double> mean;
    for (const auto& dimension : dimensions_) {
        first_rate_.push_back(static_cast<Index>(mean.size()));
        for (Index part = 0; part < dimension.parts(); ++part) {
            const bool aside = dimension.is_delta(part) && dimension.parts() > 1;
            mean.push_back(aside ? priors.delta_rate : priors.rate);
        }
    }
    first_main_ = static_cast<Index>(mean.size());
    mean.resize(mean.size() + dimensions_.size(),
                priors.main - std::log(static_cast<double>(dimensions_.size())));
    if (dimensions_.size() > 2) {
        pair_ = static_cast<Index>(mean.size());
        mean.push_back(priors.pair);
    }
    product_ = static_cast<Index>(mean.size());
    mean.push_back(priors.product);
    prior_mean_ = Eigen::Map<Eigen::VectorXd>(mean.data(), static_cast<Index>(mean.size()));
    prior_deviation_ = Eigen::VectorXd::Constant(prior_mean_.size(), priors.deviation);
    prior_deviation_[product_] = priors.product_deviation;
}

double Covariance::variance(const Eigen::VectorXd& parameters) const {
    return parameters.tail(parameters.size() - first_main_).array().exp().sum();
}

Eigen::VectorXd Covariance::variance_gradient(const Eigen::VectorXd& parameters) const {
    Eigen::VectorXd out = Eigen::VectorXd::Zero(parameters.size());
    const Index amplitudes = parameters.size() - first_main_;
    out.tail(amplitudes) = parameters.tail(amplitudes).array().exp().matrix();
    return out;
}

Eigen::MatrixXd Covariance::similarity(std::size_t axis,
                                       const Eigen::VectorXd& parameters,
                                       const std::vector<std::uint32_t>& left,
                                       const std::vector<std::uint32_t>& right) const {
    const auto& dimension = dimensions_[axis];
    Eigen::MatrixXd exponent =
        Eigen::MatrixXd::Zero(static_cast<Index>(left.size()), static_cast<Index>(right.size()));
    for (Index part = 0; part < dimension.parts(); ++part) {
        exponent -=
            std::exp(parameters[first_rate_[axis] + part]) * dimension.distances(part, left, right);
    }
    return exponent.array().exp().matrix();
}

Eigen::MatrixXd Covariance::between(const Eigen::VectorXd& parameters,
                                    const std::vector<std::size_t>& left,
                                    const std::vector<std::size_t>& right) const {
    const Index n = static_cast<Index>(left.size());
    const std::size_t axes = dimensions_.size();
    const double pair =
        pair_ >= 0 ? std::exp(parameters[pair_]) * 2.0 / static_cast<double>(axes * (axes - 1))
                   : 0.0;
    const double product = std::exp(parameters[product_]);
    // Rows by labels, so that one column serves every experiment with that label.
    std::vector<Eigen::MatrixXd> rows_by_label;
    std::vector<LabelsInUse> of_right;
    std::vector<double> main;
    for (std::size_t s = 0; s < axes; ++s) {
        const auto of_left = labels_in_use(dimensions_[s], left);
        of_right.push_back(labels_in_use(dimensions_[s], right));
        const auto by_label = similarity(s, parameters, of_left.labels, of_right[s].labels);
        Eigen::MatrixXd expanded(n, by_label.cols());
        for (Index i = 0; i < n; ++i) {
            expanded.row(i) = by_label.row(of_left.of_experiment[static_cast<std::size_t>(i)]);
        }
        rows_by_label.push_back(std::move(expanded));
        main.push_back(std::exp(parameters[first_main_ + static_cast<Index>(s)]));
    }
    Eigen::MatrixXd out(n, static_cast<Index>(right.size()));
    Eigen::ArrayXd sum(n), squares(n), whole(n);
    for (Index j = 0; j < out.cols(); ++j) {
        auto column = out.col(j).array();
        column.setZero();
        sum.setZero();
        squares.setZero();
        whole.setConstant(product);
        for (std::size_t s = 0; s < axes; ++s) {
            const auto m = rows_by_label[s]
                               .col(of_right[s].of_experiment[static_cast<std::size_t>(j)])
                               .array();
            column += main[s] * m;
            whole *= m;
            if (pair_ >= 0) {
                sum += m;
                squares += m.square();
            }
        }
        column += whole;
        if (pair_ >= 0) {
            column += 0.5 * pair * (sum.square() - squares);
        }
    }
    return out;
}

Eigen::VectorXd Covariance::gradient(const Eigen::VectorXd& parameters,
                                     const std::vector<std::size_t>& rows,
                                     const Eigen::MatrixXd& weights) const {
    const std::size_t axes = dimensions_.size();
    const double pair =
        pair_ >= 0 ? std::exp(parameters[pair_]) * 2.0 / static_cast<double>(axes * (axes - 1))
                   : 0.0;
    const double product = std::exp(parameters[product_]);
    const Index n = weights.rows();
    std::vector<LabelsInUse> use;
    std::vector<Eigen::MatrixXd> similarities;
    Eigen::ArrayXXd whole = Eigen::ArrayXXd::Constant(n, n, product);
    Eigen::ArrayXXd sum = Eigen::ArrayXXd::Zero(n, n);
    Eigen::ArrayXXd squares = Eigen::ArrayXXd::Zero(n, n);
    for (std::size_t s = 0; s < axes; ++s) {
        use.push_back(labels_in_use(dimensions_[s], rows));
        similarities.push_back(
            spread(similarity(s, parameters, use[s].labels, use[s].labels), use[s]));
        whole *= similarities[s].array();
        sum += similarities[s].array();
        squares += similarities[s].array().square();
    }
    Eigen::VectorXd out(this->parameters());
    out[product_] = (weights.array() * whole).sum();
    if (pair_ >= 0) {
        out[pair_] = 0.5 * pair * (weights.array() * (sum.square() - squares)).sum();
    }
    for (std::size_t s = 0; s < axes; ++s) {
        const auto& m = similarities[s].array();
        const double main = std::exp(parameters[first_main_ + static_cast<Index>(s)]);
        out[first_main_ + static_cast<Index>(s)] = main * (weights.array() * m).sum();
        // What one unit of the exponent's decrease takes from the weighted sum, by experiment
        // pair.
        const Eigen::ArrayXXd share =
            weights.array() * (main * m + whole + pair * (sum * m - m.square()));
        for (Index part = 0; part < dimensions_[s].parts(); ++part) {
            const auto distances = dimensions_[s].distances(part, use[s].labels, use[s].labels);
            out[first_rate_[s] + part] = -std::exp(parameters[first_rate_[s] + part]) *
                                         (share * spread(distances, use[s]).array()).sum();
        }
    }
    return out;
}

}  // namespace cupel::acquisition
