// Picks the services.
#include "services.hpp"

#include "learning/popularity_service.hpp"

namespace cupel::controller {
namespace {

/// Says of everything that there is nobody to do it.
class NoLearner final : public LearningService {
  public:
    void attach(Post post, AlarmSink) override { post_ = std::move(post); }
    void open(const LearningTask&, Done<OpenedModel> done) override { refuse(std::move(done)); }
    void observe(const std::string&, std::vector<LearnerLabel>, Done<OpenedModel> done) override {
        refuse(std::move(done));
    }
    void train(const std::string&,
               bool,
               std::vector<LearnerLabel>,
               Done<TrainedModel> done) override {
        refuse(std::move(done));
    }
    void suggest(SuggestRequest, Done<Suggestion> done) override { refuse(std::move(done)); }
    void why(const std::string&,
             const Candidate&,
             const std::string&,
             Done<std::string> done) override {
        refuse(std::move(done));
    }
    void stop() override {}

  private:
    template <typename T>
    void refuse(Done<T> done) {
        post_([done = std::move(done)] { done({std::nullopt, "this daemon has no learner"}); });
    }
    Post post_;
};

class NoStructures final : public StructureService {
  public:
    void analyse(StructureRequest, std::function<void(StructureAnswer)> done) override {
        done({std::nullopt, "unavailable", "this daemon reads no structures", false});
    }
    void stop() override {}
};

}  // namespace

Services make_services(const Config& config) {
    Services services{nullptr, std::make_unique<NoStructures>()};
    if (config.learner.kind == "popularity") {
        services.learning = std::make_unique<PopularityService>();
    } else {
        services.learning = std::make_unique<NoLearner>();
    }
    return services;
}

}  // namespace cupel::controller
