// The table of minima: complete, the same for the same seed, bounded in time, refused when damaged.
#include <fstream>
#include <set>
#include <string>

#include <cupel/domain/error.hpp>
#include <cupel/pretraining/bare_minima.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel::pretraining;

namespace {

MinimaOptions small() {
    MinimaOptions options;
    options.largest = 7;
    options.hops = 10;
    return options;
}

}  // namespace

TEST_CASE("every size of every metal and alloys of two have one minimum each", "[minima]") {
    double last = 0.0;
    const auto minima = bare_minima(small(), [&](double share, const std::string&) {
        CHECK(share > last);
        last = share;
    });
    CHECK(last == Approx(1.0));
    std::set<cupel::Composition> compositions;
    int pure = 0;
    for (const auto& m : minima) {
        CHECK(compositions.insert(m.composition).second);
        CHECK(m.energy < 0.0);
        pure += m.composition.size() == 1 ? 1 : 0;
        CHECK((m.composition.size() == 1 && m.atoms > 2 && m.atoms < 7) ==
              m.second_difference.has_value());
    }
    CHECK(pure == 18);
    CHECK(minima.size() > 50);
}

TEST_CASE("the same seed gives the same table whatever the threads", "[minima]") {
    auto options = small();
    options.threads = 1;
    const auto one = bare_minima(options);
    options.threads = 3;
    const auto three = bare_minima(options);
    REQUIRE(one.size() == three.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        CHECK(one[i].energy == three[i].energy);
    }
}

TEST_CASE("when the time is up what is not finished is left out", "[minima]") {
    auto options = small();
    options.largest = 55;
    options.hops = 1000000;
    options.minutes = 0.002;
    const auto minima = bare_minima(options);
    CHECK(minima.size() < 20);
}

TEST_CASE("a table is read back, and a damaged one is refused by line", "[minima]") {
    const cupel::test::TempDir folder;
    const auto file = folder / "minima.csv";
    const auto minima = bare_minima(small());
    write_minima(file, minima);
    const auto read = read_minima(file);
    REQUIRE(read.size() == minima.size());
    CHECK(read[3].composition == minima[3].composition);
    CHECK(read[3].energy == Approx(minima[3].energy).margin(1e-5));
    CHECK(read[3].second_difference.has_value() == minima[3].second_difference.has_value());
    std::ofstream(file, std::ios::app) << "Au:3;Xx:1,4,-1.0,,0,0,0\n";
    CHECK_THROWS_WITH(read_minima(file),
                      Catch::Contains("minima.csv:" + std::to_string(minima.size() + 2)));
    CHECK_THROWS_AS(read_minima(folder / "none.csv"), cupel::InputError);
}
