// HELLO, LIST_OFFERS, QUERY_CMD, PING, WHY and ACK_ALARM: what a client asks about itself
// and us.
#include <algorithm>
#include <utility>

#include <cupel/domain/vocabulary.hpp>

#include "core.hpp"

namespace cupel::controller {
namespace {

constexpr std::int64_t kLagAlarm = 1000;  ///< events a subscriber may be behind before we say so
constexpr std::int64_t kCaughtUp = 100;   ///< events behind, again; a busy history is never at 0

/// Without authentication everybody has every role.
Json roles_of(const Access* access) {
    Json roles = Json::array();
    for (const Role role :
         {Role::Observer, Role::Worker, Role::Analyst, Role::Reviewer, Role::Admin}) {
        if (access == nullptr || access->has(role)) {
            roles.push_back(to_string(role));
        }
    }
    return roles;
}

}  // namespace

Json Core::handle(const Hello& hello, const Command& command) {
    Session& session = sessions_.hear(command.client, now());
    session.software = hello.software;
    session.version = hello.version;
    if (hello.capabilities) {
        session.capabilities = {hello.capabilities->begin(), hello.capabilities->end()};
    }
    Json campaigns = Json::array();
    for (const auto& [name, campaign] : campaigns_) {
        if (!sees(name)) {
            continue;
        }
        campaigns.push_back({{"campaign", name},
                             {"seq", history_.seq(name)},
                             {"state", to_string(campaign.record.state)}});
    }
    Json leases = Json::array();
    for (const auto& [id, record] : proposals_) {
        const ProposalState state = record.proposal.state;
        const bool counts = holds_lease(state) || state == ProposalState::Unknown;
        if (counts && record.lease && record.lease->holder == command.client &&
            sees(record.proposal.campaign)) {
            leases.push_back({{"proposal", id},
                              {"attempt", record.proposal.attempt},
                              {"lease", record.lease->id},
                              {"fence", record.lease->fence},
                              {"ttl_s", remaining_s(*record.lease, now())},
                              {"state", to_string(state)}});
        }
    }
    return {{"epoch", epoch_},
            {"server", "cupeld"},
            {"version", options_.version},
            {"roles", roles_of(access_.get())},
            {"heartbeat_s", options_.heartbeat_s},
            {"campaigns", campaigns},
            {"leases", leases}};
}

Json Core::handle(const ListOffers& list, const Command& command) {
    if (list.campaign) {
        find_campaign(*list.campaign);
    }
    // Who says nothing of capabilities here has those of its HELLO.
    const Session* session = sessions_.find(command.client, now());
    std::set<std::string> capabilities(list.capabilities.begin(), list.capabilities.end());
    if (capabilities.empty() && session != nullptr) {
        capabilities = session->capabilities;
    }
    Json offers = Json::array();
    int withheld = 0;
    for (const auto& [id, record] : proposals_) {
        if (static_cast<int>(offers.size()) >= std::clamp(list.limit, 1, 1000)) {
            break;
        }
        if (!sees(record.proposal.campaign) ||
            (list.campaign && *list.campaign != record.proposal.campaign)) {
            continue;
        }
        if (why_not_offered(record, command.client, capabilities).empty()) {
            offers.push_back(to_json(record.proposal));
        } else if (missing_tag(record, capabilities) != nullptr &&
                   record.proposal.state == ProposalState::Offered) {
            ++withheld;
        }
    }
    return {{"offers", offers}, {"withheld", withheld}};
}

Json Core::handle(const QueryCmd& query, const Command& command) {
    const auto stored = answered_.find(command.client, query.cmd_id);
    if (!stored) {
        return {{"cmd_id", query.cmd_id}, {"known", false}};
    }
    return {{"cmd_id", query.cmd_id},
            {"known", true},
            {"kind", stored->kind},
            {"result", Json::parse(stored->reply)}};
}

void Core::note_applied(const std::string& client,
                        const std::map<std::string, std::int64_t>& applied) {
    Session& session = sessions_.hear(client, now());
    for (const auto& [name, seq] : applied) {
        // Anybody can make up names: those that are none of ours would stay for ever.
        if (campaigns_.count(name) == 0 || !sees(name)) {
            continue;
        }
        const auto [known, first] = session.applied.try_emplace(name);
        Position& position = known->second;
        const std::int64_t behind = history_.seq(name) - seq;
        // Whoever reads a long history is far behind and comes nearer.
        const bool nearer = first || behind < position.behind;
        position.seq = seq;
        position.behind = behind;
        position.told_at = now();
        if (behind <= kCaughtUp) {
            position.alarmed = false;
        } else if (behind > kLagAlarm && !nearer && !std::exchange(position.alarmed, true)) {
            raise_alarm(name,
                        client + " is more than " + std::to_string(kLagAlarm) +
                            " events behind and comes no nearer; it should REPLAY");
        }
    }
}

Json Core::handle(const Ping& ping, const Command& command) {
    note_applied(command.client, ping.applied);
    return {{"epoch", epoch_}, {"time", time_text()}};
}

Json Core::handle(const AckAlarm& ack, const Command& command) {
    const auto open = store_.open_alarms();
    const auto found = std::find_if(
        open.begin(), open.end(), [&](const AlarmRow& row) { return row.id == ack.alarm; });
    if (found == open.end()) {
        throw Refusal{ErrorCode::IllegalState, "no open alarm has the id \"" + ack.alarm + "\""};
    }
    require_sight(found->campaign);
    store_.ack_alarm(ack.alarm, command.client);
    AlarmRow acked = *found;
    acked.acked_by = command.client;
    history_.changes().row(acked);
    emit(found->campaign,
         "ALARM_ACKED",
         "",
         {{"alarm", ack.alarm}, {"client", command.client}, {"note", ack.note}});
    const auto campaign = campaigns_.find(found->campaign);
    if (campaign != campaigns_.end() && campaign->second.record.suspects.alarm == ack.alarm) {
        trust_suspects(campaign->second);
    }
    if (campaign != campaigns_.end()) {
        const auto acknowledged =
            std::erase_if(campaign->second.record.failures,
                          [&](const auto& run) { return run.second.alarm == ack.alarm; });
        if (acknowledged > 0) {
            touch(campaign->second);
        }
    }
    return {{"alarm", ack.alarm}};
}

void Core::ask_why(const Why& why, const Command& command, ReplySink reply) {
    const ProposalRecord& record = find_proposal(why.proposal);
    const Proposal& proposal = record.proposal;
    Json nearest = Json::array();
    for (const auto& neighbour : proposal.nearest) {
        nearest.push_back({{"name", neighbour.name},
                           {"source", neighbour.source},
                           {"similarity", neighbour.similarity}});
    }
    // What was stored when it was proposed; the learner's recomputation stands beside it.
    Json account{{"proposal", proposal.id},
                 {"model", proposal.provenance.model},
                 {"data_snapshot", proposal.provenance.data_snapshot},
                 {"policy", proposal.provenance.policy},
                 {"kernel", proposal.provenance.kernel},
                 {"seed", proposal.provenance.seed},
                 {"score", proposal.provenance.score},
                 {"p", proposal.p ? Json(*proposal.p) : Json(nullptr)},
                 {"interaction", proposal.p ? Json(proposal.interaction) : Json(nullptr)},
                 {"popularity", proposal.p ? Json(proposal.popularity) : Json(nullptr)},
                 {"uncertainty", {{"logit_sd", proposal.uncertainty}}},
                 {"nearest", nearest},
                 {"text", proposal.reason}};
    auto answer_with = [account, reply, cause = command.id](Answer<std::string> answer) mutable {
        Reply done;
        done.cause = cause;
        if (answer.value) {
            account["recomputed"] = parsed_or_null(*answer.value);
        } else {
            account["recomputed"] = nullptr;
            account["not_recomputed_because"] = answer.error;
        }
        done.result_json = account.dump(-1, ' ', false, Json::error_handler_t::replace);
        reply(std::move(done));
    };
    // Not before the commit: when that fails the commands of the group are answered one by one.
    after_commit([this,
                  campaign = proposal.campaign,
                  candidate = proposal.candidate,
                  input = proposal.provenance.acquisition_input,
                  answer_with = std::move(answer_with)] {
        // A campaign that had ended before this daemon started is opened when somebody asks.
        open_campaign(campaign);
        learning_.why(campaign, candidate, input, answer_with);
    });
}

}  // namespace cupel::controller
