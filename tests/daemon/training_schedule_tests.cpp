// The three speeds.
#include "catch.hpp"
#include "learning/training_schedule.hpp"

using namespace cupel::controller;

TEST_CASE("a model is trained warm every so many labels", "[training]") {
    TrainingState state;
    state.rows_at_full = 500;
    state.since_training = state.since_full = 7;
    CHECK(next_training(state) == Training::None);
    state.since_training = state.since_full = 8;
    CHECK(next_training(state) == Training::Warm);
}

TEST_CASE("a taught label that is taken back asks for a warm training at once", "[training]") {
    TrainingState state;
    state.rows_at_full = 500;
    state.since_training = state.since_full = 1;
    state.taken_back = true;
    CHECK(next_training(state) == Training::Warm);
}

TEST_CASE("growth by a tenth, drift and an anchor that fell twice ask for a full training",
          "[training]") {
    TrainingState state;
    state.rows_at_full = 500;
    state.since_training = 8;
    state.since_full = 49;
    CHECK(next_training(state) == Training::Warm);
    SECTION("growth") {
        state.since_full = 50;
    }
    SECTION("drift") {
        state.drifting = true;
    }
    SECTION("the anchor") {
        state.anchor_falls = 2;
    }
    CHECK(next_training(state) == Training::Full);
    state.since_training = 3;
    CHECK(next_training(state) == Training::None);
}

TEST_CASE("every night there is a full training where anything is new", "[training]") {
    TrainingState state;
    state.hours_since_full = 24.5;
    CHECK(next_training(state) == Training::None);
    state.since_full = 1;
    CHECK(next_training(state) == Training::Full);
    CHECK(to_string(Training::Full) == "full");
}
