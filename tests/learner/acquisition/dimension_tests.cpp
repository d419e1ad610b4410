// Distances between the labels of one axis.
#include <limits>

#include "catch.hpp"
#include "dimension.hpp"

using namespace cupel::acquisition;
using cupel::Fingerprint;

TEST_CASE("count fingerprints share the smaller counts", "[acquisition]") {
    const Fingerprint a{16, {{1, 2}, {3, 1}}};
    const Fingerprint b{16, {{1, 1}, {4, 1}}};
    CHECK(minmax_similarity(a, b) == Approx(1.0 / 4.0));
    CHECK(minmax_similarity(a, a) == 1.0);
    CHECK(minmax_similarity(a, Fingerprint{16, {}}) == 0.0);
    CHECK(minmax_similarity({}, {}) == 1.0);
}

TEST_CASE("a slot of bare labels only tells them apart", "[acquisition]") {
    Slot slot;
    slot.labels = {"x", "y", "z"};
    const Dimension dimension(slot);
    REQUIRE(dimension.parts() == 1);
    CHECK(dimension.is_delta(0));
    const auto d = dimension.distances(0, {0}, {0, 2});
    CHECK(d(0, 0) == 0.0);
    CHECK(d(0, 1) == 1.0);
}

TEST_CASE("features are standardised and an unknown one stands at the mean", "[acquisition]") {
    Slot slot;
    slot.labels = {"x", "y", "z"};
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    slot.features = {{0.0, 5.0}, {2000.0, 5.0}, {unknown, 5.0}};
    const Dimension dimension(slot);
    REQUIRE(dimension.parts() == 2);
    const auto d = dimension.distances(0, {0, 1, 2}, {0, 1, 2});
    CHECK(d(0, 2) == Approx(d(1, 2)));
    CHECK(d(0, 1) == Approx(4.0 * d(0, 2)));
    CHECK(d.sum() / 6.0 == Approx(1.0));
}

TEST_CASE("a numeric condition has one label per value", "[acquisition]") {
    const NumericColumn column{"t", {105.0, 90.0, 105.0, 120.0}};
    const auto levels = levels_of(column);
    CHECK(levels.values == std::vector<double>{90.0, 105.0, 120.0});
    CHECK(levels.level_of_row == std::vector<std::uint32_t>{1, 0, 1, 2});
    const Dimension dimension(column);
    const auto d = dimension.distances(0, {0, 1, 2}, {0, 1, 2});
    CHECK(d(0, 2) == Approx(4.0 * d(0, 1)));
    CHECK(d.sum() / 6.0 == Approx(1.0));
}

TEST_CASE("an axis with a single label is left out", "[acquisition]") {
    ReplayTable table;
    Slot slot;
    slot.labels = {"only"};
    slot.label_of_row = {0, 0};
    table.slots = {slot};
    table.numbers = {{"same", {3.0, 3.0}}, {"two", {3.0, 4.0}}};
    const auto dimensions = dimensions_of(table);
    REQUIRE(dimensions.size() == 1);
    CHECK(dimensions[0].name() == "two");
}
