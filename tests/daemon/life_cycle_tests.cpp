// The life of a proposal, checked against rows written down again from the protocol page.
#include <set>
#include <tuple>

#include <cupel/domain/vocabulary.hpp>

#include "campaign/life_cycle.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::controller;
using S = ProposalState;
using I = Input;

TEST_CASE("the life cycle is the protocol's table, with nothing beside it", "[life_cycle]") {
    const std::set<std::tuple<S, I, S>> expected{
        {S::Proposed, I::Automatic, S::Offered},
        {S::Proposed, I::Review, S::InReview},
        {S::InReview, I::Approve, S::Offered},
        {S::InReview, I::Reject, S::Rejected},
        {S::InReview, I::Edit, S::Withdrawn},
        {S::Proposed, I::Withdraw, S::Withdrawn},
        {S::InReview, I::Withdraw, S::Withdrawn},
        {S::Offered, I::Withdraw, S::Withdrawn},
        {S::Proposed, I::Supersede, S::Withdrawn},
        {S::InReview, I::Supersede, S::Withdrawn},
        {S::Offered, I::Supersede, S::Withdrawn},
        {S::Proposed, I::CampaignStop, S::Withdrawn},
        {S::InReview, I::CampaignStop, S::Withdrawn},
        {S::Offered, I::CampaignStop, S::Withdrawn},
        {S::Proposed, I::OfferExpiry, S::Expired},
        {S::InReview, I::OfferExpiry, S::Expired},
        {S::Offered, I::OfferExpiry, S::Expired},
        {S::Offered, I::Claim, S::Claimed},
        {S::Offered, I::Decline, S::Offered},
        {S::Claimed, I::Start, S::Started},
        {S::Claimed, I::Release, S::Offered},
        {S::Claimed, I::DeclineHeld, S::Offered},
        {S::Claimed, I::LeaseExpiry, S::Offered},
        {S::Claimed, I::Cancel, S::Cancelled},
        {S::Started, I::Progress, S::Started},
        {S::Started, I::Result, S::ResultIn},
        {S::Started, I::ResultReoffer, S::Offered},
        {S::Started, I::ResultFailed, S::Failed},
        {S::Started, I::ResultAbandoned, S::Abandoned},
        {S::Started, I::Cancel, S::CancelRequested},
        {S::Started, I::LeaseExpiry, S::Unknown},
        {S::CancelRequested, I::CancelStopped, S::Cancelled},
        {S::CancelRequested, I::CancelTooLate, S::Started},
        {S::CancelRequested, I::Progress, S::CancelRequested},
        {S::CancelRequested, I::Result, S::ResultIn},
        {S::CancelRequested, I::ResultReoffer, S::Failed},
        {S::CancelRequested, I::ResultFailed, S::Failed},
        {S::CancelRequested, I::ResultAbandoned, S::Abandoned},
        {S::CancelRequested, I::LeaseExpiry, S::Unknown},
        {S::Unknown, I::Result, S::ResultIn},
        {S::Unknown, I::ResultReoffer, S::Offered},
        {S::Unknown, I::ResultFailed, S::Failed},
        {S::Unknown, I::ResultAbandoned, S::Abandoned},
        {S::Unknown, I::Progress, S::Started},
        {S::Unknown, I::ProgressCancelled, S::CancelRequested},
        {S::Unknown, I::ResolveReoffer, S::Offered},
        {S::Unknown, I::ResolveFailed, S::Failed},
        {S::Unknown, I::ResolveResult, S::ResultIn},
        {S::ResultIn, I::VerdictLabel, S::Labelled},
        {S::ResultIn, I::VerdictOpen, S::Awaiting},
        {S::ResultIn, I::Result, S::ResultIn},
        {S::Awaiting, I::Result, S::ResultIn},
        {S::Awaiting, I::Amend, S::ResultIn},
        {S::Awaiting, I::Overrule, S::Labelled},
        {S::Awaiting, I::Retract, S::Retracted},
        {S::Labelled, I::Result, S::ResultIn},
        {S::Labelled, I::Amend, S::ResultIn},
        {S::Labelled, I::Overrule, S::Labelled},
        {S::Labelled, I::Retract, S::Retracted},
    };
    std::set<std::tuple<S, I, S>> found;
    for (const auto& row : life_cycle()) {
        INFO(to_string(row.from) << " + " << to_string(row.input));
        CHECK_FALSE(row.events.empty());
        found.insert({row.from, row.input, row.to});
    }
    CHECK(found.size() == life_cycle().size());
    CHECK(found == expected);
}

TEST_CASE("nothing leaves a terminal state", "[life_cycle]") {
    for (const auto& row : life_cycle()) {
        CHECK_FALSE(is_terminal(row.from));
    }
}

TEST_CASE("after START only a statement offers a proposal again", "[life_cycle]") {
    for (const auto& row : life_cycle()) {
        const bool begun =
            row.from == S::Started || row.from == S::CancelRequested || row.from == S::Unknown;
        if (begun && row.to == S::Offered) {
            INFO(to_string(row.from) << " + " << to_string(row.input));
            CHECK((row.input == I::ResultReoffer || row.input == I::ResolveReoffer));
            CHECK(row.next_attempt);
        } else {
            CHECK_FALSE(row.next_attempt);
        }
    }
}
