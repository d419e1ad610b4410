// Every enumerator has one word, and every word leads back.
#include <set>
#include <string>

#include <cupel/domain/command.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "catch.hpp"

using namespace cupel;

namespace {

template <typename Enum>
void check_all(int count) {
    std::set<std::string_view> words;
    for (int i = 0; i < count; ++i) {
        const auto value = static_cast<Enum>(i);
        REQUIRE_FALSE(to_string(value).empty());
        REQUIRE(words.insert(to_string(value)).second);
        REQUIRE(try_parse<Enum>(to_string(value)) == value);
    }
    CHECK_FALSE(try_parse<Enum>("nonsense").has_value());
    CHECK_FALSE(try_parse<Enum>("").has_value());
}

}  // namespace

TEST_CASE("words and enumerators agree both ways", "[domain]") {
    check_all<ProposalState>(17);
    check_all<CampaignState>(6);
    check_all<LeaseClass>(3);
    check_all<OutcomeKind>(10);
    check_all<Agreement>(3);
}

TEST_CASE("only passing troubles are retryable", "[domain]") {
    CHECK(is_retryable(ErrorCode::Busy));
    CHECK(is_retryable(ErrorCode::StoreFull));
    CHECK(is_retryable(ErrorCode::ShuttingDown));
    CHECK_FALSE(is_retryable(ErrorCode::StaleLease));
    CHECK(to_string(ErrorCode::AlreadyStarted) == "ALREADY_STARTED");
}

TEST_CASE("the terminal states are the starred ones of the table", "[domain]") {
    int terminal = 0;
    for (int i = 0; i < 17; ++i) {
        terminal += is_terminal(static_cast<ProposalState>(i)) ? 1 : 0;
    }
    CHECK(terminal == 7);
    CHECK(is_terminal(ProposalState::Rejected));
    CHECK_FALSE(is_terminal(ProposalState::Labelled));
    CHECK_FALSE(is_terminal(ProposalState::Unknown));
}
