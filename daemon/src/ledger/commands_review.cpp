// What reviewers and operators decide: approve, reject, edit, withdraw; the life of a campaign.
#include <algorithm>
#include <set>

#include <cupel/chemistry/candidate_check.hpp>
#include <cupel/chemistry/stock.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "core.hpp"

namespace cupel::controller {
namespace {

using S = ProposalState;

/// Read each time: the shelf changes while the campaign runs. `ligands`: canonical SMILES.
void require_stock(const std::string& file, const std::vector<std::string>& ligands) {
    const auto stock = chemistry::Stock::load(file);
    for (const auto& smiles : ligands) {
        if (stock.find(smiles) == nullptr) {
            throw Refusal{ErrorCode::BadMessage,
                          "the ligand " + smiles + " is not in the stock of this campaign"};
        }
    }
}

}  // namespace

Json Core::handle(const Approve& approve, const Command& command) {
    ProposalRecord& record = find_proposal(approve.proposal);
    advance(record, Input::Approve, {{"client", command.client}, {"note", approve.note}});
    return {{"state", to_string(record.proposal.state)}};
}

Json Core::handle(const Reject& reject, const Command& command) {
    ProposalRecord& record = find_proposal(reject.proposal);
    advance(record, Input::Reject, {{"client", command.client}, {"reason", reject.reason}});
    return {{"state", to_string(record.proposal.state)}};
}

Json Core::handle(const EditProposal& edit, const Command& command) {
    ProposalRecord& record = find_proposal(edit.proposal);
    if (try_next(record.proposal.state, Input::Edit) == nullptr) {
        throw Refusal{ErrorCode::IllegalState,
                      edit.proposal + " is " + std::string(to_string(record.proposal.state)) +
                          "; only a proposal in review can be edited"};
    }
    const auto findings = chemistry::examine(edit.candidate);
    const std::string key = identity_key(edit.candidate);
    for (const auto& [id, other] : proposals_) {
        if (other.proposal.campaign == record.proposal.campaign &&
            other.proposal.identity_key == key && !is_terminal(other.proposal.state)) {
            throw Refusal{ErrorCode::DuplicateCandidate,
                          "that candidate is proposal " + id + " already"};
        }
    }
    const std::string tried = tried_as(record.proposal.campaign, edit.candidate);
    if (!tried.empty()) {
        throw Refusal{ErrorCode::DuplicateCandidate, "that candidate has been tried: " + tried};
    }
    const CampaignConfig& config = campaign_of(record).record.config;
    const auto& avoided = config.avoid_hazards;
    for (const auto& rule : findings.hazards) {
        if (std::find(avoided.begin(), avoided.end(), rule) != avoided.end()) {
            throw Refusal{ErrorCode::BadMessage,
                          "that candidate meets the hazard rule " + rule +
                              ", which this campaign avoids (avoid_hazards)"};
        }
    }
    if (!config.stock.empty()) {
        require_stock(config.stock, findings.ligands);
    }
    Proposal next = record.proposal;
    next.candidate = edit.candidate;
    next.hazards = findings.hazards;
    // No model chose this one: what was said of the other cluster would be false here.
    next.p.reset();
    next.interaction = next.popularity = next.uncertainty = 0.0;
    next.nearest.clear();
    next.provenance.policy = "person";
    next.provenance.score = 0.0;
    next.provenance.acquisition_input.clear();
    next.reason = "edited by " + command.client + (edit.reason.empty() ? "" : ": " + edit.reason);
    advance(record, Input::Edit, {{"client", command.client}, {"reason", edit.reason}});
    const std::string id = add_proposal(campaign_of(record), std::move(next), edit.proposal);
    // The person who edited it has reviewed it.
    ProposalRecord& made = find_proposal(id);
    if (made.proposal.state == S::InReview) {
        advance(made, Input::Approve, {{"client", command.client}, {"note", "edited"}});
    }
    return {{"state", to_string(record.proposal.state)}, {"proposal", id}};
}

Json Core::handle(const Withdraw& withdraw, const Command& command) {
    ProposalRecord& record = find_proposal(withdraw.proposal);
    advance(record, Input::Withdraw, {{"client", command.client}, {"reason", withdraw.reason}});
    return {{"state", to_string(record.proposal.state)}};
}

void Core::set_state(Campaign& campaign, CampaignState state, std::string_view event, Json body) {
    campaign.record.state = state;
    body["state"] = to_string(state);
    body["spent"] = campaign.record.spent;
    body["budget"] = campaign.record.config.budget;
    emit(campaign.record.name, event, "", std::move(body));
    touch(campaign);
}

void Core::create_campaign(const std::string& name, const CampaignConfig& config) {
    Campaign& campaign = campaigns_[name];
    campaign.record.name = name;
    campaign.record.config = config;
    history_.know_campaign(name);
    const CampaignState state = config.start ? CampaignState::Running : CampaignState::Draft;
    set_state(campaign,
              state,
              "CAMPAIGN_CREATED",
              {{"config", Json::parse(encode_campaign_config(config))}});
    after_commit([this, name] { open_campaign(name); });
}

namespace {

/// Keys other than the files, which may move and grow, that are not the same in both.
std::vector<std::string> other_keys(const CampaignConfig& made, const CampaignConfig& wanted) {
    const Json before = Json::parse(encode_campaign_config(made));
    const Json after = Json::parse(encode_campaign_config(wanted));
    std::set<std::string> keys;
    for (const auto& operation : Json::diff(before, after)) {
        const std::string path = operation["path"].get<std::string>().substr(1);
        keys.insert(path.substr(0, path.find('/')));
    }
    keys.erase("pool");
    keys.erase("data");
    return {keys.begin(), keys.end()};
}

}  // namespace

std::vector<std::string> Core::ensure_campaign(const std::string& name, const std::string& config) {
    CampaignConfig parsed = parse_campaign_config(config);
    const auto known = campaigns_.find(name);
    std::vector<std::string> others;
    if (known != campaigns_.end()) {
        const CampaignConfig& made = known->second.record.config;
        if (parsed.data.empty()) {
            parsed.data = made.data;  // it names no other
        }
        others = other_keys(made, parsed);
        if (made.pool == parsed.pool && made.data == parsed.data) {
            return others;
        }
    }
    const auto work = [&] {
        if (known == campaigns_.end()) {
            create_campaign(name, parsed);
        } else {
            take_files(known->second, parsed);
        }
    };
    StoreFailure failure;
    if (!transact(work, failure)) {
        throw StoreError(options_.store.string() + ": " + failure.text, failure.full);
    }
    return others;
}

void Core::take_files(Campaign& campaign, const CampaignConfig& config) {
    // Files are moved and grow; everything else of a campaign stays what it was made with.
    const Json before{{"pool", campaign.record.config.pool}, {"data", campaign.record.config.data}};
    campaign.record.config.pool = config.pool;
    campaign.record.config.data = config.data;
    set_state(campaign,
              campaign.record.state,
              "CAMPAIGN_FILES",
              {{"pool", config.pool}, {"data", config.data}, {"before", before}});
}

Json Core::handle(const CampaignNew& create, const Command&) {
    if (!is_campaign_name(create.campaign)) {
        throw Refusal{
            ErrorCode::BadMessage,
            "campaign: expected 1 to 64 letters, digits, '_', '-' or '.', beginning with a "
            "letter or digit"};
    }
    require_sight(create.campaign);
    if (campaigns_.count(create.campaign) != 0) {
        throw Refusal{ErrorCode::IllegalState, "campaign " + create.campaign + " exists already"};
    }
    Json keys = parsed_or_null(create.config_json);  // what is no object is refused below
    if (keys.is_object() && !keys.contains("policy")) {
        keys["policy"] = learning_.default_policy();
    }
    const CampaignConfig config = parse_campaign_config(keys.dump());
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(config.pool, ignored)) {
        throw Refusal{ErrorCode::BadMessage, "pool: there is no file " + config.pool};
    }
    learning_.require(config);
    if (config.data.empty() && learning_.needs_data()) {
        throw Refusal{ErrorCode::BadMessage,
                      "data: expected the path of a table of reported clusters, got nothing; the "
                      "learner of this daemon learns from one"};
    }
    if (!config.data.empty() && !std::filesystem::is_regular_file(config.data, ignored)) {
        throw Refusal{ErrorCode::BadMessage, "data: there is no file " + config.data};
    }
    create_campaign(create.campaign, config);
    return {{"campaign", create.campaign}};
}

