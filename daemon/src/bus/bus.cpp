// The io thread: sockets, heartbeat, reports.
#include "bus.hpp"

#include <cstdio>
#include <functional>
#include <future>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <unistd.h>
#include <zmq.hpp>

#include <cupel/codec/schema_validator.hpp>

#include "../ledger/ledger.hpp"
#include "../supervision/pulse.hpp"
#include "control.hpp"
#include "events.hpp"
#include "zap.hpp"

namespace cupel::controller {
namespace {

constexpr std::chrono::minutes kReport{1};
constexpr std::chrono::milliseconds kAudit{200};
constexpr std::chrono::milliseconds kPulse{100};
constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::milliseconds kHandlerBound{5};
/// Bytes of a greeting and what must follow it, a little less than any client sends.
constexpr std::uint64_t kHandshake = 80;
constexpr std::uint64_t kSealedHandshake = 400;

/// What this process holds of the machine's memory. Its file stays open: there may be no descriptor
/// left when it is wanted most.
class Resident {
  public:
    Resident() : file_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}
    ~Resident() {
        if (file_ >= 0) {
            ::close(file_);
        }
    }
    Resident(const Resident&) = delete;
    Resident& operator=(const Resident&) = delete;
    /// 0 where it cannot be known.
    std::uint64_t bytes() const {
        char text[128] = {};
        unsigned long long whole = 0;
        unsigned long long resident = 0;
        if (::pread(file_, text, sizeof text - 1, 0) <= 0 ||
            std::sscanf(text, "%llu %llu", &whole, &resident) != 2) {
            return 0;
        }
        return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }

  private:
    int file_;
};

/// Calls `work` on the loop again and again, `every` apart.
class Repeat {
  public:
    Repeat(boost::asio::io_context& io, std::chrono::milliseconds every, std::function<void()> work)
        : timer_(io), every_(every), work_(std::move(work)) {}
    void start() {
        timer_.expires_after(every_);
        timer_.async_wait([this](const boost::system::error_code& error) {
            if (!error) {
                work_();
                start();
            }
        });
    }
    void stop() { timer_.cancel(); }

  private:
    boost::asio::steady_timer timer_;
    std::chrono::milliseconds every_;
    std::function<void()> work_;
};

}  // namespace

struct Bus::Impl {
    Impl(BusOptions given, Ledger& ledger, Log log_sink)
        : options(std::move(given)),
          log(std::move(log_sink)),
          door{options.curve,
               options.secret_key,
               options.allowed ? options.allowed : std::make_shared<const AllowList>(),
               Audit(ledger),
               Connections(affordable_connections(options.max_connections),
                           options.curve ? kSealedHandshake : kHandshake)},
          zap(io,
              context,
              [this](const std::string& key) {
                  door.audit.refused(Door::stranger(key), "UNKNOWN_KEY", "connection");
              }),
          events(io, context, options, door, ledger, times, log),
          control(std::make_shared<Control>(io,
                                            context,
                                            options,
                                            door,
                                            ledger,
                                            times,
                                            log,
                                            [this] { events.take_subscriptions(); })),
          heartbeat(io, options.heartbeat, [this] { events.beat(); }),
          reports(io, kReport, [this] { report(); }),
          audits(io, kAudit, [this] { door.audit.flush(); }),
          beats(io, kPulse, [this] { pulse.beat(); }),
          looks(io, kLook, [this] { end_unfinished(); }) {
        door.shut_out = [this](const std::string& key) { zap.shut_out(key); };
    }

    void report() {
        control->report();
        events.forget_refused();
        if (door.refused_subscriptions > refused_reported) {
            log.warning(std::to_string(door.refused_subscriptions - refused_reported) +
                        " subscriptions were not granted: topics begin with h/ or c/CAMPAIGN/");
            refused_reported = door.refused_subscriptions;
        }
        if (door.connections.refused() > connections_reported) {
            log.warning(std::to_string(door.connections.refused() - connections_reported) +
                        " connections were one too many and ended; see bus.max_connections");
            connections_reported = door.connections.refused();
        }
        if (times.longest > kHandlerBound && times.longest > longest_reported) {
            log.warning("the io thread was held for " +
                        std::to_string(times.longest.count() / 1000) + " ms by " + times.slowest);
            longest_reported = times.longest;
        }
    }

    /// What this process takes grows only with messages, and that in no honest one's life by much.
    void end_unfinished() {
        const HandlerClock clock(times, "unfinished");
        const std::uint64_t now = resident.bytes();
        const bool short_of_memory = now > quiet_memory + options.unfinished_memory;
        const std::int64_t before = door.connections.endless();
        if (!door.connections.end_unfinished(options.unfinished, short_of_memory)) {
            quiet_memory = now;
        }
        if (door.connections.endless() > before) {
            log.warning(std::to_string(door.connections.endless() - before) +
                        " connections were ended: their messages had no end");
        }
    }

