// Scores become probabilities that hold.
#include <cmath>
#include <random>
#include <stdexcept>

#include <cupel/learner/laplace_head.hpp>
#include <cupel/learner/score_scale.hpp>

#include "catch.hpp"

using namespace cupel::learner;

namespace {

// Labels drawn from sigmoid(slope * score + offset), scores even over -4..4.
struct Drawn {
    std::vector<double> scores, labels;
    Drawn(double slope, double offset, int count) {
        std::mt19937_64 random(7);
        for (int i = 0; i < count; ++i) {
            const double score = -4.0 + 8.0 * i / count;
            const double u = static_cast<double>(random() % 1000000) / 1e6;
            scores.push_back(score);
            labels.push_back(u < sigmoid(slope * score + offset) ? 1.0 : 0.0);
        }
    }
};

}  // namespace

TEST_CASE("a scale finds the temperature and the base rate that made the labels", "[learner]") {
    const Drawn drawn(0.5, -1.5, 8000);
    const auto scale = fit_score_scale(drawn.scores, drawn.labels);
    CHECK(scale.slope == Approx(0.5).margin(0.06));  // three standard errors of 8,000 draws
    CHECK(scale.offset == Approx(-1.5).margin(0.12));
    CHECK(scale.probability(0.0) == Approx(sigmoid(scale.offset)));
}

TEST_CASE("without labels a scale is its prior, with few it stays near", "[learner]") {
    const ScalePrior prior{0.8, 0.2, -1.0, 0.5};
    const auto none = fit_score_scale({}, {}, prior);
    CHECK(none.slope == 0.8);
    CHECK(none.offset == -1.0);
    const auto one = fit_score_scale({1.0}, {1.0}, prior);
    CHECK(one.offset > -1.0);
    CHECK(one.offset < -0.5);
}

TEST_CASE("scores that point the wrong way are flattened, not turned round", "[learner]") {
    const auto scale = fit_score_scale({-2, -1, 1, 2}, {1, 1, 0, 0}, {1.0, 10.0, 0.0, 10.0});
    CHECK(scale.slope == Approx(0.05));
}

TEST_CASE("an uncertain score counts less, and its probability is nearer to a half", "[learner]") {
    const ScoreScale scale{1.0, 0.0};
    CHECK(scale.probability(2.0, 4.0) < scale.probability(2.0));
    CHECK(scale.probability(2.0, 4.0) > 0.5);
    const Drawn drawn(1.0, 0.0, 400);
    const auto plain = fit_score_scale(drawn.scores, drawn.labels);
    const auto sure =
        fit_score_scale(drawn.scores, drawn.labels, {}, std::vector<double>(400, 0.0));
    const auto unsure =
        fit_score_scale(drawn.scores, drawn.labels, {}, std::vector<double>(400, 4.0));
    CHECK(sure.slope == plain.slope);
    CHECK(unsure.slope > plain.slope);  // the spread already flattens
    CHECK_THROWS_AS(fit_score_scale({1.0}, {}), std::logic_error);
}
