// The daemon's sockets and the one thread that owns them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <cupel/domain/event.hpp>

#include "bus_options.hpp"
#include "log.hpp"

namespace cupel::controller {

class Ledger;

/// `ctrl` and `events` on the io thread. That thread touches no file; whatever lasts is done by the
/// ledger's threads, whose answers are posted back.
class Bus {
  public:
    /// `ledger` outlives the bus. Nothing is bound yet; publish() may be called already.
    Bus(BusOptions options, Ledger& ledger, Log log);
    /// Stops as stop() does.
    ~Bus();
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    /// Binds authentication where there is one, ctrl, then events. Throws BusError with one clear
    /// line.
    void bind();
    void start();
    /// Thread-safe; to be called after the commit, in order of `gseq`.
    void publish(std::vector<Event> events);
    /// Thread-safe. Whoever lost something loses it at once; an open subscription of theirs ends.
    void set_allow_list(SharedAllowList list);
    /// Thread-safe. The reply to STATUS, on the io thread, empty when there is an error instead;
    /// never, when the bus ends before.
    void ask_status(std::function<void(std::string)> hear);
    /// Sends what was answered so far, closes the sockets and ends the thread. The ledger has
    /// stopped before, so that every command has its answer. Idempotent.
    void stop();

    /// How long the io thread has not come round. Thread-safe.
    std::chrono::milliseconds silent_for() const;

    /// With the ports that were bound.
    const std::string& control_endpoint() const noexcept;
    const std::string& events_endpoint() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
