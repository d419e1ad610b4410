// The parts of the daemon, put together and taken apart in order.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <cupel/controller.hpp>

#include "bus/allow_list_watch.hpp"
#include "bus/bus.hpp"
#include "bus/log.hpp"
#include "campaign/clock.hpp"
#include "http/http_server.hpp"
#include "http/metrics.hpp"
#include "ledger/ledger.hpp"
#include "ledger/store_lock.hpp"
#include "services.hpp"
#include "supervision/alarm_command.hpp"

namespace cupel::controller {

/// What Controller is made of; tests bring services of their own.
class Daemon {
  public:
    /// Opens the store and starts everything, sockets last. Throws as Controller::start() does.
    Daemon(Config config, Services services, Log log);
    /// Stops as stop() does.
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    void request_stop();
    void stop();
    std::vector<std::string> reload(const Config& config);
    const Bus& bus() const { return *bus_; }
    /// Empty where there is none.
    std::string metrics_endpoint() const { return http_ ? http_->endpoint() : ""; }
    std::chrono::milliseconds silent_for() const;

  private:
    void open_store();
    void hear(std::vector<Event> events);
    void lists_trouble(const std::string& problem);
    void answer_http(const std::string& path, const HttpAnswer& answer);

    Config config_;
    Log log_;
    SystemClock clock_;
    Services services_;
    /// Removed at the end; empty when the store stays.
    std::filesystem::path temporary_;
    std::shared_ptr<Metrics> metrics_;
    std::unique_ptr<AlarmCommand> alarm_command_;
    std::unique_ptr<StoreLock> lock_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<Bus> bus_;
    std::string list_problem_;  ///< of the watch's thread: the alarm it has raised
    std::unique_ptr<AllowListWatch> watch_;
    std::unique_ptr<HttpServer> http_;
    bool stopped_ = false;
};

}  // namespace cupel::controller
