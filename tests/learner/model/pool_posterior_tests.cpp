// The pool's joint posterior against the head's.
#include <cmath>
#include <random>

#include <cupel/domain/error.hpp>
#include <cupel/learner/pool_posterior.hpp>

#include "catch.hpp"

using namespace cupel::learner;

namespace {

struct Fixture {
    LaplaceHead head{std::vector<double>(6, 0.2), 1.5};
    std::vector<float> features;
    std::vector<double> offset;

    Fixture() {
        std::mt19937_64 random(4);
        for (int i = 0; i < 10 * 6; ++i) {
            features.push_back(static_cast<float>(random() % 1000) / 500.0F - 1.0F);
        }
        offset.assign(10, -0.3);
    }
    std::vector<double> row(std::size_t n) const {
        return {features.begin() + static_cast<std::ptrdiff_t>(6 * n),
                features.begin() + static_cast<std::ptrdiff_t>(6 * (n + 1))};
    }
};

}  // namespace

TEST_CASE("conditioning the pool equals updating the head", "[learner]") {
    Fixture f;
    PoolPosterior pool(f.head, f.features, f.offset);
    for (const auto& [i, label] : {std::pair{2, 1.0}, std::pair{7, 0.0}, std::pair{3, 0.4}}) {
        pool.observe(static_cast<std::size_t>(i), label, 4.0);
        f.head.observe(f.row(static_cast<std::size_t>(i)).data(), label, 4.0, -0.3);
    }
    for (std::size_t n = 0; n < 10; ++n) {
        // The pool works in single precision where it walks.
        CHECK(pool.mean()[n] == Approx(f.head.logit(f.row(n).data()) - 0.3).margin(1e-4));
        CHECK(pool.variance()[n] == Approx(f.head.variance(f.row(n).data())).margin(1e-4));
        CHECK(pool.covariance(n, 0) ==
              Approx(f.head.covariance(f.row(n).data(), f.row(0).data())).margin(1e-4));
    }
}

TEST_CASE("a copy of a pool is conditioned apart from the first", "[learner]") {
    Fixture f;
    const PoolPosterior pool(f.head, f.features, f.offset);
    PoolPosterior copy = pool;
    copy.observe(1, 1.0, 1.0);
    CHECK(copy.mean()[1] > pool.mean()[1]);
    CHECK(copy.variance()[1] < pool.variance()[1]);
}

