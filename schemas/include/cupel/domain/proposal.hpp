// A proposal and where it stands in its life.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/timestamp.hpp>

namespace cupel {

enum class ProposalState {
    Proposed,
    InReview,
    Offered,
    Claimed,
    Started,
    CancelRequested,
    Unknown,
    ResultIn,
    Awaiting,
    Labelled,
    Rejected,
    Withdrawn,
    Expired,
    Cancelled,
    Failed,
    Abandoned,
    Retracted,
};

/// States nothing leaves.
bool is_terminal(ProposalState state) noexcept;

enum class LeaseClass { Robot, Person, Facility };
enum class CampaignState { Draft, Running, Paused, Draining, Finished, Restored };

/// A reported cluster near the proposed one.
struct Neighbour {
    std::string name;
    std::string source;  ///< DOI or page
    double similarity = 0.0;
};

/// Everything needed to say why, and to recompute it.
struct Provenance {
    std::string model;          ///< hash of the model
    std::string data_snapshot;  ///< hash of the labels the model had seen
    std::string policy;
    std::string kernel;  ///< machine type and BLAS kernel the score was computed with
    std::uint64_t seed = 0;
    double score = 0.0;             ///< acquisition value
    std::string acquisition_input;  ///< JSON: pending set, believer values, pool hash
};

struct Proposal {
    std::string id;  ///< ULID
    std::string campaign;
    std::string batch;
    int attempt = 1;
    ProposalState state = ProposalState::Proposed;
    Candidate candidate;
    std::string identity_key;
    std::string learning_key;
    /// Predicted probability that the target is made; nothing when no model proposed it (edited).
    std::optional<double> p;
    double interaction = 0.0;  ///< logit share of core-ligand interaction
    double popularity = 0.0;   ///< logit share of core and ligand popularity
    double uncertainty = 0.0;  ///< standard deviation of the logit
    std::string reason;
    std::vector<Neighbour> nearest;
    Provenance provenance;
    double cost = 1.0;
    std::vector<std::string> hazards;        ///< names of the hazard rules the candidate meets
    std::vector<std::string> required_tags;  ///< tags a worker must have to see and claim it
    std::optional<std::string> edited_from;
    Timestamp created{};
};

}  // namespace cupel
