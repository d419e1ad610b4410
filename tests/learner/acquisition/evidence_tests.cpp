// Evidence of labels under a Gaussian process.
#include <cmath>

#include "catch.hpp"
#include "evidence.hpp"
#include "normal.hpp"

using namespace cupel::acquisition;

namespace {

const Eigen::MatrixXd kCovariance = (Eigen::Matrix3d() << 2.0,
                                     0.9,
                                     0.3,  //
                                     0.9,
                                     2.0,
                                     0.5,  //
                                     0.3,
                                     0.5,
                                     2.0)
                                        .finished();

// Central difference of log evidence when K_ij and K_ji move together.
template <typename Function>
double by_entry(Function evidence, Eigen::Index i, Eigen::Index j) {
    Eigen::MatrixXd up = kCovariance, down = kCovariance;
    up(i, j) += 1e-5;
    down(i, j) -= 1e-5;
    if (i != j) {
        up(j, i) += 1e-5;
        down(j, i) -= 1e-5;
    }
    return (evidence(up) - evidence(down)) / 2e-5;
}

}  // namespace

TEST_CASE("the Gaussian posterior of two labels is the one worked out by hand", "[acquisition]") {
    // K = [[1, .5], [.5, 1]], noise 1: (K + 1)^-1 = [[2, -.5], [-.5, 2]] / 3.75.
    const Eigen::MatrixXd k = (Eigen::Matrix2d() << 1.0, 0.5, 0.5, 1.0).finished();
    const auto evidence = gaussian_evidence(k, Eigen::Vector2d(1.5, 0.0), 0.0, 1.0);
    CHECK(evidence.alpha[0] == Approx(3.0 / 3.75));
    CHECK(evidence.alpha[1] == Approx(-0.75 / 3.75));
    // Mean and variance at a point with covariances (.5, .5): .3 and 1 - .75 / 3.75 = .8.
    const Eigen::Vector2d at(0.5, 0.5);
    CHECK(at.dot(evidence.alpha) == Approx(0.3));
    Eigen::VectorXd half = evidence.sqrt_w.cwiseProduct(at);
    evidence.cholesky.triangularView<Eigen::Lower>().solveInPlace(half);
    CHECK(1.0 - half.squaredNorm() == Approx(0.8));
    CHECK(evidence.log ==
          Approx(-0.5 * 1.5 * 1.5 * 2.0 / 3.75 - 0.5 * std::log(3.75) - std::log(2 * M_PI)));
}

TEST_CASE("one hit is taken in exactly", "[acquisition]") {
    const Eigen::MatrixXd k = Eigen::MatrixXd::Constant(1, 1, 4.0);
    Sites sites;
    const auto evidence = probit_evidence(k, Eigen::VectorXd::Ones(1), -1.0, sites);
    // With one label moments match the true posterior: mean -1 + 4 r / sqrt(5), r at z = -1 /
    // sqrt(5).
    const double z = -1.0 / std::sqrt(5.0);
    CHECK(evidence.log == Approx(std::log(normal_cdf(z))));
    CHECK(4.0 * evidence.alpha[0] == Approx(4.0 * inverse_mills(z) / std::sqrt(5.0)));
}

TEST_CASE("hits and misses together come close to the exact evidence", "[acquisition]") {
    // P(f0 + e0 > 0, f1 + e1 < 0) of two correlated normals, by quadrature over f0.
    const Eigen::MatrixXd k = (Eigen::Matrix2d() << 3.0, 2.0, 2.0, 3.0).finished();
    double exact = 0.0;
    for (double f = -15.0; f < 15.0; f += 1e-3) {
        // f1 given f0 has mean -0.5 + 2/3 (f0 + 0.5), variance 3 - 4/3.
        const double mean = -0.5 + 2.0 / 3.0 * (f + 0.5);
        exact += 1e-3 * normal_density((f + 0.5) / std::sqrt(3.0)) / std::sqrt(3.0) *
                 normal_cdf(f) * normal_cdf(-mean / std::sqrt(1.0 + 5.0 / 3.0));
    }
    Sites sites;
    const auto evidence = probit_evidence(k, Eigen::Vector2d(1.0, -1.0), -0.5, sites);
    CHECK(evidence.log == Approx(std::log(exact)).margin(0.01));
}

