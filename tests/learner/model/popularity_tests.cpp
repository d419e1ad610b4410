// Smoothed degrees.
#include <cmath>

#include <cupel/learner/popularity.hpp>

#include "catch.hpp"

TEST_CASE("popularity rises with known clusters and hits and falls with misses", "[learner]") {
    cupel::learner::Popularity popularity;
    CHECK(popularity.score("core", "set") == 0.0);
    popularity.add_known("core", "set");
    popularity.add_known("core", "other");
    CHECK(popularity.core_score("core") == Approx(std::log(3.0)));
    CHECK(popularity.set_score("set") == Approx(std::log(2.0)));
    const double before = popularity.score("core", "set");
    popularity.add_trial("core", "set", 0.0);
    const double missed = popularity.score("core", "set");
    CHECK(missed < before);
    popularity.add_trial("core", "set", 1.0);
    CHECK(popularity.score("core", "set") > before);
}
