// CLAIM to START and what a worker says while it works; cancelling.
#include <algorithm>
#include <cmath>
#include <set>

#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "core.hpp"

namespace cupel::controller {
namespace {

using S = ProposalState;

bool same_lease(const ProposalRecord& record, const LeaseProof& proof) {
    return record.lease && record.lease->id == proof.lease && record.lease->fence == proof.fence;
}

/// Someone has it in hand, or had it when they fell silent.
bool in_work(S state) {
    return holds_lease(state) || state == S::Unknown;
}
/// Started and not ended: it can no longer be given back.
bool was_started(S state) {
    return in_work(state) && state != S::Claimed;
}

void check_expected(std::optional<double> expected_s) {
    if (expected_s && (!std::isfinite(*expected_s) || *expected_s < 0)) {
        throw Refusal{ErrorCode::BadMessage,
                      "expected_s: expected a number of seconds of at least 0"};
    }
}

}  // namespace

const std::string* Core::missing_tag(const ProposalRecord& record,
                                     const std::set<std::string>& capabilities) {
    for (const auto& tag : record.proposal.required_tags) {
        if (capabilities.count(tag) == 0) {
            return &tag;
        }
    }
    return nullptr;
}

std::string Core::why_not_offered(const ProposalRecord& record,
                                  const std::string& client,
                                  const std::set<std::string>& capabilities) const {
    if (record.proposal.state != S::Offered) {
        return std::string(to_string(record.proposal.state));
    }
    if (record.declined_by.count(client) != 0) {
        return "you declined it";
    }
    if (const std::string* tag = missing_tag(record, capabilities)) {
        return "it requires \"" + *tag + "\", which is not among your capabilities";
    }
    const CampaignRecord& campaign = campaigns_.at(record.proposal.campaign).record;
    const auto failures = campaign.failures.find(client);
    if (failures != campaign.failures.end() && !failures->second.alarm.empty()) {
        return "your last " + std::to_string(failures->second.count) +
               " executions failed; somebody has to acknowledge the alarm first";
    }
    const CampaignState state = campaign.state;
    return state == CampaignState::Running
               ? ""
               : "campaign " + record.proposal.campaign + " is " + std::string(to_string(state));
}

Json Core::handle(const Claim& claim, const Command& command) {
    if (claim.proposals.empty()) {
        throw Refusal{ErrorCode::BadMessage, "proposals: expected at least one id"};
    }
    if (access_ != nullptr && access_->lease_classes.count(claim.lease_class) == 0) {
        throw Refusal{ErrorCode::NotAllowed,
                      "lease_class: " + std::string(to_string(claim.lease_class)) +
                          " is not one of yours on the allow-list"};
    }
    const int most = access_ != nullptr && access_->max_claims > 0
                         ? std::min(access_->max_claims, options_.max_claims)
                         : options_.max_claims;
    const std::set<std::string> wanted(claim.proposals.begin(), claim.proposals.end());
    if (wanted.size() != claim.proposals.size()) {
        throw Refusal{ErrorCode::BadMessage, "proposals: an id stands there twice"};
    }
    std::size_t held = wanted.size();
    for (const auto& [id, record] : proposals_) {
        held += holds_lease(record.proposal.state) && record.lease &&
                        record.lease->holder == command.client
                    ? 1
                    : 0;
    }
    if (held > static_cast<std::size_t>(most)) {
        throw Refusal{ErrorCode::TooManyClaims,
                      "at most " + std::to_string(most) + " claims per client"};
    }
    const Session* session = sessions_.find(command.client, now());
    const std::set<std::string> none;
    // All or nothing: every one is looked at before the first is changed.
    for (const auto& id : claim.proposals) {
        const ProposalRecord& record = find_proposal(id);
        const std::string why =
            why_not_offered(record, command.client, session ? session->capabilities : none);
        if (!why.empty()) {
            throw Refusal{ErrorCode::NotOffered, id + " is not on offer to you (" + why + ")"};
        }
    }
    Json claims = Json::array();
    for (const auto& id : claim.proposals) {
        ProposalRecord& record = find_proposal(id);
        record.lease = claim_lease(options_.leases,
                                   claim.lease_class,
                                   make_ulid(),
                                   ++record.last_fence,
                                   command.client,
                                   now(),
                                   wall());
        advance(record,
                Input::Claim,
                {{"client", command.client},
                 {"lease_class", to_string(claim.lease_class)},
                 {"fence", record.lease->fence},
                 {"deadline", to_rfc3339(record.lease->wall_deadline)}});
        claims.push_back({{"proposal", id},
                          {"attempt", record.proposal.attempt},
                          {"lease", record.lease->id},
                          {"fence", record.lease->fence},
                          {"ttl_s", remaining_s(*record.lease, now())},
                          {"offer", to_json(record.proposal)}});
    }
    return {{"claims", claims}};
}

void Core::require_lease(const ProposalRecord& record,
                         const LeaseProof& proof,
                         const Command& command) {
    const bool alive = holds_lease(record.proposal.state) || record.proposal.state == S::Unknown;
    if (!alive || !same_lease(record, proof) || record.lease->holder != command.client) {
        throw Refusal{ErrorCode::StaleLease,
                      "that lease of " + record.proposal.id + " is no longer yours; " +
                          record.proposal.id + " is " +
                          std::string(to_string(record.proposal.state))};
    }
}

void Core::renew_lease(ProposalRecord& record, std::optional<double> expected_s) {
    // After a reminder always: a restart must not take the renewal back.
    const bool note = worth_noting(*record.lease, now()) || record.lease->overdue > 0;
    renew(*record.lease, options_.leases, expected_s, now(), wall());
    if (note) {
        record.lease->last_noted = now();
        say_of_lease("LEASE_RENEWED",
                     record,
                     {{"holder", record.lease->holder}, {"fence", record.lease->fence}});
    }
}

Json Core::handle(const Renew& renewal, const Command& command) {
    note_applied(command.client, renewal.applied);
    for (auto& [id, record] : proposals_) {
        if (!same_lease(record, renewal.proof)) {
            continue;
        }
        require_sight(record.proposal.campaign);
        require_lease(record, renewal.proof, command);
        if (record.proposal.state == S::Unknown && record.lease->working) {
            charge(record);
            advance(record, Input::Progress, {{"client", command.client}});
        }
        renew_lease(record, std::nullopt);
        return {{"ttl_s", remaining_s(*record.lease, now())}};
    }
    throw Refusal{ErrorCode::StaleLease, "no current lease \"" + renewal.proof.lease + "\""};
}

void Core::hear(ProposalRecord& record, std::optional<double> expected_s) {
    Lease& lease = *record.lease;
    if (lease.working) {
        renew(lease, options_.leases, expected_s, now(), wall());
        lease.last_noted = now();
    } else {
        begin_work(lease, options_.leases, expected_s, now(), wall());
    }
    charge(record);  // a restored store may know nothing of its START
}

void Core::charge(ProposalRecord& record) {
    Campaign& campaign = campaign_of(record);
    if (!record.charged) {
        record.charged = true;
        ++campaign.record.spent;
        campaign.record.spent_cost += record.proposal.cost;
        touch(campaign);
        touch(record);
    }
}

void Core::refund(ProposalRecord& record) {
    Campaign& campaign = campaign_of(record);
    if (record.charged) {
        record.charged = false;
        --campaign.record.spent;
        campaign.record.spent_cost -= record.proposal.cost;
        touch(campaign);
        touch(record);
    }
}

Json Core::handle(const Start& start, const Command& command) {
    ProposalRecord& record = find_proposal(start.proposal);
    check_expected(start.expected_s);
    require_lease(record, start.proof, command);
    // A restore made UNKNOWN what was only claimed: its worker begins now.
    const bool returns = record.proposal.state == S::Unknown && !record.lease->working;
    if (record.proposal.state != S::Claimed && !returns) {
        throw Refusal{ErrorCode::AlreadyStarted, start.proposal + " was started already"};
    }
    begin_work(*record.lease, options_.leases, start.expected_s, now(), wall());
    charge(record);
    advance(record,
            returns ? Input::Progress : Input::Start,
            {{"client", command.client},
             {"fence", record.lease->fence},
             {"implied", false},
             {"spent", campaign_of(record).record.spent},
             {"deadline", to_rfc3339(record.lease->wall_deadline)}});
    return {{"state", to_string(record.proposal.state)},
            {"ttl_s", remaining_s(*record.lease, now())}};
}

Json Core::handle(const Progress& progress, const Command& command) {
    ProposalRecord& record = find_proposal(progress.proposal);
    check_expected(progress.expected_s);
    require_lease(record, progress.proof, command);
    if (record.proposal.state == S::Claimed) {
        throw Refusal{ErrorCode::IllegalState, progress.proposal + " was not started; START first"};
    }
    hear(record, progress.expected_s);
    // Most commands are of this kind. Member by member: a list of pairs would be made as arrays
    // first.
    Json details = Json::object();
    details["client"] = command.client;
    details["stage"] = progress.stage;
    details["note"] = or_null(progress.note);
    details["deadline"] = to_rfc3339(record.lease->wall_deadline);
    advance(record, Input::Progress, std::move(details));
    Json reply = Json::object();
    reply["state"] = to_string(record.proposal.state);
    reply["ttl_s"] = remaining_s(*record.lease, now());
    return reply;
}

Json Core::handle(const Release& release, const Command& command) {
    ProposalRecord& record = find_proposal(release.proposal);
    if (!release.proof && record.lease && in_work(record.proposal.state) &&
        record.lease->holder != command.client) {
        throw Refusal{ErrorCode::StaleLease, "the lease of " + release.proposal + " is not yours"};
    }
    if (release.proof) {
        require_lease(record, *release.proof, command);
    }
    if (was_started(record.proposal.state)) {
        throw Refusal{ErrorCode::AlreadyStarted,
                      release.proposal + " was started; send its RESULT"};
    }
    advance(record, Input::Release, {{"client", command.client}, {"reason", release.reason}});
    return {{"state", to_string(record.proposal.state)}};
}

Json Core::decline(ProposalRecord& record, const std::string& client, const std::string& reason) {
    const bool held = record.proposal.state == S::Claimed;
    advance(record,
            held ? Input::DeclineHeld : Input::Decline,
            {{"client", client}, {"reason", reason}});
    record.declined_by.insert(client);
    const int limit = campaign_of(record).record.config.decline_limit;
    if (record.proposal.state == S::Offered &&
        static_cast<int>(record.declined_by.size()) >= limit) {
        advance(
            record,
            Input::Withdraw,
            {{"reason", "declined by " + std::to_string(record.declined_by.size()) + " clients"}});
    }
    return {{"state", to_string(record.proposal.state)}};
}

Json Core::handle(const Decline& refusal, const Command& command) {
    ProposalRecord& record = find_proposal(refusal.proposal);
    const bool mine = record.lease && record.lease->holder == command.client;
    if (refusal.proof) {
        require_lease(record, *refusal.proof, command);
    } else if (record.lease && in_work(record.proposal.state) && !mine) {
        throw Refusal{ErrorCode::StaleLease, "the lease of " + refusal.proposal + " is not yours"};
    }
    if (was_started(record.proposal.state)) {
        throw Refusal{ErrorCode::AlreadyStarted,
                      refusal.proposal + " was started; send its RESULT"};
    }
    return decline(record, command.client, refusal.reason);
}

Json Core::handle(const Cancel& cancel, const Command& command) {
    ProposalRecord& record = find_proposal(cancel.proposal);
    const Json details{{"client", command.client},
                       {"reason", cancel.reason},
                       {"holder", record.lease ? Json(record.lease->holder) : Json(nullptr)}};
    if (require_step(record.proposal, Input::Cancel).to == S::CancelRequested) {
        record.cancel = CancelRequest{command.client, cancel.reason};
    }
    advance(record, Input::Cancel, details);
    return {{"state", to_string(record.proposal.state)}};
}

Json Core::handle(const CancelAck& ack, const Command& command) {
    ProposalRecord& record = find_proposal(ack.proposal);
    require_lease(record, ack.proof, command);
    if (record.proposal.state == S::Unknown && record.cancel) {
        hear(record, std::nullopt);
        advance(record, Input::Progress, {{"client", command.client}});
    }
    advance(record,
            ack.stopped ? Input::CancelStopped : Input::CancelTooLate,
            {{"client", command.client}});
    return {{"state", to_string(record.proposal.state)}};
}

}  // namespace cupel::controller
