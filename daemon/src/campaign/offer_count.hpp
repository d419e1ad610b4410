// What stands on the table of a campaign, and whether something new belongs there. Pure functions.
#pragma once

#include <limits>
#include <map>
#include <string>

#include "records.hpp"

namespace cupel::controller {

/// Nobody has tried it and nobody decided against it: it is suggested again like any other.
bool is_free(const ProposalRecord& record);
/// Nothing more will be learned from it, or it was learned: it is not suggested again.
bool is_done(ProposalState state);

/// What is left of a campaign's budget, before what is open takes its part.
struct Means {
    int experiments = 0;
    double cost = std::numeric_limits<double>::infinity();  ///< in the unit of the pool's costs
};

Means means_left(const CampaignRecord& record);

/// The proposals of a campaign that are still on the table or out.
struct OfferCount {
    int all = 0;        ///< unclaimed and claimed ones
    double cost = 0.0;  ///< of all these, in the unit of the pool's costs
    int declined = 0;   ///< of them on offer, but somebody would not make them
    int out = 0;        ///< started, and not known to be over
    int unknown = 0;
    int in_hand = 0;  ///< neither done, nor UNKNOWN, nor declined

    /// Those that wait for whoever declined nothing. As many declined ones as offers are wanted
    /// may stand beside them: where one worker is all there is, they would block the rest.
    int open(int wanted) const;
    /// Is it time for a new batch, or for the next few?
    bool due(const CampaignConfig& config) const;
    /// What new proposals may cost together, in the unit of the pool's costs.
    double purse(const Means& left) const;
    /// How many new proposals there is room for, also in what is left of the budget.
    int room(int wanted, const Means& left) const;
    /// What keeps a running campaign from new proposals until a person does something; "" nothing.
    std::string stalls(const CampaignConfig& config, const Means& left) const;
};

OfferCount count_offers(const std::map<std::string, ProposalRecord>& proposals,
                        const std::string& campaign);

/// Everything that `stalls` may say.
extern const char* const kUnknownStall;
extern const char* const kDeclinedStall;

}  // namespace cupel::controller
