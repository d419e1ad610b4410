// The one interface between the campaigns and whatever learns.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/proposal.hpp>

#include "../campaign/campaign_config.hpp"

namespace cupel::controller {

/// What a campaign asks the learner to work with.
struct LearningTask {
    std::string campaign;
    std::string pool;  ///< path, JSON lines
    std::string data;  ///< path of the table for the base model; empty = none
    std::string policy;
    std::uint64_t seed = 1;
    std::string model{};  ///< the last promoted one, to go on from; empty = the base model
    /// As the keys of the campaign of the same names.
    double cost_exponent = 0.0;
    double work_cost = 1.0;
    std::string stock{};
    std::vector<std::string> avoid_hazards{};
};

/// One label as the learner sees it. A request carries all labels so far.
struct LearnerLabel {
    std::string identity_key;
    std::string learning_key;
    Candidate candidate;
    std::optional<double> pair;
    std::optional<double> target;
    bool provisional = false;
    /// Of the proposal that it is the outcome of, as the learner gave it; empty = none.
    std::string acquisition_input{};
};

struct OpenedModel {
    std::string model;
    std::string data_snapshot;
    std::string kernel;
    std::int64_t candidates = 0;
    std::string details_json = "{}";  ///< the learner's whole answer, for the event
    std::string warning{};            ///< one line for people; empty = all is as it was asked for
    int stale = 0;  ///< labels that training has taught it and that do not stand any more
};

struct TrainedModel {
    std::string model;
    std::string parent;
    std::string data_snapshot;
    bool promoted = false;
    std::string details_json = "{}";
    std::string candidate{};  ///< what was trained; serves as `model` when it was promoted
};

/// One suggested candidate with everything its proposal records.
struct Pick {
    std::string key;  ///< identity key
    Candidate candidate;
    double p = 0.0, interaction = 0.0, popularity = 0.0, uncertainty = 0.0, score = 0.0;
    double cost = 1.0;
    std::string reason;
    std::vector<Neighbour> nearest;
    std::string acquisition_input;
};

struct Suggestion {
    std::string model, data_snapshot, policy, kernel;
    std::vector<Pick> picks;
};

struct SuggestRequest {
    std::string campaign;
    int count = 0;
    std::uint64_t seed = 0;
    std::vector<std::string> pending;   ///< identity keys that are out: conditioned on
    std::vector<std::string> excluded;  ///< identity keys that are done: never suggested
    std::vector<LearnerLabel> labels;   ///< all so far, so that any implementation can answer
};

/// How a learner does, for STATUS and the metrics.
struct LearnerStatus {
    std::string state = "ready";  ///< "ready", "busy" or "away" (it ended and is started again)
    std::string doing{};          ///< the call it is busy with: "open", "train", "suggest", ...
    std::string problem{};        ///< why it is away
    int waiting = 0;              ///< calls in line
    int restarts = 0;             ///< since this daemon started
    int trainings = 0;            ///< finished, likewise
    double training_s = 0.0;      ///< spent on those
};

/// An answer, or what went wrong.
template <typename T>
struct Answer {
    std::optional<T> value;
    std::string error;
};
template <typename T>
using Done = std::function<void(Answer<T>)>;

/// Runs a closure on the ledger thread.
using Post = std::function<void(std::function<void()>)>;
/// Says that something needs a person's attention: campaign (empty = all) and one line.
using AlarmSink = std::function<void(const std::string& campaign, const std::string& text)>;
/// Says that what an alarm with this text was about is over: it is closed with a note.
using AlarmCloser = std::function<void(
    const std::string& campaign, const std::string& text, const std::string& note)>;

/// Every call returns at once; each `done` is called exactly once, through the Post given to
/// attach(), unless the service is stopped first.
class LearningService {
  public:
    virtual ~LearningService() = default;
    /// To be called once, before anything else.
    virtual void attach(Post post, AlarmSink alarm) = 0;
    /// For services whose troubles end by themselves; before anything else, as attach().
    virtual void attach_closer(AlarmCloser) {}
    /// Are there models that one can go back to?
    virtual bool keeps_models() const { return false; }
    /// Can no campaign be opened without a table of reported clusters?
    virtual bool needs_data() const { return false; }
    /// Of a campaign that names none.
    virtual std::string default_policy() const { return "ucb"; }
    /// Throws ConfigError when it cannot serve a campaign with these keys.
    virtual void require(const CampaignConfig&) const {}
    virtual void open(const LearningTask& task, Done<OpenedModel> done) = 0;
    virtual void observe(const std::string& campaign,
                         std::vector<LearnerLabel> labels,
                         Done<OpenedModel> done) = 0;
    virtual void train(const std::string& campaign,
                       bool full,
                       std::vector<LearnerLabel> labels,
                       Done<TrainedModel> done) = 0;
    /// Goes back to a model that served before, with these labels in its head.
    virtual void roll_back(const std::string& /*campaign*/,
                           const std::string& /*model*/,
                           std::vector<LearnerLabel> /*labels*/,
                           Done<OpenedModel> done) {
        done({std::nullopt, "this learner keeps no models to go back to"});
    }
    /// These models are asked for no more: what only they need may be removed.
    virtual void forget(const std::string& /*campaign*/, std::vector<std::string> /*models*/) {}
    virtual void suggest(SuggestRequest request, Done<Suggestion> done) = 0;
    /// The learner's account of a candidate, as a JSON object for WHY.
    virtual void why(const std::string& campaign,
                     const Candidate& candidate,
                     const std::string& acquisition_input,
                     Done<std::string> done) = 0;
    /// Thread-safe, at once.
    virtual LearnerStatus status() const { return {}; }
    /// Ends threads and children; no `done` is called afterwards. Idempotent; the ledger's thread
    /// may be asking for something meanwhile.
    virtual void stop() = 0;
};

}  // namespace cupel::controller