void Core::drain(Campaign& campaign, const std::string& reason) {
    campaign.record.drain_reason = reason;
    set_state(campaign, CampaignState::Draining, "CAMPAIGN_DRAINING", {{"reason", reason}});
    for (auto& [id, record] : proposals_) {
        if (record.proposal.campaign == campaign.record.name &&
            try_next(record.proposal.state, Input::CampaignStop) != nullptr) {
            advance(record, Input::CampaignStop, {{"reason", "campaign: " + reason}});
        }
    }
}

void Core::resume_campaign(Campaign& campaign, const Json& body) {
    const std::string drained = campaign.record.drain_reason;
    campaign.record.restored_unknowns = false;
    campaign.record.before_restore.reset();
    campaign.record.drain_reason.clear();
    if (drained == "pool") {
        campaign.opened = false;  // the learner reads the files again
        campaign.empty_answers = 0;
        campaign.next_suggestion = now();
    }
    set_state(campaign, CampaignState::Running, "CAMPAIGN_RESUMED", body);
    close_alarm(campaign.record.name, kUnknownSince, "it goes on");
    if (drained == "stopped") {
        drain(campaign, "stopped");  // a restored one: it goes on where it was, which was its end
    }
}

/// Where a person had paused it, it stays paused.
void Core::end_restore(Campaign& campaign) {
    const auto before = campaign.record.before_restore.value_or(CampaignState::Running);
    if (before != CampaignState::Paused && before != CampaignState::Draft) {
        resume_campaign(campaign, {{"reason", "every unknown of the restore is settled"}});
        return;
    }
    campaign.record.restored_unknowns = false;
    campaign.record.before_restore.reset();
    set_state(campaign,
              CampaignState::Paused,
              "CAMPAIGN_PAUSED",
              {{"client", "cupeld"}, {"reason", "it was paused before the restore"}});
}

