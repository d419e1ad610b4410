// The covariance over experiments and its derivatives.
#include <Eigen/Eigenvalues>

#include "catch.hpp"
#include "covariance.hpp"
#include "synthetic_tables.hpp"

using namespace cupel::acquisition;

namespace {

ReplayTable three_axes() {
    auto table = cupel::test::full_table(
        {4, 3}, {cupel::test::evenly(4)}, 0.0, [](const auto& at) { return at[0] + at[1]; });
    table.numbers.push_back({"temperature", {}});
    for (std::size_t row = 0; row < table.rows(); ++row) {
        table.numbers[0].values.push_back(row % 2 == 0 ? 90.0 : 105.0);
    }
    return table;
}

std::vector<std::size_t> first(std::size_t count) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < count; ++i) {
        rows.push_back(i);
    }
    return rows;
}

}  // namespace

TEST_CASE("the covariance of two experiments is the sum written in the header", "[acquisition]") {
    const auto table = cupel::test::full_table({2, 2}, {}, 0.0, [](const auto&) { return 0.0; });
    const Covariance covariance(dimensions_of(table));
    Eigen::VectorXd parameters(covariance.parameters());
    REQUIRE(parameters.size() == 5);  // two rates, two main effects, the product
    parameters << std::log(0.5), std::log(2.0), std::log(1.5), std::log(0.7), std::log(0.3);
    // Row 0 = (a0, b0), row 1 = (a1, b0): they differ in the first slot only.
    const auto k = covariance.between(parameters, {0}, {0, 1});
    const double m = std::exp(-0.5);
    CHECK(k(0, 0) == Approx(1.5 + 0.7 + 0.3));
    CHECK(k(0, 0) == Approx(covariance.variance(parameters)));
    CHECK(k(0, 1) == Approx(1.5 * m + 0.7 + 0.3 * m));
}

TEST_CASE("the covariance is symmetric and positive semi-definite", "[acquisition]") {
    const auto table = three_axes();
    const Covariance covariance(dimensions_of(table));
    const auto rows = first(table.rows());
    const auto k = covariance.between(covariance.prior_mean(), rows, rows);
    CHECK((k - k.transpose()).cwiseAbs().maxCoeff() < 1e-12);
    CHECK(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(k).eigenvalues().minCoeff() > -1e-9);
}

TEST_CASE("the covariance's gradient agrees with finite differences", "[acquisition]") {
    const auto table = three_axes();
    const Covariance covariance(dimensions_of(table));
    const auto rows = first(9);
    Eigen::MatrixXd weights(9, 9);
    for (Eigen::Index i = 0; i < 9; ++i) {
        for (Eigen::Index j = 0; j < 9; ++j) {
            weights(i, j) = std::cos(static_cast<double>(i * j)) + static_cast<double>(i + j) / 9;
        }
    }
    const auto gradient = covariance.gradient(covariance.prior_mean(), rows, weights);
    for (Eigen::Index p = 0; p < gradient.size(); ++p) {
        Eigen::VectorXd up = covariance.prior_mean(), down = up;
        up[p] += 1e-5;
        down[p] -= 1e-5;
        const double difference =
            (covariance.between(up, rows, rows) - covariance.between(down, rows, rows))
                .cwiseProduct(weights)
                .sum();
        // Central differences of smooth functions: error of the order of the step squared.
        CHECK(gradient[p] == Approx(difference / 2e-5).epsilon(1e-6).margin(1e-8));
    }
}
