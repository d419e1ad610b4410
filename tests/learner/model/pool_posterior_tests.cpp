// The pool's joint posterior against the head's.
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
        // The pool keeps its factor in single precision.
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

TEST_CASE("features that do not fit the head are refused", "[learner]") {
    Fixture f;
    f.features.pop_back();
    CHECK_THROWS_AS(PoolPosterior(f.head, f.features, f.offset), cupel::Error);
}
