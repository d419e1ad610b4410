// The first start on a store that is an older copy: what may be begun is UNKNOWN, and campaigns
// wait.
#include <cupel/domain/vocabulary.hpp>

#include "core.hpp"
#include "started_since.hpp"

namespace cupel::controller {
namespace {

using S = ProposalState;

}  // namespace

const char* const kUnknownSince =
    "its store is an older copy, and what was started after that copy was made is not known: it "
    "could be proposed once more. Look in the laboratory, tell what was made by cupel observe, "
    "then cupel campaign resume lets it go on";

void Core::begin_restored(const std::string& how) {
    const auto since = started_since(store_);
    drop_started_since(store_);
    for (const auto& record : since ? since->campaigns : std::vector<CampaignRecord>()) {
        adopt(record);
    }
    for (auto& [name, campaign] : campaigns_) {
        if (campaign.record.state == CampaignState::Finished) {
            continue;
        }
        if (campaign.record.state != CampaignState::Restored) {
            campaign.record.before_restore = campaign.record.state;
        }
        campaign.record.restored_unknowns = false;
        set_state(campaign, CampaignState::Restored, "CAMPAIGN_RESTORED", {{"reason", how}});
        if (!since) {
            raise_alarm(name, kUnknownSince);
        }
    }
    for (auto& [id, record] : proposals_) {
        const S state = record.proposal.state;
        // What waits for a review may have passed it since; cupel restore knows which did, where it
        // could read the store that was there.
        if (state == S::Offered || holds_lease(state) ||
            (state == S::InReview && (!since || since->in_backup.count(id) != 0))) {
            make_unknown(record);
        }
        // Where it is not known what else was started, settling those that are is not enough.
        campaign_of(record).record.restored_unknowns |=
            since && record.proposal.state == S::Unknown;
    }
    for (const auto& record : since ? since->proposals : std::vector<ProposalRecord>()) {
        adopt(record);
    }
}

void Core::make_unknown(ProposalRecord& record) {
    record.proposal.state = S::Unknown;
    touch(record);
    emit(record.proposal.campaign,
         "UNKNOWN_RAISED",
         record.proposal.id,
         {{"state", "UNKNOWN"}, {"attempt", record.proposal.attempt}, {"cause", "restored"}});
}

void Core::adopt(const CampaignRecord& record) {
    Campaign& campaign = campaigns_[record.name];
    campaign.record.name = record.name;
    campaign.record.config = record.config;
    history_.know_campaign(record.name);
    // A draft: when its unknowns are settled it is PAUSED, and a person says whether it goes on.
    set_state(campaign,
              CampaignState::Draft,
              "CAMPAIGN_CREATED",
              {{"config", Json::parse(encode_campaign_config(record.config))}});
}

void Core::adopt(ProposalRecord record) {
    // Its results stayed in the store that was replaced; worker and lease may come back.
    record.result.clear();
    record.claimed.reset();
    record.outcome.reset();
    record.evidence = Evidence::None;
    record.structures.clear();
    record.verdict_json.clear();
    record.label_gone = false;
    const bool charged = std::exchange(record.charged, false);
    if (record.lease) {
        grant_grace(*record.lease, now(), wall());
    }
    record.proposal.state = S::Proposed;
    const std::string id = record.proposal.id;
    ProposalRecord& adopted = proposals_[id];
    adopted = std::move(record);
    tell_proposed(adopted);
    if (charged) {
        charge(adopted);
    }
    make_unknown(adopted);
    campaign_of(adopted).record.restored_unknowns = true;
    touch(campaign_of(adopted));
}

}  // namespace cupel::controller
