// Counted over all proposals of a campaign.
#include "offer_count.hpp"

#include <algorithm>

#include <cupel/domain/vocabulary.hpp>

#include "life_cycle.hpp"

namespace cupel::controller {
namespace {

using S = ProposalState;

}  // namespace

const char* const kUnknownStall =
    "nothing new is proposed: of max_unknown experiments or more nobody knows what became of them; "
    "cupel resolve settles one";
const char* const kDeclinedStall =
    "nothing new is proposed: every offer that is left was declined and waits for somebody else "
    "(cupel offers shows it to whoever has not declined it); cupel withdraw takes one back";

bool is_free(const ProposalRecord& record) {
    const S state = record.proposal.state;
    const bool untouched = record.declined_by.empty() && record.proposal.attempt == 1;
    return (state == S::Expired && untouched) ||
           (state == S::Withdrawn && record.may_return && untouched) ||
           state == S::Retracted;  // what was reported of it does not hold: nothing is known
}

bool is_done(S state) {
    return is_terminal(state) || state == S::Labelled || state == S::Awaiting;
}

Means means_left(const CampaignRecord& record) {
    Means left;
    left.experiments = record.config.budget - record.spent;
    if (record.config.budget_cost) {
        left.cost = *record.config.budget_cost - record.spent_cost;
    }
    return left;
}

int OfferCount::open(int wanted) const {
    return all - std::min(declined, wanted);
}

bool OfferCount::due(const CampaignConfig& config) const {
    const int wanted = config.open_offers;
    return config.refill == Refill::Each ? 2 * open(wanted) <= wanted
                                         : in_hand == 0 && declined <= wanted;
}

double OfferCount::purse(const Means& left) const {
    return left.cost - cost;
}

int OfferCount::room(int wanted, const Means& left) const {
    return purse(left) > 0.0 ? std::min(wanted - open(wanted), left.experiments - all) : 0;
}

std::string OfferCount::stalls(const CampaignConfig& config, const Means& left) const {
    if (unknown >= config.max_unknown) {
        return kUnknownStall;
    }
    const bool blocked = !due(config) || room(config.open_offers, left) <= 0;
    return declined > 0 && all == declined && blocked ? kDeclinedStall : "";
}

OfferCount count_offers(const std::map<std::string, ProposalRecord>& proposals,
                        const std::string& campaign) {
    OfferCount count;
    for (const auto& [id, record] : proposals) {
        if (record.proposal.campaign != campaign) {
            continue;
        }
        const S state = record.proposal.state;
        const bool declined = state == S::Offered && !record.declined_by.empty();
        count.all += is_open(state) ? 1 : 0;
        count.cost += is_open(state) ? record.proposal.cost : 0.0;
        count.declined += declined ? 1 : 0;
        count.unknown += state == S::Unknown ? 1 : 0;
        count.out += !is_open(state) && (holds_lease(state) || state == S::Unknown) ? 1 : 0;
        count.in_hand += !is_done(state) && state != S::Unknown && !declined ? 1 : 0;
    }
    return count;
}

}  // namespace cupel::controller
