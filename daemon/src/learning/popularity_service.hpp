// The baseline as a learner of its own: popularity and chance, in the daemon's process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "learning_service.hpp"

namespace cupel::controller {

/// Policies `popularity` and `random`; no model beside counts, no child process. Answers in the
/// order it was asked, from a thread of its own. A bad pool, table or policy is the answer to
/// open(): "file:line: problem".
class PopularityService final : public LearningService {
  public:
    PopularityService();
    ~PopularityService() override;
    PopularityService(const PopularityService&) = delete;
    PopularityService& operator=(const PopularityService&) = delete;

    void attach(Post post, AlarmSink alarm) override;
    std::string default_policy() const override { return "popularity"; }
    void require(const CampaignConfig& config) const override;
    void open(const LearningTask& task, Done<OpenedModel> done) override;
    /// Counts again; a matter of milliseconds.
    void observe(const std::string& campaign,
                 std::vector<LearnerLabel> labels,
                 Done<OpenedModel> done) override;
    /// As observe(): there is nothing else to train, so the new counts always serve.
    void train(const std::string& campaign,
               bool full,
               std::vector<LearnerLabel> labels,
               Done<TrainedModel> done) override;
    void suggest(SuggestRequest request, Done<Suggestion> done) override;
    void why(const std::string& campaign,
             const Candidate& candidate,
             const std::string& acquisition_input,
             Done<std::string> done) override;
    void stop() override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
