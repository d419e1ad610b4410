// The joint posterior over a table, and conditioning on assumed outcomes.
#include <cmath>

#include "catch.hpp"
#include "evidence.hpp"
#include "joint_posterior.hpp"

using namespace cupel::acquisition;

namespace {

const Eigen::MatrixXd kPrior = (Eigen::Matrix4d() << 2.0,
                                1.2,
                                0.6,
                                0.1,  //
                                1.2,
                                2.0,
                                1.0,
                                0.4,  //
                                0.6,
                                1.0,
                                2.0,
                                0.9,  //
                                0.1,
                                0.4,
                                0.9,
                                2.0)
                                   .finished();
constexpr double kNoise = 0.5;

JointPosterior prior(double mean = 0.0, double threshold = 0.0) {
    return {Eigen::VectorXd::Constant(4, mean),
            kPrior.diagonal(),
            [](Eigen::Index i) { return Eigen::VectorXd(kPrior.col(i)); },
            threshold,
            kNoise};
}

// Posterior of everything given values at some points, in closed form.
void check_against_refit(const JointPosterior& posterior,
                         const std::vector<Eigen::Index>& at,
                         const std::vector<double>& values) {
    const auto n = static_cast<Eigen::Index>(at.size());
    Eigen::MatrixXd inner(n, n), cross(4, n);
    Eigen::VectorXd y(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        for (Eigen::Index j = 0; j < n; ++j) {
            inner(i, j) = kPrior(at[i], at[j]) + (i == j ? kNoise : 0.0);
        }
        cross.col(i) = kPrior.col(at[i]);
        y[i] = values[static_cast<std::size_t>(i)];
    }
    const Eigen::VectorXd mean = cross * inner.inverse() * y;
    const Eigen::MatrixXd covariance = kPrior - cross * inner.inverse() * cross.transpose();
    CHECK((posterior.mean() - mean).cwiseAbs().maxCoeff() < 1e-10);
    CHECK((posterior.variance() - covariance.diagonal()).cwiseAbs().maxCoeff() < 1e-10);
    for (Eigen::Index i = 0; i < 4; ++i) {
        CHECK((posterior.covariances(i) - covariance.col(i)).cwiseAbs().maxCoeff() < 1e-10);
    }
}

}  // namespace

TEST_CASE("conditioning one by one equals refitting to all", "[acquisition]") {
    auto posterior = prior();
    posterior.condition_on_value(1, 0.8, kNoise);
    posterior.condition_on_value(3, -0.4, kNoise);
    posterior.condition_on_value(1, 1.1, kNoise);
    check_against_refit(posterior, {1, 3, 1}, {0.8, -0.4, 1.1});
}

TEST_CASE("the believer keeps every mean and shrinks the joint variance", "[acquisition]") {
    auto posterior = prior();
    posterior.condition_on_value(0, 1.0, kNoise);
    const Eigen::VectorXd before = posterior.mean();
    const double believed = before[2];
    posterior.believe(2);
    CHECK((posterior.mean() - before).cwiseAbs().maxCoeff() < 1e-12);
    check_against_refit(posterior, {0, 2}, {1.0, believed});
}

TEST_CASE("an assumed miss has the moments of the exact posterior", "[acquisition]") {
    auto posterior = prior(0.3, 0.5);
    posterior.condition_on_miss(2);
    // By quadrature over f of N(f; 0.3, 2) P(f + noise < 0.5).
    double mass = 0.0, first = 0.0, second = 0.0;
    for (double f = -12.0; f < 12.0; f += 1e-3) {
        const double weight = std::exp(-(f - 0.3) * (f - 0.3) / 4.0) * 0.5 *
                              std::erfc((f - 0.5) / std::sqrt(2 * kNoise));
        mass += weight;
        first += weight * f;
        second += weight * f * f;
    }
    const double mean = first / mass;
    CHECK(posterior.mean()[2] == Approx(mean).epsilon(1e-6));
    CHECK(posterior.variance()[2] == Approx(second / mass - mean * mean).epsilon(1e-6));
    CHECK(posterior.mean()[0] == Approx(0.3 + 0.6 / 2.0 * (mean - 0.3)));
    CHECK(posterior.mean()[3] < 0.3);
}

TEST_CASE("the probability of a hit counts latent variance and noise", "[acquisition]") {
    const auto posterior = prior(1.0, 0.5);
    CHECK(posterior.hit_probability(0) ==
          Approx(0.5 * std::erfc(-0.5 / std::sqrt(2.5) / std::sqrt(2.0))));
}
