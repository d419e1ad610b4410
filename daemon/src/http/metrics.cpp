// prometheus-cpp's registry for what is counted here, its serialiser for all.
#include "metrics.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "status_metrics.hpp"

namespace cupel::controller {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildHistogram;
using prometheus::Histogram;

/// From a tenth of a millisecond to ten seconds.
const Histogram::BucketBoundaries kSeconds{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};

}  // namespace

struct Metrics::Impl {
    explicit Impl(const std::string& given) : version(given) {}

    /// The registry finds a counter by building and hashing its labels; one that was found is kept.
    prometheus::Counter& answers(std::string_view kind, std::string_view result) {
        const std::lock_guard lock(mutex);
        auto of_kind = known_answers.find(kind);
        if (of_kind == known_answers.end()) {
            of_kind = known_answers.emplace(kind, Counters()).first;
        }
        auto known = of_kind->second.find(result);
        if (known == of_kind->second.end()) {
            auto& counter =
                commands.Add({{"kind", of_kind->first}, {"result", std::string(result)}});
            known = of_kind->second.emplace(result, &counter).first;
        }
        return *known->second;
    }

    using Counters = std::map<std::string, prometheus::Counter*, std::less<>>;

    std::string version;
    std::mutex mutex;
    std::map<std::string, Counters, std::less<>> known_answers;
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& commands =
        BuildCounter()
            .Name("cupel_commands_total")
            .Help("Commands that were answered, by kind and result")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& refusals =
        BuildCounter()
            .Name("cupel_refusals_total")
            .Help("ERR replies, by code, those to messages that were no command among them")
            .Register(registry);
    Histogram& command_seconds =
        BuildHistogram()
            .Name("cupel_command_seconds")
            .Help("From the arrival of a command to its reply, after the commit")
            .Register(registry)
            .Add({}, kSeconds);
    Histogram& commit_seconds = BuildHistogram()
                                    .Name("cupel_commit_seconds")
                                    .Help("Making one transaction with events durable")
                                    .Register(registry)
                                    .Add({}, kSeconds);
    prometheus::Counter& events = BuildCounter()
                                      .Name("cupel_events_published_total")
                                      .Help("Events that were committed and published")
                                      .Register(registry)
                                      .Add({});
};

Metrics::Metrics(const std::string& version) : impl_(std::make_unique<Impl>(version)) {}
Metrics::~Metrics() = default;

void Metrics::answered(std::string_view kind,
                       std::string_view result,
                       std::chrono::duration<double> took) {
    impl_->answers(kind, result).Increment();
    impl_->command_seconds.Observe(took.count());
}

void Metrics::refused(const std::string& code) {
    impl_->refusals.Add({{"code", code}}).Increment();
}

void Metrics::committed(std::chrono::duration<double> took, std::size_t events) {
    impl_->commit_seconds.Observe(took.count());
    impl_->events.Increment(static_cast<double>(events));
}

std::string Metrics::text(const std::string& status_json) const {
    auto families = impl_->registry.Collect();
    for (auto& family : status_metrics(impl_->version, status_json)) {
        families.push_back(std::move(family));
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace cupel::controller