TEST_CASE("where the sites start from does not matter", "[acquisition]") {
    const Eigen::Vector3d signs(1.0, -1.0, 1.0);
    Sites cold, warm;
    probit_evidence(kCovariance.topLeftCorner(2, 2), signs.head(2), 0.4, warm);
    const auto a = probit_evidence(kCovariance, signs, -0.8, cold);
    const auto b = probit_evidence(kCovariance, signs, -0.8, warm);
    CHECK(a.log == Approx(b.log).epsilon(1e-6));
    CHECK((a.alpha - b.alpha).cwiseAbs().maxCoeff() < 1e-4);
}

TEST_CASE("derivatives of the evidence agree with finite differences", "[acquisition]") {
    SECTION("Gaussian noise") {
        const Eigen::Vector3d y(0.4, -1.0, 2.0);
        const auto log = [&](const Eigen::MatrixXd& k) {
            return gaussian_evidence(k, y, 0.3, 0.5).log;
        };
        const auto evidence = gaussian_evidence(kCovariance, y, 0.3, 0.5);
        CHECK(evidence.by_covariance(1, 1) == Approx(by_entry(log, 1, 1)).epsilon(1e-5));
        CHECK(2 * evidence.by_covariance(0, 1) == Approx(by_entry(log, 0, 1)).epsilon(1e-5));
        const double step = 1e-5;
        CHECK(evidence.by_mean == Approx((gaussian_evidence(kCovariance, y, 0.3 + step, 0.5).log -
                                          gaussian_evidence(kCovariance, y, 0.3 - step, 0.5).log) /
                                         (2 * step)));
        CHECK(evidence.by_log_noise ==
              Approx((gaussian_evidence(kCovariance, y, 0.3, 0.5 * std::exp(step)).log -
                      gaussian_evidence(kCovariance, y, 0.3, 0.5 * std::exp(-step)).log) /
                     (2 * step)));
    }
    SECTION("hits and misses") {
        const Eigen::Vector3d signs(1.0, -1.0, 1.0);
        const auto evidence_at = [&](const Eigen::MatrixXd& k, double mean) {
            Sites sites;
            return probit_evidence(k, signs, mean, sites);
        };
        const auto log = [&](const Eigen::MatrixXd& k) { return evidence_at(k, -0.8).log; };
        const auto evidence = evidence_at(kCovariance, -0.8);
        for (Eigen::Index i = 0; i < 3; ++i) {
            // The sites stop within 1e-5 of where they settle: differences keep three digits.
            CHECK(evidence.by_covariance(i, i) == Approx(by_entry(log, i, i)).epsilon(1e-3));
        }
        CHECK(2 * evidence.by_covariance(0, 1) == Approx(by_entry(log, 0, 1)).epsilon(1e-3));
        CHECK(2 * evidence.by_covariance(1, 2) == Approx(by_entry(log, 1, 2)).epsilon(1e-3));
        const double step = 1e-4;
        CHECK(evidence.by_mean == Approx((evidence_at(kCovariance, -0.8 + step).log -
                                          evidence_at(kCovariance, -0.8 - step).log) /
                                         (2 * step))
                                      .epsilon(1e-3));
    }
}

TEST_CASE("the normal distribution keeps its digits in the tail", "[acquisition]") {
    CHECK(normal_cdf(1.96) == Approx(0.9750021));
    CHECK(log_normal_cdf(-40.0) == Approx(-804.608442).epsilon(1e-8));
    CHECK(inverse_mills(-29.999) == Approx(inverse_mills(-30.001)).epsilon(1e-3));
}
