// One expectation propagation for each size of each kind, averaged by evidence.
#include <algorithm>
#include <cmath>

#include <cupel/acquisition/outcome_process.hpp>

#include "evidence.hpp"
#include "normal.hpp"

namespace cupel::acquisition {
namespace {

/// sigmoid(x) is close to cdf(x / 1.702) (Haley 1952): within 0.01 everywhere.
constexpr double kProbitUnit = 1.702;
// The prior of the scale that a campaign learns, in logits: ScoreScale's.
constexpr double kOffsetDeviation = 2.0, kTiltDeviation = 0.25;
constexpr double kSizes[] = {0.5, 1.0, 2.0};  ///< deviations of a kind, in logits; 0 once for all

}  // namespace

OutcomeProcess::OutcomeProcess(std::vector<double> logits, std::vector<Covariance> kinds)
    : means_(std::move(logits)), kinds_(std::move(kinds)), models_{{}} {
    for (double& mean : means_) {
        mean /= kProbitUnit;
    }
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
        for (const double size : kSizes) {
            models_.push_back({kind, size * size / (kProbitUnit * kProbitUnit)});
        }
    }
}

void OutcomeProcess::observe(std::size_t candidate, bool hit) {
    rows_.push_back(candidate);
    hits_.push_back(hit);
}

double OutcomeProcess::covariance(const Model& model, std::size_t a, std::size_t b) const {
    constexpr double kOffset = kOffsetDeviation / kProbitUnit;
    const double kind = model.variance > 0.0 ? model.variance * kinds_[model.kind](a, b) : 0.0;
    return kOffset * kOffset + kTiltDeviation * kTiltDeviation * means_[a] * means_[b] + kind;
}

std::vector<double> OutcomeProcess::probabilities(
    const std::vector<std::size_t>& candidates) const {
    const auto n = static_cast<Eigen::Index>(rows_.size());
    const auto row = [&](Eigen::Index i) { return rows_[static_cast<std::size_t>(i)]; };
    Eigen::VectorXd signs(n), means(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        signs[i] = hits_[static_cast<std::size_t>(i)] ? 1.0 : -1.0;
        means[i] = means_[row(i)];
    }
    std::vector<double> logs;
    std::vector<std::vector<double>> by_model;
    for (const Model& model : models_) {
        Eigen::MatrixXd k(n, n);
        for (Eigen::Index i = 0; i < n; ++i) {
            for (Eigen::Index j = 0; j <= i; ++j) {
                k(i, j) = k(j, i) = covariance(model, row(i), row(j));
            }
        }
        Sites sites;
        const Evidence evidence = probit_evidence(k, signs, means, sites);
        logs.push_back(evidence.log);
        by_model.emplace_back();
        Eigen::VectorXd column(n);
        for (const std::size_t c : candidates) {
            for (Eigen::Index i = 0; i < n; ++i) {
                column[i] = covariance(model, row(i), c);
            }
            const double mean = means_[c] + column.dot(evidence.alpha);
            column.array() *= evidence.sqrt_w.array();
            evidence.cholesky.triangularView<Eigen::Lower>().solveInPlace(column);
            const double variance = std::max(covariance(model, c, c) - column.squaredNorm(), 0.0);
            by_model.back().push_back(normal_cdf(mean / std::sqrt(1.0 + variance)));
        }
    }
    const double most = *std::max_element(logs.begin(), logs.end());
    double total = 0.0;
    std::vector<double> mixed(candidates.size(), 0.0);
    for (std::size_t m = 0; m < logs.size(); ++m) {
        const double weight = std::exp(logs[m] - most);
        total += weight;
        for (std::size_t c = 0; c < mixed.size(); ++c) {
            mixed[c] += weight * by_model[m][c];
        }
    }
    for (double& probability : mixed) {
        probability /= total;
    }
    return mixed;
}

}  // namespace cupel::acquisition
