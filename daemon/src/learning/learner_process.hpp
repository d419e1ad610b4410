// The dual-encoder learner in a supervised child: `cupel-learner serve`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <cupel/controller.hpp>

#include "learning_service.hpp"

namespace cupel::controller {

struct LearnerProcessOptions {
    std::string program;                  ///< path of cupel-learner
    std::filesystem::path models;         ///< folder of model blobs
    std::string device = "auto";          ///< "auto", "cpu", "cuda", "cuda:N"
    int epochs = 0;                       ///< 0: the learner's own
    std::vector<std::string> extra;       ///< arguments after `serve`
    std::optional<std::uint64_t> memory;  ///< bytes of address space; LibTorch reserves a lot
    /// A call during which no line comes for so long ends the child. A training says something at
    /// every tenth, and every ten seconds.
    std::chrono::milliseconds silence{300'000};
    std::chrono::milliseconds first_pause{1'000};  ///< before a restart; doubles each time
    std::chrono::milliseconds longest_pause{60'000};
    int attempts = 2;  ///< a call that ended so many children is refused
    /// A `why` that has no answer by then is refused: a person waits, and has the stored numbers.
    std::chrono::milliseconds why_patience{4'000};
    /// stop(): for the end of its input to end the child, then for SIGTERM, then SIGKILL.
    std::chrono::milliseconds stop_patience{2'000};
};

/// One child, started with the first call, spoken to by one thread, one request at a time. When
/// the child dies, hangs or babbles it is started again after a pause, the campaigns are opened
/// again with all their labels, and the call it died of is made once more. One alarm when that
/// begins, closed when it is over. Lines that are not ours are counted and logged.
class LearnerProcess final : public LearningService {
  public:
    explicit LearnerProcess(LearnerProcessOptions options, LogSink log = {});
    ~LearnerProcess() override;
    LearnerProcess(const LearnerProcess&) = delete;
    LearnerProcess& operator=(const LearnerProcess&) = delete;

    void attach(Post post, AlarmSink alarm) override;
    void attach_closer(AlarmCloser closer) override;
    bool needs_data() const override { return true; }
    bool keeps_models() const override { return true; }
    void open(const LearningTask& task, Done<OpenedModel> done) override;
    void observe(const std::string& campaign,
                 std::vector<LearnerLabel> labels,
                 Done<OpenedModel> done) override;
    void train(const std::string& campaign,
               bool full,
               std::vector<LearnerLabel> labels,
               Done<TrainedModel> done) override;
    void roll_back(const std::string& campaign,
                   const std::string& model,
                   std::vector<LearnerLabel> labels,
                   Done<OpenedModel> done) override;
    void forget(const std::string& campaign, std::vector<std::string> models) override;
    void suggest(SuggestRequest request, Done<Suggestion> done) override;
    /// Goes before whatever waits. Refused at once while the child is away or trains, and after
    /// `why_patience`: a person waits for it.
    void why(const std::string& campaign,
             const Candidate& candidate,
             const std::string& acquisition_input,
             Done<std::string> done) override;
    LearnerStatus status() const override;
    /// Within three times `stop_patience`.
    void stop() override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
