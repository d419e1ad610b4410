// Loops over rows against plain sums.
#include <cmath>

#include <cupel/domain/error.hpp>

#include "../../../learner/model/pair_table.hpp"
#include "../../../learner/model/row_kernels.hpp"
#include "catch.hpp"

using namespace cupel::learner;

TEST_CASE("links keep their order by row and know their columns", "[learner]") {
    std::vector<std::int64_t> order;
    const auto links = row_links(3, 4, {2, 0, 2, 0}, {1, 3, 0, 1}, &order);
    CHECK(links.start == std::vector<std::int64_t>{0, 2, 2, 4});
    CHECK(links.column == std::vector<std::int32_t>{3, 1, 1, 0});
    CHECK(order == std::vector<std::int64_t>{1, 3, 0, 2});
    CHECK(links.by_column == std::vector<std::int64_t>{0, 1, 3, 3, 4});
    CHECK(links.row == std::vector<std::int32_t>{2, 0, 2, 0});
    CHECK(links.place == std::vector<std::int32_t>{3, 1, 2, 0});
    CHECK_THROWS_AS(row_links(3, 4, {3}, {0}), cupel::Error);
    CHECK_THROWS_AS(row_links(3, 4, {0}, {-1}), cupel::Error);
}

TEST_CASE("dropout keeps the share it was asked for, the same for the same seed", "[learner]") {
    std::vector<float> mask(100003), again(100003);
    std::uint64_t seed = 5;
    fill_dropout(seed, 0.25, nullptr, 100003, mask.data());
    std::uint64_t same = 5;
    fill_dropout(same, 0.25, nullptr, 100003, again.data());
    CHECK(mask == again);
    CHECK(seed == same);
    double kept = 0.0;
    double neighbours = 0.0;
    for (std::size_t i = 0; i < mask.size(); ++i) {
        CHECK((mask[i] == 0.0F || std::abs(mask[i] - 4.0F / 3.0F) < 1e-6F));
        kept += mask[i] > 0.0F ? 1.0 : 0.0;
        neighbours += i > 0 && mask[i] > 0.0F && mask[i - 1] > 0.0F ? 1.0 : 0.0;
    }
    // Five standard deviations of a fair draw.
    CHECK(kept / 100003 == Approx(0.75).margin(5 * std::sqrt(0.75 * 0.25 / 100003)));
    CHECK(neighbours / 100002 == Approx(0.5625).margin(0.01));
    fill_dropout(seed, 0.25, nullptr, 100003, again.data());
    CHECK(mask != again);
}

TEST_CASE("a step of AdamW moves weight, moments and average as the paper says", "[learner]") {
    float weight = 1.0F, first = 0.0F, second = 0.0F, average = 1.0F;
    AdamStep step;
    step.rate = 0.1;
    step.decay = 0.5;
    step.average_decay = 0.75;
    const float gradient = 2.0F;
    adam_step(step, &gradient, 1, &weight, &first, &second, &average);
    // The first step is one rate along the sign, after the decay.
    CHECK(weight == Approx(1.0 * (1 - 0.05) - 0.1).epsilon(1e-5));
    CHECK(first == Approx(0.2));
    CHECK(second == Approx(0.004).epsilon(1e-5));
    CHECK(average == Approx(0.75 + 0.25 * 0.85).epsilon(1e-5));
}

TEST_CASE("a pair table knows the pairs it was made of and no others", "[learner]") {
    const PairTable table({{0, 4}, {2, 1}, {2, 7}});
    CHECK(table.has({0, 4}));
    CHECK(table.has({2, 1}));
    CHECK(table.has({2, 7}));
    CHECK_FALSE(table.has({2, 4}));
    CHECK_FALSE(table.has({1, 4}));
    CHECK_FALSE(table.has({3, 1}));
    CHECK_FALSE(PairTable({}).has({0, 0}));
}
