// Events as alarm clock, polling as the fallback.
#include "wake_up.hpp"

#include <thread>

namespace cupel::simulator {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPoll{1000};        ///< without events
constexpr milliseconds kPollAnyway{5000};  ///< with events, should they fail

/// Offers come and go, verdicts wait for a person, campaigns end.
bool concerns_a_worker(const client::Heard& heard) {
    const std::string& kind = heard.event.kind;
    return !heard.snapshot_json.empty() || kind == "OFFERED" || kind == "REVIEW_REQUESTED" ||
           kind == "VERDICT" || kind.rfind("CAMPAIGN_", 0) == 0;
}

}  // namespace

WakeUp::WakeUp(const BenchOptions& options) {
    if (options.events.empty()) {
        return;
    }
    client::SubscriberOptions wanted;
    wanted.client.control = options.connect;
    wanted.client.name = options.name + "-ears";
    wanted.client.software = "cupel-simulator";
    wanted.events = options.events;
    if (!options.campaign.empty()) {
        wanted.campaigns = {options.campaign};
    }
    subscriber_.emplace(std::move(wanted));
}

void WakeUp::wait() {
    if (!subscriber_) {
        std::this_thread::sleep_for(kPoll);
        return;
    }
    const auto deadline = Clock::now() + kPollAnyway;
    for (auto now = Clock::now(); now < deadline; now = Clock::now()) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - now);
        const auto heard = subscriber_->next(left);
        if (heard && concerns_a_worker(*heard)) {
            return;
        }
    }
}

}  // namespace cupel::simulator
