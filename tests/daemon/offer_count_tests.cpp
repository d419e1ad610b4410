// What stands on the table, and what belongs there.
#include "campaign/offer_count.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::controller;
using S = ProposalState;

namespace {

std::map<std::string, ProposalRecord> table_of(const std::vector<S>& states, int declined = 0) {
    std::map<std::string, ProposalRecord> proposals;
    for (const S state : states) {
        ProposalRecord record;
        record.proposal.campaign = "c";
        record.proposal.state = state;
        if (state == S::Offered && declined-- > 0) {
            record.declined_by.insert("robot");
        }
        proposals.emplace(std::to_string(proposals.size()), record);
    }
    return proposals;
}

CampaignConfig wanting(int offers, Refill refill = Refill::Each) {
    CampaignConfig config;
    config.open_offers = offers;
    config.refill = refill;
    return config;
}

}  // namespace

TEST_CASE("offers are wanted when half of them are gone, or all of a batch", "[offers]") {
    const auto count =
        count_offers(table_of({S::Offered, S::Claimed, S::Started, S::Labelled}), "c");
    CHECK(count.all == 2);
    CHECK(count.out == 1);
    CHECK(count.due(wanting(4)));
    CHECK_FALSE(count.due(wanting(3)));
    CHECK_FALSE(count.due(wanting(4, Refill::Batch)));
    CHECK(count_offers(table_of({S::Unknown, S::Awaiting, S::Failed}), "c")
              .due(wanting(4, Refill::Batch)));
    CHECK(count.room(4, {96}) == 2);
    CHECK(count.room(4, {3}) == 1);  // what the budget cannot pay for would be claimed in vain
    CHECK(count_offers(table_of({S::Offered}), "another").all == 0);
}

TEST_CASE("so many declined ones as are wanted stand beside the others", "[offers]") {
    const auto two = count_offers(table_of({S::Offered, S::Offered}, 2), "c");
    CHECK(two.due(wanting(2)));
    CHECK(two.room(2, {96}) == 2);
    CHECK(two.stalls(wanting(2), {96}).empty());
    CHECK(two.stalls(wanting(2), {2}) == kDeclinedStall);  // they take up what is left
    const auto four =
        count_offers(table_of({S::Offered, S::Offered, S::Offered, S::Offered}, 4), "c");
    CHECK_FALSE(four.due(wanting(2)));
    CHECK(four.stalls(wanting(2), {96}) == kDeclinedStall);
    const auto mixed = count_offers(table_of({S::Offered, S::Offered, S::Claimed}, 2), "c");
    CHECK(mixed.stalls(wanting(2), {96}).empty());
}

TEST_CASE("what is open takes its cost from what budget_cost leaves", "[offers]") {
    auto table = table_of({S::Offered, S::Claimed, S::Started});
    for (auto& [id, record] : table) {
        record.proposal.cost = 10.0;
    }
    CampaignRecord record;
    record.config.budget_cost = 45.0;
    record.spent_cost = 10.0;
    record.spent = 1;
    const auto count = count_offers(table, "c");
    CHECK(count.purse(means_left(record)) == 15.0);
    CHECK(count.room(8, means_left(record)) == 6);
    record.config.budget_cost = 30.0;
    CHECK(count.purse(means_left(record)) == 0.0);
    CHECK(count.room(8, means_left(record)) == 0);
    CHECK(count.stalls(wanting(8), means_left(record)).empty());
    record.config.budget_cost.reset();
    CHECK(count.room(8, means_left(record)) == 6);
}

TEST_CASE("what nobody tried and nobody turned down may be proposed again", "[offers]") {
    const auto is_free_as = [](S state, auto change) {
        ProposalRecord record;
        record.proposal.state = state;
        record.proposal.attempt = 1;
        change(record);
        return is_free(record);
    };
    const auto as_it_is = [](ProposalRecord&) {};
    CHECK(is_free_as(S::Expired, as_it_is));
    CHECK(is_free_as(S::Retracted, as_it_is));
    CHECK_FALSE(is_free_as(S::Withdrawn, as_it_is));
    CHECK(is_free_as(S::Withdrawn, [](ProposalRecord& r) { r.may_return = true; }));
    CHECK_FALSE(is_free_as(S::Expired, [](ProposalRecord& r) { r.declined_by.insert("robot"); }));
    CHECK_FALSE(is_free_as(S::Expired, [](ProposalRecord& r) { r.proposal.attempt = 2; }));
    CHECK_FALSE(is_free_as(S::Failed, as_it_is));
}
