// The thread and the open campaigns behind the popularity baseline.
#include "popularity_service.hpp"

#include <exception>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "../supervision/work_queue.hpp"
#include "answer_gate.hpp"
#include "popularity_campaign.hpp"

namespace cupel::controller {

struct PopularityService::Impl {
    AnswerGate gate;
    std::map<std::string, PopularityCampaign> campaigns;  ///< touched by the thread only
    WorkQueue work;                                       ///< last: ends before what it uses

    Impl() { work.start(); }

    PopularityCampaign& campaign(const std::string& name) {
        const auto found = campaigns.find(name);
        if (found == campaigns.end()) {
            throw std::runtime_error("campaign '" + name + "' is not open");
        }
        return found->second;
    }

    /// Runs `step` on the thread; what it throws becomes the answer.
    template <typename T, typename Step>
    void run(Done<T> done, Step step) {
        work.push([this, done = std::move(done), step = std::move(step)]() mutable {
            try {
                gate.answer<T>(done, step());
            } catch (const std::exception& error) {
                gate.refuse<T>(done, error.what());
            }
        });
    }
};

namespace {

OpenedModel opened(const PopularityCampaign& campaign) {
    OpenedModel model;
    model.model = campaign.model();
    model.data_snapshot = campaign.data_snapshot();
    model.kernel = PopularityCampaign::kKernel;
    model.candidates = static_cast<std::int64_t>(campaign.candidates());
    model.warning = campaign.warning();
    model.details_json = nlohmann::ordered_json{{"model", model.model},
                                                {"data_snapshot", model.data_snapshot},
                                                {"kernel", model.kernel},
                                                {"candidates", model.candidates},
                                                {"data_keys", campaign.data_keys()}}
                             .dump();
    return model;
}

}  // namespace

PopularityService::PopularityService() : impl_(std::make_unique<Impl>()) {}

PopularityService::~PopularityService() {
    stop();
}

void PopularityService::attach(Post post, AlarmSink alarm) {
    impl_->gate.attach(std::move(post), std::move(alarm));
}

void PopularityService::require(const CampaignConfig& config) const {
    PopularityCampaign::require(config.policy, config.cost_exponent);
}

void PopularityService::open(const LearningTask& task, Done<OpenedModel> done) {
    impl_->run(std::move(done), [impl = impl_.get(), task] {
        impl->campaigns.erase(task.campaign);
        const auto place = impl->campaigns.emplace(task.campaign, PopularityCampaign(task)).first;
        return opened(place->second);
    });
}

void PopularityService::observe(const std::string& campaign,
                                std::vector<LearnerLabel> labels,
                                Done<OpenedModel> done) {
    impl_->run(std::move(done), [impl = impl_.get(), campaign, labels = std::move(labels)] {
        PopularityCampaign& open = impl->campaign(campaign);
        open.observe(labels);
        return opened(open);
    });
}

void PopularityService::train(const std::string& campaign,
                              bool full,
                              std::vector<LearnerLabel> labels,
                              Done<TrainedModel> done) {
    impl_->run(std::move(done), [impl = impl_.get(), campaign, full, labels = std::move(labels)] {
        PopularityCampaign& open = impl->campaign(campaign);
        TrainedModel trained;
        trained.parent = open.train(labels);
        trained.model = open.model();
        trained.data_snapshot = open.data_snapshot();
        trained.promoted = true;
        trained.details_json = nlohmann::ordered_json{{"model", trained.model},
                                                      {"parent", trained.parent},
                                                      {"data_snapshot", trained.data_snapshot},
                                                      {"kind", full ? "full" : "warm"},
                                                      {"text", "counts have no gate to pass"}}
                                   .dump();
        return trained;
    });
}

void PopularityService::suggest(SuggestRequest request, Done<Suggestion> done) {
    impl_->run(std::move(done), [impl = impl_.get(), request = std::move(request)] {
        return impl->campaign(request.campaign).suggest(request);
    });
}

void PopularityService::why(const std::string& campaign,
                            const Candidate& candidate,
                            const std::string& acquisition_input,
                            Done<std::string> done) {
    impl_->run(std::move(done), [impl = impl_.get(), campaign, candidate, acquisition_input] {
        return impl->campaign(campaign).why(candidate, acquisition_input);
    });
}

void PopularityService::stop() {
    impl_->gate.close();
    impl_->work.stop(WorkQueue::Rest::Drop);
}

}  // namespace cupel::controller
