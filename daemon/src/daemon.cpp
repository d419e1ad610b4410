// Start order: store and migrations, learner, sockets last. Stop order: the other way round.
#include "daemon.hpp"

#include <algorithm>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include <cupel/domain/key_file.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/timestamp.hpp>
#include <cupel/domain/ulid.hpp>

#include "config_diff.hpp"
#include "ledger/store.hpp"

namespace cupel::controller {
namespace {

LeaseClassTimes times_of(const LeaseSeconds& given) {
    return {Seconds(given.claim_s), Seconds(given.work_s), Seconds(given.work_cap_s)};
}

LedgerOptions ledger_options(const Config& config, const std::filesystem::path& store) {
    LedgerOptions options;
    options.store = store;
    options.blobs = config.store.blobs.empty() ? store.parent_path() / "blobs" : config.store.blobs;
    options.leases = {times_of(config.leases.robot),
                      times_of(config.leases.person),
                      times_of(config.leases.facility)};
    options.heartbeat_s = config.bus.heartbeat_s;
    options.version = version();
    options.max_claims = config.leases.max_claims;
    return options;
}

BusOptions bus_options(const Config& config) {
    BusOptions options;
    options.control = config.bus.control;
    options.events = config.bus.events;
    options.heartbeat = std::chrono::seconds(config.bus.heartbeat_s);
    options.inbox = config.bus.inbox;
    options.rate = config.bus.rate;
    options.max_connections = config.bus.max_connections;
    options.curve = config.bus.auth == "curve";
    if (options.curve) {
        options.secret_key = read_key_file(config.bus.server_key).secret_key;
        options.allowed = std::make_shared<const AllowList>(AllowList::load(config.bus.allow_list));
    }
    return options;
}

std::filesystem::path make_temporary_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cupel-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw StoreError("cannot make a temporary folder " + pattern);
    }
    return pattern;
}

}  // namespace

Daemon::Daemon(Config config, Services services, Log log)
    : config_(std::move(config)), log_(std::move(log)), services_(std::move(services)) {
    try {
        if (!config_.http.metrics.empty()) {
            metrics_ = std::make_shared<Metrics>(version());
        }
        if (!config_.alarms.command.empty()) {
            alarm_command_ = std::make_unique<AlarmCommand>(
                config_.alarms.command, std::chrono::seconds(config_.alarms.timeout_s), log_);
        }
        open_store();
        BusOptions bus = bus_options(config_);
        bus.metrics = metrics_;
        bus_ = std::make_unique<Bus>(std::move(bus), *ledger_, log_);
        ledger_->set_event_sink([this](std::vector<Event> events) { hear(std::move(events)); });
        for (const auto& line : ledger_->ensure_campaigns(config_.campaigns)) {
            log_.warning(line);
        }
        ledger_->start();
        bus_->bind();
        bus_->start();
        if (config_.bus.auth == "curve") {
            watch_ = std::make_unique<AllowListWatch>(
                config_.bus.allow_list,
                AllowListWatch::Heard{
                    [bus = bus_.get()](SharedAllowList list) {
                        bus->set_allow_list(std::move(list));
                    },
                    [this](const std::string& problem) { lists_trouble(problem); }},
                log_);
        }
        if (metrics_) {
            http_ = std::make_unique<HttpServer>(
                "http.metrics",
                config_.http.metrics,
                [this](const std::string& path, const HttpAnswer& answer) {
                    answer_http(path, answer);
                });
        }
        for (const auto& warning : services_.warnings) {
            log_.warning(warning);
        }
    } catch (...) {
        stop();
        throw;
    }
}

/// On the thread of the watch. Whoever revokes somebody must hear that it came to nothing.
void Daemon::lists_trouble(const std::string& problem) {
    if (!list_problem_.empty() && problem != list_problem_) {
        ledger_->close_alarm(list_problem_,
                             problem.empty() ? "the list was read" : "it is another one now");
    }
    if (!problem.empty()) {
        ledger_->raise_alarm(problem);
    }
    list_problem_ = problem;
}

