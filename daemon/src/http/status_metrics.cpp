// One line for each figure: name, what it is, where it stands.
#include "status_metrics.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

namespace cupel::controller {
namespace {

using Json = nlohmann::json;
using Labels = std::vector<prometheus::ClientMetric::Label>;
using Type = prometheus::MetricType;

class Families {
  public:
    void add(Type type,
             const std::string& name,
             const std::string& help,
             double value,
             const Labels& labels = {}) {
        const auto known = std::find_if(
            made_.begin(), made_.end(), [&](const auto& family) { return family.name == name; });
        auto& family = known == made_.end()
                           ? made_.emplace_back(prometheus::MetricFamily{name, help, type, {}})
                           : *known;
        prometheus::ClientMetric metric;
        metric.label = labels;
        (type == Type::Counter ? metric.counter.value : metric.gauge.value) = value;
        family.metric.push_back(std::move(metric));
    }
    void gauge(const std::string& name,
               const std::string& help,
               double value,
               const Labels& labels = {}) {
        add(Type::Gauge, name, help, value, labels);
    }
    std::vector<prometheus::MetricFamily> take() { return std::move(made_); }

  private:
    std::vector<prometheus::MetricFamily> made_;
};

/// A figure of a JSON object under its metric's name.
struct Figure {
    Type type;
    const char* key;
    const char* name;
    const char* help;
};

double number(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found != object.end() && found->is_boolean()) {
        return found->get<bool>() ? 1.0 : 0.0;
    }
    return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

template <std::size_t N>
void add_figures(Families& families,
                 const Json& object,
                 const Figure (&figures)[N],
                 const Labels& labels = {}) {
    for (const auto& figure : figures) {
        families.add(figure.type, figure.name, figure.help, number(object, figure.key), labels);
    }
}

/// One series for each state, 1 for the one it is in.
template <std::size_t N>
void add_state(Families& families,
               const std::string& name,
               const std::string& help,
               const std::string& state,
               const char* const (&states)[N],
               Labels labels = {}) {
    labels.push_back({"state", ""});
    for (const char* each : states) {
        labels.back().value = each;
        families.gauge(name, help, state == each ? 1.0 : 0.0, labels);
    }
}

constexpr const char* kCampaignStates[] = {
    "DRAFT", "RUNNING", "PAUSED", "DRAINING", "FINISHED", "RESTORED"};
constexpr const char* kLearnerStates[] = {"ready", "busy", "away"};

constexpr Figure kCampaign[] = {
    {Type::Gauge, "open", "cupel_campaign_open", "Proposals that are offered or claimed"},
    {Type::Gauge, "open_offers", "cupel_campaign_open_target", "How many of those are aimed at"},
    {Type::Gauge, "budget", "cupel_campaign_budget_experiments", "Experiments it may spend"},
    {Type::Gauge, "spent", "cupel_campaign_spent_experiments", "Experiments it has spent"},
    {Type::Gauge, "spent_cost", "cupel_campaign_spent_cost", "Cost it has spent"},
    {Type::Gauge, "labels", "cupel_campaign_labels", "Proposals with a label"},
    {Type::Gauge, "hits", "cupel_campaign_hits", "Labels that are hits"},
    {Type::Gauge, "seq", "cupel_campaign_seq", "Its last event"},
    {Type::Gauge, "learner_ready", "cupel_campaign_learner_ready", "Has it a model?"},
    {Type::Gauge, "training", "cupel_campaign_training", "Is its model being trained?"}};

constexpr Figure kBus[] = {
    {Type::Gauge, "connections", "cupel_connections", "Connections of both sockets"},
    {Type::Gauge, "waiting", "cupel_commands_waiting", "Commands without an answer yet"},
    {Type::Counter,
     "refused_connections",
     "cupel_refused_connections_total",
     "Connections that were one too many"},
    {Type::Counter,
     "refused_subscriptions",
     "cupel_refused_subscriptions_total",
     "Subscriptions that were not granted"},
    {Type::Counter,
     "bad_messages",
     "cupel_bad_messages_total",
     "Messages that were not of the protocol"},
    {Type::Counter,
     "anonymous",
     "cupel_anonymous_messages_total",
     "Messages without an identity; dropped"},
    {Type::Counter, "lost_replies", "cupel_lost_replies_total", "Replies that found no reader"}};

constexpr Figure kLearner[] = {
    {Type::Gauge, "waiting", "cupel_learner_waiting", "Calls in line at the learner"},
    {Type::Counter, "restarts", "cupel_learner_restarts_total", "Learners that ended or hung"},
    {Type::Counter,
     "trainings",
     "cupel_learner_trainings_total",
     "Trainings on labels that ended; that of a base model is none"},
    {Type::Counter,
     "training_s",
     "cupel_learner_training_seconds_total",
     "Time spent on those trainings"}};

constexpr Figure kStructures[] = {
    {Type::Gauge, "waiting", "cupel_structures_waiting", "Structure files in line"},
    {Type::Gauge, "running", "cupel_structures_running", "Structure files being analysed"},
    {Type::Counter, "analysed", "cupel_structures_analysed_total", "Analyses that ended"},
    {Type::Counter, "crashed", "cupel_structures_crashed_total", "Analyses that died"}};

constexpr Figure kStore[] = {
    {Type::Gauge, "bytes", "cupel_store_bytes", "Size of the database"},
    {Type::Gauge, "wal_bytes", "cupel_store_wal_bytes", "Size of its write-ahead log"},
    {Type::Gauge, "free_bytes", "cupel_store_free_bytes", "Room left on its disk"},
    {Type::Gauge, "disk_bytes", "cupel_store_disk_bytes", "Size of its disk"}};

void add_campaigns(Families& families, const Json& campaigns) {
    for (const auto& campaign : campaigns) {
        const Labels labels{{"campaign", campaign.at("campaign").get<std::string>()}};
        add_state(families,
                  "cupel_campaign_state",
                  "1 for the state it is in",
                  campaign.at("state").get<std::string>(),
                  kCampaignStates,
                  labels);
        add_figures(families, campaign, kCampaign, labels);
        for (const auto& [state, count] : campaign.at("proposals").items()) {
            Labels both = labels;
            both.push_back({"state", state});
            families.gauge("cupel_proposals", "Proposals by state", count.get<double>(), both);
        }
    }
}

/// Which client is behind is in STATUS: names of clients are no labels, anybody can make one.
void add_clients(Families& families, const Json& clients) {
    double lag = 0.0;
    int subscribers = 0;
    for (const auto& client : clients) {
        if (client.value("subscriber_silent", false)) {
            continue;  // gone: an alert about it would never end
        }
        lag = std::max(lag, number(client, "subscriber_lag"));
        subscribers += client.value("subscriber", false) ? 1 : 0;
    }
    families.gauge("cupel_clients", "Clients that said HELLO", static_cast<double>(clients.size()));
    families.gauge("cupel_subscribers", "Clients that tell how far they have heard", subscribers);
    families.gauge(
        "cupel_subscriber_lag_events_max", "Events that the slowest of them is behind", lag);
}

void add_status(Families& families, const Json& status) {
    families.gauge(
        "cupel_uptime_seconds", "Since the store was opened", number(status, "uptime_s"));
    families.gauge("cupel_gseq", "Last event of the whole store", number(status, "gseq"));
    families.gauge("cupel_authenticated",
                   "0: everybody on this machine has every role",
                   number(status, "authenticated"));
    families.gauge("cupel_alarms_open",
                   "Alarms that nobody acknowledged",
                   static_cast<double>(status.at("alarms").size()));
    add_campaigns(families, status.at("campaigns"));
    add_clients(families, status.at("clients"));
    const Json& bus = status.at("bus");
    add_figures(families, bus, kBus);
    families.gauge("cupel_longest_handler_seconds",
                   "Longest time one handler held the thread of the sockets",
                   number(bus, "longest_handler_ms") / 1000.0);
    const Json& learner = status.at("learner");
    add_state(families,
              "cupel_learner_state",
              "1 for the state it is in",
              learner.at("state").get<std::string>(),
              kLearnerStates);
    add_figures(families, learner, kLearner);
    add_figures(families, status.at("structures"), kStructures);
    add_figures(families, status.at("store"), kStore);
}

double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double pages = 0.0;
    file >> pages >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
    std::error_code error;
    double count = 0.0;
    for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
         !error && entry != std::filesystem::directory_iterator();
         entry.increment(error)) {
        ++count;
    }
    return count;
}

void add_process(Families& families) {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    families.add(Type::Counter,
                 "process_cpu_seconds_total",
                 "Processor time, without the children",
                 seconds(used.ru_utime) + seconds(used.ru_stime));
    families.gauge("process_resident_memory_bytes", "Resident memory", resident_bytes());
    families.gauge("process_open_fds", "Open file descriptors", open_files());
}

}  // namespace

std::vector<prometheus::MetricFamily> status_metrics(const std::string& version,
                                                     const std::string& status_json) {
    Families families;
    families.gauge("cupel_build_info", "1; its version", 1.0, {{"version", version}});
    add_process(families);
    families.gauge("cupel_answers",
                   "0: the sockets or the ledger did not answer in time, and no other figure of "
                   "theirs is here",
                   status_json.empty() ? 0.0 : 1.0);
    if (!status_json.empty()) {
        add_status(families, Json::parse(status_json));
    }
    return families.take();
}

}  // namespace cupel::controller
