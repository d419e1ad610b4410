// Promised probabilities against what came of them.
#include "catch.hpp"
#include "kept_promises.hpp"

using cupel::acquisition::KeptPromises;

TEST_CASE("a promise is worth itself until an outcome speaks", "[acquisition]") {
    const KeptPromises promises;
    for (const double p : {0.01, 0.3, 0.5, 0.99}) {
        CHECK(promises.kept(p) == Approx(p).epsilon(1e-12));
    }
}

TEST_CASE("promises move towards what came of them and keep their order", "[acquisition]") {
    KeptPromises exceeded, fallen_short, met;
    for (int i = 0; i < 40; ++i) {
        exceeded.record(0.5, i % 10 != 0);
        fallen_short.record(0.5, i % 10 == 0);
        met.record(0.5, i % 2 == 0);
    }
    // The prior holds a little back from nine of ten and one of ten.
    CHECK(exceeded.kept(0.5) == Approx(0.9).margin(0.02));
    CHECK(fallen_short.kept(0.5) == Approx(0.1).margin(0.02));
    CHECK(met.kept(0.5) == Approx(0.5).margin(1e-9));
    CHECK(exceeded.kept(0.2) > 0.2);
    CHECK(exceeded.kept(0.2) < exceeded.kept(0.3));
    CHECK(fallen_short.kept(0.2) < 0.2);
}

TEST_CASE("promises that were certain and wrong leave a finite offset", "[acquisition]") {
    KeptPromises promises;
    for (int i = 0; i < 20; ++i) {
        promises.record(1.0, false);
    }
    const double kept = promises.kept(0.5);
    CHECK(kept > 0.0);
    CHECK(kept < 0.01);
}
