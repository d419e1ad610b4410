// Which atoms of a core are neighbours, and what a core without coordinates or with bad ones gives.
#include <cmath>
#include <limits>

#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "inputs.hpp"
#include "structure_batch.hpp"

using namespace cupel;
using namespace cupel::learner;

namespace {

CoreGraph placed(const std::vector<std::array<float, 3>>& positions) {
    CoreGraph core;
    core.metals = {{79, static_cast<int>(positions.size())}};
    core.elements.assign(positions.size(), 79);
    core.positions = positions;
    return core;
}

}  // namespace

TEST_CASE("neighbours are those nearer than the cutoff, each both ways", "[learner]") {
    const CoreGraph core = placed({{6.0F, 0, 0}, {0, 0, 0}, {0, 3.0F, 4.0F}, {0, 0, 2.5F}});
    const CoreGraph formula = [] {
        CoreGraph c;
        c.metals = {{29, 20}};
        return c;
    }();
    const auto batch = structure_batch({&formula, &core});
    REQUIRE(batch.core == std::vector<std::int64_t>{1});
    CHECK(batch.atom_count() == 4);
    CHECK(batch.properties.size() == 4 * kElementPropertyCount);
    // Atom 0 is 6 angstrom away, atom 2 exactly 5 from atom 1.
    REQUIRE(batch.to == std::vector<std::int64_t>{1, 2, 3, 3});
    CHECK(batch.from == std::vector<std::int64_t>{3, 3, 1, 2});
    CHECK(batch.length[0] == 2.5F);
    CHECK(batch.direction[2] == 1.0F);
    CHECK(batch.length[1] == Approx(std::sqrt(11.25)));
    CHECK(batch.direction[6 + 2] == -1.0F);
}

TEST_CASE("the sweep finds what comparing all atoms finds", "[learner]") {
    std::vector<std::array<float, 3>> places;
    for (int i = 0; i < 150; ++i) {
        const auto at = [&](int a, int m) { return static_cast<float>((i * a) % m) * 0.37F; };
        places.push_back({at(17, 41), at(29, 43), at(31, 47)});
    }
    std::size_t near = 0;
    for (const auto& a : places) {
        for (const auto& b : places) {
            const double d = std::hypot(static_cast<double>(a[0]) - static_cast<double>(b[0]),
                                        static_cast<double>(a[1]) - static_cast<double>(b[1]),
                                        static_cast<double>(a[2]) - static_cast<double>(b[2]));
            near += d >= 1e-3 && d < kStructureCutoff ? 1 : 0;
        }
    }
    const CoreGraph core = placed(places);
    CHECK(near > 0);
    CHECK(structure_batch({&core}).to.size() == near);
}

TEST_CASE("atoms at one place are no neighbours, positions that are none are refused",
          "[learner]") {
    CoreGraph core = placed({{1, 1, 1}, {1, 1, 1}});
    CHECK(structure_batch({&core}).to.empty());
    core.positions[1][2] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(structure_batch({&core}), Error);
    core.positions.pop_back();
    CHECK_THROWS_AS(structure_batch({&core}), Error);
}
