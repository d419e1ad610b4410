// What a model promised in a campaign that is played offline, and what came of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/acquisition/outcome_process.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/learner/pair_similarity.hpp>
#include <cupel/learner/pool_posterior.hpp>
#include <cupel/learner/prequential_calibration.hpp>
#include <cupel/workbench/acquisition_policy.hpp>

namespace cupel::workbench {

/// The promises of one run, batch by batch before its outcomes were known, and of everything left
/// at its end: by the model as trained, by its Laplace head with the outcomes so far, by that head
/// scaled, and, where similarities are given, by a Gaussian process over how far the trained model
/// is off.
class CampaignPromises {
  public:
    /// `trained`, before any outcome, and `alike` (null: no process) must outlive this.
    CampaignPromises(const learner::PoolPosterior& trained, const learner::PairSimilarity* alike);

    /// Takes down what is said of `choices`, then their outcomes; `posterior` has not seen them.
    void take(const learner::PoolPosterior& posterior,
              const std::vector<Choice>& choices,
              const std::vector<char>& is_true);
    /// Judges everything that is still open.
    void close(const learner::PoolPosterior& posterior,
               const std::vector<char>& open,
               const std::vector<char>& is_true);

  private:
    friend nlohmann::ordered_json promises_json(const std::vector<CampaignPromises>& runs);

    const learner::PoolPosterior* trained_;
    std::optional<acquisition::OutcomeProcess> process_;
    learner::PrequentialCalibration calibration_;
    double promised_raw_ = 0.0, promised_ = 0.0, came_ = 0.0;
    std::vector<double> labels_, by_trained_, by_laplace_, by_scaled_,
        by_process_;  ///< a pick each
    learner::Reliability left_laplace_, left_scaled_, left_process_;
};

/// Means over the runs (null for everything left where nothing was), and what foretold the outcomes
/// best over the picks of all runs.
nlohmann::ordered_json promises_json(const std::vector<CampaignPromises>& runs);
/// The same for people, a few lines.
std::string promises_text(const nlohmann::ordered_json& promises);

}  // namespace cupel::workbench
