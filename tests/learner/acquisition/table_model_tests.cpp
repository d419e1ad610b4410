// The exact Gaussian process over a table.
#include <cmath>

#include "catch.hpp"
#include "synthetic_tables.hpp"
#include "table_model.hpp"

using namespace cupel::acquisition;

namespace {

Labels labels_of(const ReplayTable& table, const std::vector<std::size_t>& rows) {
    Labels labels;
    for (const std::size_t row : rows) {
        labels.rows.push_back(row);
        labels.y.push_back(table.y[row]);
        labels.hit.push_back(table.hit[row]);
    }
    return labels;
}

}  // namespace

TEST_CASE("the objective's gradient agrees with finite differences", "[acquisition]") {
    const auto table = cupel::test::additive_table();
    const auto covariance = std::make_shared<const Covariance>(dimensions_of(table));
    auto labels = labels_of(table, {0, 1, 4, 32, 36, 70, 101, 200, 217, 300});
    labels.given = 6;
    for (const bool graded : {false, true}) {
        CAPTURE(graded);
        ModelSettings settings;
        settings.graded = graded;
        const TableModel model(covariance, table.rows(), settings, 1.25);
        Eigen::VectorXd at = model.parameters(), gradient, ignored;
        at.array() += 0.1;
        Sites sites;
        model.objective(labels, at, sites, gradient);
        for (Eigen::Index p = 0; p < at.size(); ++p) {
            Eigen::VectorXd up = at, down = at;
            up[p] += 1e-4;
            down[p] -= 1e-4;
            const double difference = (model.objective(labels, up, sites, ignored) -
                                       model.objective(labels, down, sites, ignored)) /
                                      2e-4;
            // The sites' stopping rule leaves about four digits.
            CHECK(gradient[p] == Approx(difference).epsilon(2e-3).margin(1e-4));
        }
    }
}

TEST_CASE("a fit never lowers the evidence and stays the same when repeated", "[acquisition]") {
    const auto table = cupel::test::diagonal_table();
    const auto covariance = std::make_shared<const Covariance>(dimensions_of(table));
    const auto labels = labels_of(table, {0, 25, 50, 3, 100, 200, 300, 400, 75, 500});
    TableModel one(covariance, table.rows(), {}, 0.0), two = one;
    Eigen::VectorXd ignored;
    Sites sites;
    const double before = one.objective(labels, one.parameters(), sites, ignored);
    one.fit(labels);
    two.fit(labels);
    CHECK(one.objective(labels, one.parameters(), sites, ignored) < before);
    CHECK((one.parameters() - two.parameters()).cwiseAbs().maxCoeff() == 0.0);
}

TEST_CASE("the posterior's covariance columns agree with its variances", "[acquisition]") {
    const auto table = cupel::test::diagonal_table();
    const auto covariance = std::make_shared<const Covariance>(dimensions_of(table));
    const auto labels = labels_of(table, {0, 25, 3, 100, 200});
    for (const bool graded : {false, true}) {
        ModelSettings settings;
        settings.graded = graded;
        TableModel model(covariance, table.rows(), settings, -0.045);
        model.fit(labels);
        const auto posterior = model.posterior(labels);
        for (const Eigen::Index i : {0, 7, 575}) {
            CHECK(posterior.covariances(i)[i] == Approx(posterior.variance()[i]).epsilon(1e-6));
        }
        CHECK(posterior.covariances(7)[575] == Approx(posterior.covariances(575)[7]).margin(1e-9));
        // A measured hit is likelier than a measured miss.
        CHECK(posterior.hit_probability(0) > posterior.hit_probability(3));
    }
}

TEST_CASE("labels drawn by their outcome do not tell how often experiments hit", "[acquisition]") {
    const auto table = cupel::test::additive_table();
    const auto covariance = std::make_shared<const Covariance>(dimensions_of(table));
    // Two hits and eight misses to begin with; whatever was chosen since has hit.
    Labels labels;
    for (std::size_t row = 0; row < 30; ++row) {
        labels.rows.push_back(row * 13);
        labels.y.push_back(0.0);
        labels.hit.push_back(row < 2 || row >= 10 ? 1 : 0);
    }
    const auto mean_of_the_rest = [&](std::size_t given) {
        labels.given = given;
        TableModel model(covariance, table.rows(), {}, 0.0);
        model.fit(labels);
        return model.posterior(labels).hit_probabilities().mean();
    };
    const double told = mean_of_the_rest(10);
    CHECK(told > mean_of_the_rest(0) + 0.02);
    CHECK(told > 0.5);
}