Json Core::handle(const CampaignControl& control, const Command& command) {
    Campaign& campaign = find_campaign(control.campaign);
    const CampaignState state = campaign.record.state;
    const auto refuse = [&](const char* what) {
        throw Refusal{ErrorCode::IllegalState,
                      control.campaign + " is " + std::string(to_string(state)) + ": " + what};
    };
    const Json body{{"client", command.client}, {"reason", control.reason}};
    switch (control.action) {
        case CampaignControl::Action::Pause:
            if (state != CampaignState::Running) {
                refuse("only a running campaign can be paused");
            }
            set_state(campaign, CampaignState::Paused, "CAMPAIGN_PAUSED", body);
            break;
        case CampaignControl::Action::Resume: {
            const bool out_of_pool =
                (state == CampaignState::Draining || state == CampaignState::Finished) &&
                campaign.record.drain_reason == "pool";
            if (state != CampaignState::Paused && state != CampaignState::Draft &&
                state != CampaignState::Restored && !out_of_pool) {
                refuse(
                    "only a paused, drafted or restored campaign can be resumed, and one whose "
                    "pool was empty");
            }
            resume_campaign(campaign, body);
            break;
        }
        case CampaignControl::Action::Stop:
            if (state == CampaignState::Finished) {
                refuse("it is over");
            }
            if (state == CampaignState::Draining && campaign.record.drain_reason == "stopped") {
                refuse("it is stopping already");
            }
            drain(campaign, "stopped");
            break;
    }
    return {{"campaign", control.campaign}, {"state", to_string(campaign.record.state)}};
}

}  // namespace cupel::controller
