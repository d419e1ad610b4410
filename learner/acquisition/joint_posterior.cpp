// Each assumed outcome is one rank-one step; nothing is refitted.
#include "joint_posterior.hpp"

#include <algorithm>
#include <cmath>

#include "normal.hpp"

namespace cupel::acquisition {

JointPosterior::JointPosterior(Eigen::VectorXd mean,
                               Eigen::VectorXd variance,
                               std::function<Eigen::VectorXd(Eigen::Index)> column,
                               double threshold,
                               double noise)
    : mean_(std::move(mean)),
      variance_(std::move(variance)),
      column_(std::move(column)),
      threshold_(threshold),
      noise_(noise) {}

double JointPosterior::hit_probability(Eigen::Index i) const {
    return normal_cdf((mean_[i] - threshold_) / std::sqrt(noise_ + variance_[i]));
}

Eigen::VectorXd JointPosterior::hit_probabilities() const {
    Eigen::VectorXd out(mean_.size());
    for (Eigen::Index i = 0; i < out.size(); ++i) {
        out[i] = hit_probability(i);
    }
    return out;
}

Eigen::VectorXd JointPosterior::covariances(Eigen::Index i) const {
    Eigen::VectorXd out = column_(i);
    for (const auto& r : removed_) {
        out -= r[i] * r;
    }
    return out;
}

void JointPosterior::condition_on_value(Eigen::Index i, double value, double noise) {
    const double total = variance_[i] + noise;
    move_to(i,
            mean_[i] + variance_[i] / total * (value - mean_[i]),
            variance_[i] - variance_[i] * variance_[i] / total);
}

void JointPosterior::condition_on_miss(Eigen::Index i) {
    const double total = variance_[i] + noise_;
    const double z = (threshold_ - mean_[i]) / std::sqrt(total);
    const double r = inverse_mills(z);
    move_to(i,
            mean_[i] - variance_[i] * r / std::sqrt(total),
            variance_[i] - variance_[i] * variance_[i] / total * r * (r + z));
}

void JointPosterior::move_to(Eigen::Index i, double mean, double variance) {
    const double before = variance_[i];
    if (before < 1e-12) {
        return;
    }
    const Eigen::VectorXd c = covariances(i);
    mean_ += c * ((mean - mean_[i]) / before);
    // Var' = before - (c_ii / sqrt(total))^2 fixes the total.
    const double share = std::sqrt(std::clamp((before - variance) / before, 0.0, 1.0) / before);
    removed_.push_back(c * share);
    variance_ = (variance_ - removed_.back().cwiseAbs2()).cwiseMax(0.0);
}

}  // namespace cupel::acquisition
