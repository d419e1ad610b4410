// STATUS: what is there, how it goes and what waits, for people and for the metrics.
#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <sys/statvfs.h>

#include <cupel/domain/vocabulary.hpp>

#include "acquisition_rule.hpp"
#include "core.hpp"

namespace cupel::controller {
namespace {

/// Without a word of how far it is, before a subscriber counts as gone: as many as it waits for us.
constexpr int kSilentHeartbeats = 4;

/// Of one campaign's proposals.
struct Tally {
    std::map<std::string, int> states;
    std::set<std::string_view> labels;  ///< identity keys, as the learner counts them
    int hits = 0;
    int audits = 0;
    int audit_hits = 0;
    int open = 0;  ///< offered or claimed: what refills aim at
};

/// Was it drawn by lot? Its acquisition input says so.
bool is_audit(const Proposal& proposal) {
    return acquisition_rule(proposal.provenance.acquisition_input) == "audit";
}

void count(Tally& tally, const ProposalRecord& record) {
    const ProposalState state = record.proposal.state;
    ++tally.states[std::string(to_string(state))];
    if (state == ProposalState::Offered || state == ProposalState::Claimed) {
        ++tally.open;
    }
    if (state == ProposalState::Labelled && record.outcome && teaches(*record.outcome)) {
        const int hit = label_of(*record.outcome).target.value_or(0.0) >= 0.8 ? 1 : 0;
        tally.labels.insert(record.proposal.identity_key);
        tally.hits += hit;
        if (is_audit(record.proposal)) {
            ++tally.audits;
            tally.audit_hits += hit;
        }
    }
}

std::uint64_t bytes_of(const std::filesystem::path& file) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    return error ? 0 : bytes;
}

Json store_status(const std::filesystem::path& store) {
    Json status{{"bytes", bytes_of(store)}, {"wal_bytes", bytes_of(store.string() + "-wal")}};
    struct statvfs disk {};
    if (::statvfs(store.c_str(), &disk) == 0) {
        status["free_bytes"] = std::uint64_t{disk.f_bavail} * disk.f_frsize;
        status["disk_bytes"] = std::uint64_t{disk.f_blocks} * disk.f_frsize;
    }
    return status;
}

Json learner_status(const LearnerStatus& learner) {
    return {{"state", learner.state},
            {"doing", learner.doing},
            {"problem", learner.problem},
            {"waiting", learner.waiting},
            {"restarts", learner.restarts},
            {"trainings", learner.trainings},
            {"training_s", learner.training_s}};
}

Json structures_status(const StructureStatus& structures) {
    return {{"waiting", structures.waiting},
            {"running", structures.running},
            {"analysed", structures.analysed},
            {"crashed", structures.crashed},
            {"problem", structures.problem}};
}

}  // namespace

Json Core::campaigns_status() {
    std::map<std::string, Tally> tallies;
    for (const auto& [id, record] : proposals_) {
        count(tallies[record.proposal.campaign], record);
    }
    for (const auto& [id, seen] : observations_) {
        if (teaches(seen.outcome)) {
            tallies[seen.campaign].labels.insert(seen.identity_key);
        }
    }
    std::map<std::string, int> held;
    for (const auto& [result, name] : held_) {
        ++held[name];
    }
    Json campaigns = Json::array();
    for (const auto& [name, campaign] : campaigns_) {
        if (!sees(name)) {
            continue;
        }
        const CampaignRecord& record = campaign.record;
        const Tally& tally = tallies[name];
        campaigns.push_back(
            {{"campaign", name},
             {"state", to_string(record.state)},
             {"reason", record.drain_reason},
             {"seq", history_.seq(name)},
             {"budget", record.config.budget},
             {"spent", record.spent},
             {"budget_cost",
              record.config.budget_cost ? Json(*record.config.budget_cost) : Json(nullptr)},
             {"spent_cost", record.spent_cost},
             {"proposals", tally.states},
             {"open", tally.open},
             {"open_offers", record.config.open_offers},
             {"max_unknown", record.config.max_unknown},
             {"labels", tally.labels.size()},
             {"held", held[name]},
             {"hits", tally.hits},
             {"audits", tally.audits},
             {"hits_without_audits", tally.hits - tally.audit_hits},
             {"policy", record.config.policy},
             {"model", record.model},
             {"learner_ready", campaign.opened},
             {"training", campaign.training}});
    }
    return campaigns;
}

Json Core::clients_status() {
    const std::chrono::seconds silence(kSilentHeartbeats * options_.heartbeat_s);
    Json clients = Json::array();
    for (const auto& [client, session] : sessions_.all()) {
        if (access_ != nullptr && !access_->sees_all() && client != access_->client) {
            continue;  // who else works here is not for the client of one campaign
        }
        // What it no longer follows would lag for ever; of one that has gone the whole is shown.
        const auto is_silent = [&](const auto& told) {
            return now() - told.second.told_at > silence;
        };
        const bool silent = !session.applied.empty() &&
                            std::all_of(session.applied.begin(), session.applied.end(), is_silent);
        std::int64_t lag = 0;
        for (const auto& told : session.applied) {
            if (silent || !is_silent(told)) {
                lag = std::max(lag, history_.seq(told.first) - told.second.seq);
            }
        }
        clients.push_back({{"client", client},
                           {"software", session.software},
                           {"version", session.version},
                           {"subscriber", !session.applied.empty()},
                           {"subscriber_silent", silent},
                           {"subscriber_lag", lag}});
    }
    return clients;
}

Json Core::alarms_status() {
    Json alarms = Json::array();
    if (trouble_.lasts()) {
        const AlarmRow trouble = trouble_.alarm();
        for (const auto& [name, campaign] : campaigns_) {
            if (sees(name)) {
                alarms.push_back({{"alarm", trouble.id},
                                  {"campaign", name},
                                  {"text", trouble.text},
                                  {"time", trouble.time}});
            }
        }
    }
    for (const auto& alarm : store_.open_alarms()) {
        if (sees(alarm.campaign)) {
            alarms.push_back({{"alarm", alarm.id},
                              {"campaign", alarm.campaign},
                              {"text", alarm.text},
                              {"time", alarm.time}});
        }
    }
    return alarms;
}

Json Core::handle(const Status&, const Command&) {
    const std::chrono::duration<double> up = now() - started_;
    Json status{{"epoch", epoch_},
                {"server", "cupeld"},
                {"version", options_.version},
                {"gseq", history_.gseq()},
                {"time", time_text()},
                {"uptime_s", up.count()},
                {"authenticated", access_ != nullptr},
                {"campaigns", campaigns_status()},
                {"clients", clients_status()},
                {"alarms", alarms_status()}};
    status["learner"] = learner_status(learning_.status());
    status["structures"] = structures_status(structures_.status());
    status["store"] = store_status(options_.store);
    return status;
}

}  // namespace cupel::controller
