// Features kept as sides against the same written out.
#include <algorithm>
#include <random>

#include <cupel/domain/error.hpp>
#include <cupel/learner/learner.hpp>
#include <cupel/learner/pair_features.hpp>

#include "catch.hpp"
#include "toy_data.hpp"

using namespace cupel::learner;

namespace {

// Two blocks of different widths over 9 cores and 300 sets, every third pair left out.
struct Fixture {
    std::vector<PairFeatures::Block> blocks{2};
    std::vector<Pair> pairs;

    Fixture() {
        std::mt19937 random(6);
        const auto fill = [&](std::vector<float>& values, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) {
                values.push_back(static_cast<float>(random() % 2001) / 1000.0F - 1.0F);
            }
        };
        for (std::size_t b = 0; b < 2; ++b) {
            blocks[b].products = b == 0 ? 20 : 7;
            blocks[b].rectified = b == 0 ? 5 : 33;
            blocks[b].constant = b == 0;
            fill(blocks[b].cores, 9 * (blocks[b].products + blocks[b].rectified));
            fill(blocks[b].sets, 300 * (blocks[b].products + blocks[b].rectified));
        }
        for (std::size_t i = 0; i < 2700; ++i) {
            if (i % 3 != 0) {
                pairs.push_back({i * 5 % 9, i * 7 % 300});
            }
        }
    }
    std::vector<float> row(const Pair& pair) const {
        std::vector<float> x;
        for (const auto& b : blocks) {
            const std::size_t width = b.products + b.rectified;
            const float* c = b.cores.data() + pair.core * width;
            const float* s = b.sets.data() + pair.set * width;
            for (std::size_t j = 0; j < width; ++j) {
                x.push_back(j < b.products ? c[j] * s[j] : std::max(c[j] + s[j], 0.0F));
            }
            if (b.constant) {
                x.push_back(1.0F);
            }
        }
        return x;
    }
};

}  // namespace

TEST_CASE("features kept as sides are those written out", "[learner]") {
    const Fixture f;
    const bool with_given = GENERATE(false, true);
    std::vector<float> given;
    for (std::size_t n = 0; with_given && n < f.pairs.size(); ++n) {
        given.push_back(static_cast<float>(n % 17) - 8.0F);
    }
    const PairFeatures features(f.blocks, f.pairs, given);
    const std::size_t width = with_given ? 67 : 66;
    REQUIRE(features.size() == f.pairs.size());
    REQUIRE(features.width() == width);
    std::vector<double> weights;
    for (std::size_t i = 0; i < width; ++i) {
        weights.push_back(0.03 * static_cast<double>(i) - 1.0);
    }
    for (const int threads : {1, 3}) {
        std::vector<double> exact(features.size());
        std::vector<float> fast(features.size());
        std::vector<float> squares(features.size());
        features.project(weights, threads, exact.data());
        features.project(weights, threads, fast.data());
        features.squares(threads, squares.data());
        for (std::size_t n = 0; n < features.size(); ++n) {
            auto expected = f.row(f.pairs[n]);
            if (with_given) {
                expected.push_back(given[n]);
            }
            std::vector<float> got(width);
            features.row(n, got.data());
            REQUIRE(got == expected);
            double sum = 0.0;
            double square = 0.0;
            for (std::size_t i = 0; i < width; ++i) {
                sum += weights[i] * static_cast<double>(expected[i]);
                square += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
            }
            REQUIRE(exact[n] == Approx(sum).margin(1e-12));
            REQUIRE(static_cast<double>(fast[n]) == Approx(sum).margin(1e-5));
            REQUIRE(static_cast<double>(squares[n]) == Approx(square).epsilon(1e-5));
        }
    }
}

TEST_CASE("sides that do not fit and pairs that are not there are refused", "[learner]") {
    Fixture f;
    CHECK_THROWS_AS(PairFeatures(f.blocks, {{9, 0}}), cupel::Error);
    CHECK_THROWS_AS(PairFeatures(f.blocks, {{0, 300}}), cupel::Error);
    f.blocks[1].sets.pop_back();
    CHECK_THROWS_AS(PairFeatures(f.blocks, f.pairs), cupel::Error);
    CHECK_THROWS_AS(PairFeatures::plain({1.0F, 2.0F, 3.0F}, 2), cupel::Error);
    CHECK(PairFeatures::plain({}, 2).size() == 0);
}

TEST_CASE("a model's features of a pool are the same either way", "[learner]") {
    const auto data = cupel::test::toy_data();
    auto options = cupel::test::toy_options();
    options.epochs = 2;
    const auto model = Learner::train(data.catalogue, data.known, {}, options);
    const auto written = model.features(data.catalogue, data.wrong);
    const auto kept = model.pair_features(data.catalogue, data.wrong);
    REQUIRE(kept->width() == model.feature_count());
    std::vector<float> row(kept->width());
    for (std::size_t n = 0; n < data.wrong.size(); ++n) {
        kept->row(n, row.data());
        CHECK(std::equal(row.begin(), row.end(), written.begin() + n * row.size()));
    }
}
