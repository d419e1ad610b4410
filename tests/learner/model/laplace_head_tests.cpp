// The Bayesian last layer against numbers worked out another way.
#include <cmath>

#include <cupel/domain/error.hpp>
#include <cupel/learner/laplace_head.hpp>

#include "catch.hpp"

using namespace cupel::learner;

TEST_CASE("a Laplace step stops where the log posterior is flat", "[learner]") {
    for (const double label : {0.0, 0.3, 1.0}) {
        double curvature = 0.0;
        const double mean = -0.7;
        const double variance = 2.5;
        const double g = laplace_step(mean, variance, label, 4.0, &curvature);
        const double p = sigmoid(mean + variance * g);
        // d/df [4 (y log p + (1-y) log(1-p)) - (f - mean)^2 / (2 variance)] = 0 at the mode.
        CHECK(4.0 * (label - p) - g == Approx(0.0).margin(1e-9));
        CHECK(curvature == Approx(4.0 * p * (1 - p)));
    }
}

TEST_CASE("one observation gives the closed-form posterior covariance", "[learner]") {
    LaplaceHead head({0.5, -0.25}, 2.0);
    const double x[2] = {1.0, 2.0};
    head.observe(x, 1.0, 1.0);
    const double p = sigmoid(head.logit(x));
    const double r = p * (1 - p);
    // Inverse of I/2 + r x x^T for two weights, by hand.
    const double a = 0.5 + r;
    const double b = 2 * r;
    const double d = 0.5 + 4 * r;
    const double det = a * d - b * b;
    CHECK(head.covariance()[0] == Approx(d / det));
    CHECK(head.covariance()[1] == Approx(-b / det));
    CHECK(head.covariance()[3] == Approx(a / det));
    // At the mode the gradient of the whole log posterior vanishes: (w - w0)/2 = (1 - p) x.
    CHECK((head.mean()[0] - 0.5) / 2 == Approx((1 - p) * x[0]).margin(1e-9));
    CHECK((head.mean()[1] + 0.25) / 2 == Approx((1 - p) * x[1]).margin(1e-9));
}

TEST_CASE("condensing observations equals inverting the summed precision", "[learner]") {
    LaplaceHead head({0.0, 0.0}, 1.0);
    const double rows[6] = {1.0, 0.0, 0.5, 1.0, -1.0, 2.0};
    head.condense(rows, {0.2, 0.1, 0.25});
    const double a = 1 + 0.2 + 0.1 * 0.25 + 0.25;
    const double b = 0.1 * 0.5 - 0.25 * 2;
    const double d = 1 + 0.1 + 0.25 * 4;
    const double det = a * d - b * b;
    CHECK(head.covariance()[0] == Approx(d / det));
    CHECK(head.covariance()[2] == Approx(-b / det));
    CHECK(head.covariance()[3] == Approx(a / det));
    CHECK(head.mean() == std::vector<double>{0.0, 0.0});
}

TEST_CASE("uncertainty pulls a probability towards one half", "[learner]") {
    CHECK(expected_sigmoid(2.0, 0.0) == Approx(sigmoid(2.0)));
    CHECK(expected_sigmoid(2.0, 9.0) < sigmoid(2.0));
    CHECK(expected_sigmoid(2.0, 9.0) > 0.5);
    CHECK(sigmoid(-800.0) == Approx(0.0).margin(1e-300));
}

TEST_CASE("a stored head whose sizes disagree is refused", "[learner]") {
    CHECK_THROWS_AS(LaplaceHead(std::vector<double>{1.0, 2.0}, std::vector<double>{1.0}),
                    cupel::Error);
}
