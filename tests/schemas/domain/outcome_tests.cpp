// The label of every outcome, as the table of the protocol page says.
#include <cupel/domain/outcome.hpp>

#include "catch.hpp"

using namespace cupel;

namespace {

Label label(OutcomeKind kind) {
    Outcome outcome;
    outcome.kind = kind;
    return label_of(outcome);
}

}  // namespace

TEST_CASE("structures and failures label both heads", "[domain]") {
    CHECK(label(OutcomeKind::Confirmed).pair == 1.0);
    CHECK(label(OutcomeKind::Confirmed).target == 1.0);
    CHECK(label(OutcomeKind::NoReaction).pair == 0.0);
    CHECK(label(OutcomeKind::NoReaction).target == 0.0);
    CHECK(label(OutcomeKind::Amorphous).pair == 0.05);
    CHECK(label(OutcomeKind::Amorphous).target == 0.0);
    CHECK(label(OutcomeKind::MassConfirmed).target == 0.8);
    CHECK(label(OutcomeKind::MassConfirmed).provisional);
}

TEST_CASE("what is not chemistry trains nothing", "[domain]") {
    for (const auto kind :
         {OutcomeKind::ExecutionFailed, OutcomeKind::Abandoned, OutcomeKind::CrystalsUnsolved}) {
        CHECK_FALSE(label(kind).pair.has_value());
        CHECK_FALSE(label(kind).target.has_value());
    }
}

TEST_CASE("an analogue is graded by what differs", "[domain]") {
    Outcome outcome;
    outcome.kind = OutcomeKind::Analogue;
    outcome.analogue_grade = 0.4;
    CHECK(label_of(outcome).target == 0.4);
    CHECK(label_of(outcome).pair == 0.0);
    outcome.only_counts_differ = true;
    CHECK(label_of(outcome).pair == 1.0);
    CHECK(analogue_grade(false, 0, true) == 0.5);
    CHECK(analogue_grade(false, 1, true) == 0.4);
    CHECK(analogue_grade(true, 0, false) == 0.25);
    CHECK(analogue_grade(true, 1, false) < analogue_grade(true, 0, false));
    CHECK(analogue_grade(false, 0, false) == 1.0);
}

TEST_CASE("a mixture counts by whether the target was seen", "[domain]") {
    Outcome outcome;
    outcome.kind = OutcomeKind::Mixture;
    CHECK(label_of(outcome).pair == 0.2);
    outcome.target_seen = true;
    CHECK(label_of(outcome).pair == 0.5);
    outcome.target_seen = false;
    CHECK(label_of(outcome).pair == 0.1);
}

TEST_CASE("decomposition after isolation means that the cluster had formed", "[domain]") {
    Outcome outcome;
    outcome.kind = OutcomeKind::Decomposed;
    CHECK(label_of(outcome).target == 0.0);
    outcome.after_isolation = true;
    CHECK(label_of(outcome).target == 1.0);
    CHECK(label_of(outcome).unstable);
}