/// On the ledger thread, after each commit.
void Daemon::hear(std::vector<Event> events) {
    for (const auto& event : events) {
        if (event.kind != "ALARM") {
            continue;
        }
        const auto body = nlohmann::json::parse(event.body_json);
        const NewAlarm alarm{body.value("alarm", ""),
                             event.campaign,
                             body.value("text", ""),
                             to_rfc3339(event.time)};
        log_.warning("alarm: " + alarm.text, {{"campaign", alarm.campaign}, {"alarm", alarm.id}});
        if (alarm_command_) {
            alarm_command_->raise(alarm);
        }
    }
    bus_->publish(std::move(events));
}

/// On the thread of the HTTP server.
void Daemon::answer_http(const std::string& path, const HttpAnswer& answer) {
    constexpr std::chrono::seconds kSilence{2};
    const bool silent = silent_for() > kSilence;
    const auto say = [&answer](int status, const char* text) {
        answer([=] { return HttpReply{status, "text/plain; charset=utf-8", text}; });
    };
    if (path == "/healthz") {
        silent ? say(503, "the daemon hangs\n") : say(200, "ok\n");
    } else if (path != "/metrics") {
        say(404, "here are /metrics and /healthz\n");
    } else {
        const auto tell = [metrics = metrics_, answer](const std::string& status) {
            answer([metrics, status] {
                return HttpReply{
                    200, "text/plain; version=0.0.4; charset=utf-8", metrics->text(status)};
            });
        };
        silent ? tell("") : bus_->ask_status(tell);
    }
}

Daemon::~Daemon() {
    stop();
}

void Daemon::open_store() {
    std::filesystem::path store = config_.store.path;
    if (store.empty()) {
        temporary_ = make_temporary_folder();
        store = temporary_ / "cupel.db";
    }
    lock_ = std::make_unique<StoreLock>(store);
    LedgerOptions options = ledger_options(config_, lock_->store());
    options.metrics = metrics_;
    // What cannot be written cannot become an event either.
    options.trouble = [log = log_](const std::string& text) { log.warning(text); };
    ledger_ = std::make_unique<Ledger>(
        std::move(options), clock_, *services_.learning, *services_.structures);
}

void Daemon::request_stop() {
    ledger_->request_stop();
}

void Daemon::stop() {
    if (std::exchange(stopped_, true)) {
        return;
    }
    http_.reset();  // it asks the others
    watch_.reset();
    // While the ledger answers what it has, the sockets stay: those answers still leave.
    if (ledger_) {
        ledger_->stop();
    }
    if (bus_) {
        bus_->stop();
    }
    // Replies hold on to the bus, so the ledger goes first.
    ledger_.reset();
    bus_.reset();
    alarm_command_.reset();  // nothing speaks to it any more
    lock_.reset();
    if (!temporary_.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(temporary_, ignored);
    }
}

std::chrono::milliseconds Daemon::silent_for() const {
    return std::max(ledger_->silent_for(), bus_->silent_for());
}

std::vector<std::string> Daemon::reload(const Config& config) {
    std::vector<std::string> lines = differences(config_, config);
    for (const auto& [name, keys] : config.campaigns) {
        if (!config_.campaigns.emplace(name, keys).second) {
            continue;
        }
        Command command;
        command.id = make_ulid();
        command.client = "local:configuration";
        command.kind = "CAMPAIGN_NEW";
        command.body_sha256 = sha256_hex(name + keys);
        command.body = CampaignNew{make_ulid(), name, keys};
        // One that the store knows already is refused; that is in the log then.
        ledger_->submit(std::move(command), {}, [log = log_, campaign = name](const Reply& reply) {
            if (reply.error) {
                log.warning("campaign." + campaign + ": " + reply.text);
            }
        });
        lines.push_back("campaign." + name + ": made");
    }
    return lines;
}

}  // namespace cupel::controller