TEST_CASE("the best candidate is the one a search over every variance finds", "[learner]") {
    std::mt19937_64 random(8);
    const std::size_t d = 40;
    std::vector<float> features;
    for (std::size_t i = 0; i < 3000 * d; ++i) {
        features.push_back(static_cast<float>(random() % 2000) / 1000.0F - 1.0F);
    }
    std::vector<double> weights;
    for (std::size_t i = 0; i < d; ++i) {
        weights.push_back(static_cast<double>(random() % 100) / 200.0 - 0.25);
    }
    LaplaceHead head(weights, 0.5);
    for (std::size_t n = 0; n < 60; ++n) {
        const std::vector<double> x(features.begin() + static_cast<std::ptrdiff_t>(n * d),
                                    features.begin() + static_cast<std::ptrdiff_t>((n + 1) * d));
        head.observe(x.data(), n % 3 == 0 ? 1.0 : 0.0, 2.0);
    }
    const std::vector<PoolPosterior::Value> values{
        [](std::size_t, double mean, double variance) { return mean + std::sqrt(variance); },
        [](std::size_t, double mean, double variance) { return expected_sigmoid(mean, variance); },
        [](std::size_t i, double mean, double) { return mean - 0.001 * static_cast<double>(i); }};
    const PoolPosterior::Bounds loose =
        [](std::size_t count, const double* mean, const double* variance, double* at_most) {
            for (std::size_t k = 0; k < count; ++k) {
                at_most[k] = 1.0 + std::abs(mean[k]) + std::sqrt(variance[k]);
            }
        };
    const PoolPosterior::Bounds tight =
        [](std::size_t count, const double* mean, const double* variance, double* at_most) {
            for (std::size_t k = 0; k < count; ++k) {
                at_most[k] = mean[k] + std::sqrt(variance[k]);
            }
        };
    const std::vector<PoolPosterior::Bounds> bounds{tight, loose, {}};
    for (std::size_t rule = 0; rule < values.size(); ++rule) {
        const auto& value = values[rule];
        PoolPosterior pool(head, features, std::vector<double>(3000, 0.2));
        std::vector<char> allowed(3000, 1);
        allowed[5] = 0;
        for (int pick = 0; pick < 12; ++pick) {
            PoolPosterior copy = pool;
            const auto best = pool.best(value, allowed, bounds[rule]);
            REQUIRE(best);
            const auto& variance = copy.variance();
            std::size_t expected = 0;
            double most = -1e30;
            for (std::size_t i = 0; i < 3000; ++i) {
                const double worth = value(i, copy.mean()[i], variance[i]);
                if (allowed[i] != 0 && worth > most) {
                    most = worth;
                    expected = i;
                }
            }
            CHECK(best->candidate == expected);
            CHECK(best->value == most);
            allowed[expected] = 0;
            pool.observe(expected, pick % 2 == 0 ? 0.0 : 1.0, 1.0);
        }
    }
    const PoolPosterior pool(head, features, std::vector<double>(3000, 0.2));
    CHECK_FALSE(pool.best(values[0], std::vector<char>(3000, 0)));
}

TEST_CASE("a pool walked by several threads is the same to the bit", "[learner]") {
    std::mt19937_64 random(9);
    PairFeatures::Block block;
    block.products = 8;
    block.rectified = 8;
    block.constant = true;
    for (int i = 0; i < 160 * 16; ++i) {
        block.cores.push_back(static_cast<float>(random() % 2000) / 1000.0F - 1.0F);
        block.sets.push_back(static_cast<float>(random() % 2000) / 1000.0F - 1.0F);
    }
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < 160 * 160; ++i) {
        pairs.push_back({i / 160, i % 160});
    }
    const auto features =
        std::make_shared<const PairFeatures>(std::vector<PairFeatures::Block>{block}, pairs);
    const LaplaceHead head(std::vector<double>(17, 0.1), 0.7);
    const std::vector<double> offset(pairs.size(), -1.0);
    PoolPosterior one(head, features, offset, 1);
    PoolPosterior three(head, features, offset, 3);
    for (const std::size_t i : {77U, 20000U, 1234U}) {
        one.observe(i, 1.0, 1.0);
        three.observe(i, 1.0, 1.0);
    }
    CHECK(one.mean() == three.mean());
    CHECK(one.variance() == three.variance());
    // Two that learn different labels in one walk end where each would alone.
    PoolPosterior up(head, features, offset, 1);
    PoolPosterior down = up;
    PoolPosterior alone = up;
    PoolPosterior::observe_each({&up, &down}, 9, {1.0, 0.0}, 1.0);
    alone.observe(9, 0.0, 1.0);
    CHECK(up.mean()[9] > down.mean()[9]);
    for (std::size_t i = 0; i < pairs.size(); i += 97) {
        CHECK(down.mean()[i] == Approx(alone.mean()[i]).margin(1e-6));
        CHECK(down.variance(i) == Approx(alone.variance(i)).margin(1e-6));
    }
    PoolPosterior other(head, std::make_shared<const PairFeatures>(*features), offset, 1);
    CHECK_THROWS_AS(PoolPosterior::observe_each({&up, &other}, 9, {1.0, 0.0}, 1.0), cupel::Error);
}

TEST_CASE("features that do not fit the head are refused", "[learner]") {
    Fixture f;
    f.features.pop_back();
    CHECK_THROWS_AS(PoolPosterior(f.head, f.features, f.offset), cupel::Error);
}
