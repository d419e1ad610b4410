// What the ledger knows of each proposal and each campaign, as one value each.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <cupel/domain/outcome.hpp>
#include <cupel/domain/proposal.hpp>

#include "campaign_config.hpp"
#include "leases.hpp"

namespace cupel::controller {

/// How strong the evidence behind an outcome is; the best one decides the label.
enum class Evidence { None, Claim, Structure, Reviewer };

/// Who asked a worker to stop, and why.
struct CancelRequest {
    std::string client, reason;
};

/// A file of a result, as it is kept.
struct StructureFile {
    std::string sha256, name;
    bool operator==(const StructureFile& o) const { return sha256 == o.sha256 && name == o.name; }
};

struct ProposalRecord {
    Proposal proposal;
    std::optional<Lease> lease;  ///< the current lease, or the last one of this attempt
    std::int64_t last_fence = 0;
    std::set<std::string> declined_by;
    bool charged = false;            ///< this attempt's START was charged to the budget
    std::string result;              ///< id of the result that stands, empty before one came
    std::optional<Outcome> claimed;  ///< what the worker said
    std::optional<Outcome> outcome;  ///< what was decided
    Evidence evidence = Evidence::None;
    std::vector<StructureFile> structures;  ///< still to be analysed; all are, then one decides
    std::string verdict_json;               ///< of the structure, empty without one
    Timestamp offered_at{};
    bool may_return = false;  ///< WITHDRAWN by no person's decision: it may be proposed again
    bool insisted = false;    ///< a person offers it again, whatever was seen before
    bool label_gone = false;  ///< by an amendment that is not judged yet
    std::optional<CancelRequest> cancel;  ///< of this attempt, and not refused by its worker
};

/// A model that passed the gate and that one can go back to.
struct PromotedModel {
    std::string model, data_snapshot;
    std::int64_t since_batch = 0;  ///< batches that were proposed before it served
    std::string labels_until;      ///< id (a ULID) after every result it was trained on
};

/// Results that a model which was rolled back had learnt from and the one before it had not: kept
/// from teaching until the alarm is acknowledged. Ids of results, both ends; empty = none.
struct Suspects {
    std::string after, until;
    std::string alarm;
    bool holds(const std::string& result) const {
        return !until.empty() && result > after && result <= until;
    }
};

/// Executions of one client that failed, with nothing else between them.
struct FailureRun {
    int count = 0;
    std::string
        alarm;  ///< said when there were too many; nothing to claim until it is acknowledged
};

struct CampaignRecord {
    std::string name;
    CampaignConfig config;
    CampaignState state = CampaignState::Running;
    std::string drain_reason;  ///< "budget", "stopped" or "pool" while DRAINING and after
    int spent = 0;
    double spent_cost = 0.0;
    std::int64_t batches = 0;  ///< refills so far; part of each suggestion's seed
    int labels_since_training = 0;
    std::string model, data_snapshot;
    std::string promoted;  ///< the last model that passed the gate; empty = the base model
    std::vector<PromotedModel> models;  ///< the last that passed, oldest first; at most five
    Suspects suspects;
    std::string watched_until;  ///< the last batch that a rollback has answered for
    int labels_since_full = 0;  ///< labels since the last full training
    int rows_at_full = 0;       ///< known clusters and labels it saw
    int anchor_falls = 0;       ///< trainings in a row that lowered the anchor's AUC
    Timestamp last_full{};
    std::map<std::string, FailureRun> failures;  ///< by client
    std::optional<CampaignState> before_restore;
    bool restored_unknowns = false;  ///< RESTORED until what a restore made UNKNOWN is settled
    std::vector<std::string> unread_observations;  ///< results whose structure is still to be read
};

/// A cluster that was seen without having been proposed.
struct ObservationRecord {
    std::string id, campaign, result;
    Candidate candidate;
    Outcome outcome;
    std::string identity_key, learning_key;
    Evidence evidence = Evidence::Claim;
    bool withdrawn = false;  ///< the result it was read from was taken back

    /// An execution that failed or was given up says nothing of the cluster.
    bool was_tried() const {
        return outcome.kind != OutcomeKind::ExecutionFailed &&
               outcome.kind != OutcomeKind::Abandoned;
    }
};

/// Full round trip through the store. Decoding throws InputError on damaged text.
nlohmann::json record_json(const ProposalRecord& record);
/// The same without the member `proposal`.
nlohmann::json record_json_around(const ProposalRecord& record);
ProposalRecord decode_proposal_record(const std::string& json);
nlohmann::json record_json(const CampaignRecord& record);
CampaignRecord decode_campaign_record(const std::string& json);
std::string encode_record(const ObservationRecord& record);
ObservationRecord decode_observation_record(const std::string& json);

}  // namespace cupel::controller
