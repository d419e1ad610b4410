// Smoothed degrees.
#include <cmath>

#include <cupel/learner/popularity.hpp>

#include "catch.hpp"
#include "toy_data.hpp"

TEST_CASE("a pool's popularity is that of each pair, looked up once a core and set", "[learner]") {
    const auto data = cupel::test::toy_data();
    cupel::learner::Popularity popularity;
    for (std::size_t i = 0; i < 20; ++i) {
        popularity.add_known(data.catalogue.core_key(data.known[i].core),
                             data.catalogue.set_key(data.known[i].set));
    }
    auto pairs = data.wrong;
    pairs.insert(pairs.end(), data.known.begin(), data.known.end());
    const auto scores = popularity.scores(data.catalogue, pairs);
    REQUIRE(scores.size() == pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        CHECK(scores[i] == popularity.score(data.catalogue.core_key(pairs[i].core),
                                            data.catalogue.set_key(pairs[i].set)));
    }
    CHECK(popularity.scores(data.catalogue, {}).empty());
    const std::size_t nowhere = data.catalogue.cores().size();
    CHECK_THROWS(popularity.scores(data.catalogue, {{nowhere, 0}}));
}

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

TEST_CASE("two trials of half a weight are one of a whole", "[learner]") {
    cupel::learner::Popularity halves, whole;
    halves.add_trial("core", "set", 0.8, 0.5);
    CHECK(halves.set_score("set") == Approx(std::log((0.4 + 0.2) / 2.5 / 0.1)));
    halves.add_trial("core", "set", 0.8, 0.5);
    whole.add_trial("core", "set", 0.8);
    CHECK(halves.score("core", "set") == whole.score("core", "set"));
}
