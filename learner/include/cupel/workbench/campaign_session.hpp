// One campaign as the learner sees it: model, pool, labels; suggestions and explanations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/proposal.hpp>
#include <cupel/learner/learner.hpp>
#include <cupel/learner/prequential_calibration.hpp>
#include <cupel/workbench/explanation.hpp>
#include <cupel/workbench/promotion_gate.hpp>

namespace cupel::workbench {

struct SessionOptions {
    std::string campaign;
    std::filesystem::path pool;
    std::filesystem::path data;  ///< table of known clusters
    std::filesystem::path models;
    std::string policy = "ucb";
    std::string model;  ///< hash of a stored model to go on from; empty = the base model
    /// b and the cost of an experiment's work in a / c^b: see BatchOptions.
    double cost_exponent = 0.0;
    double work_cost = 1.0;
    /// Table of the ligands at hand, read again for every batch: nothing else is proposed, and its
    /// costs count. Empty = every ligand, and the costs of the pool.
    std::filesystem::path stock;
    std::vector<std::string> avoid_hazards;  ///< rules that no proposal may meet
    learner::LearnerOptions learner;
};

/// A label as the daemon sends it.
struct SessionLabel {
    std::string identity_key, learning_key;
    Candidate candidate;
    std::optional<double> pair, target;
    bool provisional = false;
    /// What the model said of it when it proposed it, from its acquisition input: the outcomes so
    /// far scale what is said next. Nothing where no model proposed it.
    std::optional<learner::Promise> promise;
};

/// One suggestion.
struct Suggested {
    std::string key;
    Candidate candidate;
    double p = 0.0;  ///< scaled by the outcomes so far
    double interaction = 0.0, popularity = 0.0, uncertainty = 0.0, score = 0.0;
    double cost = 1.0;  ///< of its reagents: in stock where there is one, else as the pool has it
    std::string reason;
    std::vector<Neighbour> nearest;
    std::string acquisition_input;  ///< JSON, with `mean` and `variance` of the logit
};

struct TrainingReport {
    std::string model;      ///< that serves now
    std::string parent;     ///< that served before
    std::string candidate;  ///< that was trained; serves when it was promoted
    bool promoted = false;
    std::size_t rows = 0;  ///< known clusters and experiments it was trained on
    GateReport gate;
};

/// Not thread-safe.
class CampaignSession {
  public:
    /// Takes up the model that was asked for; without one trains the base model, or loads it when
    /// `models` holds one for the same data and settings. A model that is not stored any more is
    /// replaced by the base model, and warning() says so; one whose content is not what its name
    /// says is InputError("bad_model").
    CampaignSession(const SessionOptions& options, const learner::ProgressCallback& progress);
    CampaignSession(CampaignSession&&) noexcept;
    CampaignSession& operator=(CampaignSession&&) noexcept;
    ~CampaignSession();

    /// One line when the model is not the one that was asked for, the pool names candidates twice,
    /// or some are not proposed because the data report their pair; else empty.
    const std::string& warning() const;
    std::size_t candidates() const;
    std::string model() const;    ///< hash of the model as it stands
    std::string encoder() const;  ///< hash of its encoder
    std::string head() const;
    /// Hash over the learning keys (and labels) that the model has seen.
    std::string data_snapshot() const;
    /// Learning keys of the known clusters and of all labels, sorted.
    std::vector<std::string> data_keys() const;
    const std::string& policy() const;
    /// Labels that the networks were taught and that do not stand any more; all they were taught,
    /// before the first observe(). Training alone takes them back.
    std::size_t stale() const;

    /// Replaces all labels, and with them the scale of what is promised; heads only. A label whose
    /// candidate the model cannot read (no ligands, a SMILES that does not parse) is set aside: one
    /// of them must not keep the others from teaching.
    void observe(const std::vector<SessionLabel>& labels);
    /// Why each label was set aside that the last observe() or train() could not read.
    const std::vector<std::string>& set_aside() const;
    /// Retrains on everything; the new model serves only when the gate lets it pass.
    TrainingReport train(bool full,
                         const std::vector<SessionLabel>& labels,
                         const learner::ProgressCallback& progress);
    /// Goes back to a stored model (empty = the base model) with these labels in its head.
    /// Throws InputError("no_model", "bad_model") and stays where it was.
    void roll_back(const std::string& model, const std::vector<SessionLabel>& labels);
    /// Removes stored models that nobody will ask for, but never the one that serves. Returns the
    /// number of files removed.
    std::size_t forget(const std::vector<std::string>& models);
    /// Up to `count` candidates; fewer when the pool runs out. None of a pair (core and ligand set,
    /// counts left out) that is known, was made or is pending, nor of one that failed under the
    /// same conditions.
    std::vector<Suggested> suggest(std::size_t count,
                                   std::uint64_t seed,
                                   const std::vector<std::string>& pending,
                                   const std::vector<std::string>& excluded);
    /// Recomputes a prediction under the model and the scale that `acquisition_input` names (empty:
    /// the present ones). Throws InputError when that model is not stored.
    Explanation why(const Candidate& candidate, const std::string& acquisition_input);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::workbench
