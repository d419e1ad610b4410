// Platt's scaling with a prior, by Newton's method with halved steps.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <cupel/learner/laplace_head.hpp>
#include <cupel/learner/score_scale.hpp>

namespace cupel::learner {
namespace {

constexpr double kLeastSlope = 0.05;

/// The labelled scores and the prior: everything the fit looks at.
struct Problem {
    const std::vector<double>& scores;
    const std::vector<double>& labels;
    const std::vector<double>& variances;
    const ScalePrior& prior;

    double shrink(std::size_t i, double slope) const {
        constexpr double kPiOver8 = 0.39269908169872414;
        return variances.empty() ? 1.0
                                 : 1.0 / std::sqrt(1.0 + kPiOver8 * slope * slope * variances[i]);
    }

    double loss(const ScoreScale& scale) const {
        const double a = (scale.slope - prior.slope) / prior.slope_deviation;
        const double b = (scale.offset - prior.offset) / prior.offset_deviation;
        double sum = 0.5 * (a * a + b * b);
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const double z = scale.logit(scores[i]) * shrink(i, scale.slope);
            // log(1 + e^z) - y z, without overflow.
            sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - labels[i] * z;
        }
        return sum;
    }

    /// One Newton step; the spread of a score is held for the step.
    ScoreScale step(const ScoreScale& scale) const {
        const double pa = 1.0 / (prior.slope_deviation * prior.slope_deviation);
        const double pb = 1.0 / (prior.offset_deviation * prior.offset_deviation);
        double ga = (scale.slope - prior.slope) * pa;
        double gb = (scale.offset - prior.offset) * pb;
        double haa = pa;
        double hab = 0.0;
        double hbb = pb;
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const double k = shrink(i, scale.slope);
            const double p = sigmoid(scale.logit(scores[i]) * k);
            const double x = scores[i] * k;
            ga += (p - labels[i]) * x;
            gb += (p - labels[i]) * k;
            haa += p * (1 - p) * x * x;
            hab += p * (1 - p) * x * k;
            hbb += p * (1 - p) * k * k;
        }
        const double determinant = haa * hbb - hab * hab;
        return {(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant};
    }
};

}  // namespace

double ScoreScale::probability(double score) const {
    return sigmoid(logit(score));
}

double ScoreScale::probability(double score, double variance) const {
    return expected_sigmoid(logit(score), slope * slope * variance);
}

ScoreScale fit_score_scale(const std::vector<double>& scores,
                           const std::vector<double>& labels,
                           const ScalePrior& prior,
                           const std::vector<double>& variances) {
    if (scores.size() != labels.size() ||
        (!variances.empty() && variances.size() != scores.size())) {
        throw std::logic_error("fit_score_scale: one label, and one variance, per score");
    }
    const Problem problem{scores, labels, variances, prior};
    ScoreScale best{std::max(prior.slope, kLeastSlope), prior.offset};
    double loss = problem.loss(best);
    for (int iteration = 0; iteration < 50; ++iteration) {
        const ScoreScale step = problem.step(best);
        bool moved = false;
        for (double share = 1.0; share > 1e-4 && !moved; share *= 0.5) {
            const ScoreScale next{std::max(best.slope - share * step.slope, kLeastSlope),
                                  best.offset - share * step.offset};
            const double next_loss = problem.loss(next);
            if (next_loss < loss - 1e-10) {
                best = next;
                loss = next_loss;
                moved = true;
            }
        }
        if (!moved) {
            break;
        }
    }
    return best;
}

}  // namespace cupel::learner