    void close() {
        looks.stop();
        heartbeat.stop();
        reports.stop();
        audits.stop();
        beats.stop();
        report();
        events.publish_rest();
        control->send_rest();
        control->close();
        events.close();
        zap.close();
    }

    BusOptions options;
    Log log;
    HandlerTimes times;
    boost::asio::io_context io{1};
    zmq::context_t context{1};
    Door door;
    Zap zap;
    Events events;
    std::shared_ptr<Control> control;
    Repeat heartbeat;
    Repeat reports;
    Repeat audits;
    Pulse pulse;
    Repeat beats;
    Repeat looks;
    const Resident resident;
    /// Bytes, when nothing suspicious was under way.
    std::uint64_t quiet_memory = resident.bytes();
    std::int64_t refused_reported = 0;
    std::int64_t connections_reported = 0;
    std::chrono::microseconds longest_reported{0};
    std::string control_endpoint;
    std::string events_endpoint;
    std::thread thread;
};

Bus::Bus(BusOptions options, Ledger& ledger, Log log)
    : impl_(std::make_unique<Impl>(std::move(options), ledger, std::move(log))) {}

Bus::~Bus() {
    stop();
}

void Bus::bind() {
    if (impl_->door.curve) {
        // First: a socket whose client could come before it would let everybody in.
        impl_->zap.set_allowed(impl_->door.allowed);
        impl_->zap.bind();
    }
    impl_->control_endpoint = impl_->control->bind();
    impl_->events_endpoint = impl_->events.bind();
}

void Bus::start() {
    Impl& impl = *impl_;
    const int most = affordable_connections(impl.options.max_connections);
    if (most < impl.options.max_connections) {
        impl.log.warning("bus.max_connections: only " + std::to_string(most) + " of " +
                         std::to_string(impl.options.max_connections) +
                         " are let in: this process may have too few open files (ulimit -n, or "
                         "LimitNOFILE of its unit)");
    }
    if (impl.door.curve) {
        impl.zap.start();
        impl.audits.start();
    }
    impl.control->start();
    impl.events.start();
    impl.heartbeat.start();
    impl.reports.start();
    impl.beats.start();
    impl.looks.start();
    impl.thread = std::thread([&impl] {
        codec::prepare_schemas();  // before the first command comes, not while it waits
        const auto working = boost::asio::make_work_guard(impl.io);
        for (bool running = true; running;) {
            try {
                impl.io.run();
                running = false;
            } catch (const std::exception& error) {
                // One message that went wrong must not take the daemon with it.
                impl.log.error(std::string("the io thread goes on after: ") + error.what());
            }
        }
    });
}

void Bus::publish(std::vector<Event> events) {
    boost::asio::post(impl_->io, [impl = impl_.get(), events = std::move(events)]() mutable {
        impl->events.publish(std::move(events));
    });
}

void Bus::set_allow_list(SharedAllowList list) {
    boost::asio::post(impl_->io, [impl = impl_.get(), list = std::move(list)] {
        if (!impl->door.curve) {
            return;
        }
        const bool narrower = list->is_narrower_than(*impl->door.allowed);
        impl->door.allowed = list;
        impl->zap.set_allowed(list);
        if (narrower) {
            impl->events.reopen("somebody may see less than before");
        }
    });
}

void Bus::ask_status(std::function<void(std::string)> hear) {
    boost::asio::post(impl_->io, [impl = impl_.get(), hear = std::move(hear)]() mutable {
        impl->control->ask_status(std::move(hear));
    });
}

void Bus::stop() {
    Impl& impl = *impl_;
    if (!impl.thread.joinable()) {
        impl.control->close();
        impl.events.close();
        impl.zap.close();
        return;
    }
    // Behind everything that was posted before: answers leave first.
    boost::asio::post(impl.io, [&impl] {
        try {
            impl.close();
        } catch (const std::exception& error) {
            impl.log.error(std::string("the sockets were not closed in order: ") + error.what());
        }
        impl.io.stop();  // come what may: stop() waits for it
    });
    impl.thread.join();
}

std::chrono::milliseconds Bus::silent_for() const {
    return impl_->pulse.silent_for();
}

const std::string& Bus::control_endpoint() const noexcept {
    return impl_->control_endpoint;
}

const std::string& Bus::events_endpoint() const noexcept {
    return impl_->events_endpoint;
}

}  // namespace cupel::controller
