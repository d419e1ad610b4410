// cupeld: reads a configuration, serves until a signal, says what it serves and where.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <string>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cupel/controller.hpp>

#include "bus/log.hpp"
#include "one_line.hpp"
#include "service/daemon_log.hpp"
#include "service/log_stream.hpp"
#include "service/notify.hpp"
#include "supervision/standard_streams.hpp"

namespace {

using namespace cupel::controller;

constexpr int kBadInput = 2;
constexpr int kFailure = 1;
constexpr std::chrono::seconds kLastWord{1};  ///< for whoever reads our standard error

/// Signals as bytes of a pipe: nothing is masked, so that children start as usual.
int signal_pipe[2] = {-1, -1};

void on_signal(int signal) {
    const int saved = errno;
    const auto byte = static_cast<unsigned char>(signal);
    if (::write(signal_pipe[1], &byte, 1) < 0) {
        // The pipe is full of signals already.
    }
    errno = saved;
}

void catch_signals() {
    if (::pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        throw cupel::Error("no pipe for signals");
    }
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        ::sigaction(signal, &action, nullptr);
    }
    // A closed standard error or a child that died is an error code, not our end.
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
    ::sigaction(SIGXFSZ, &action, nullptr);  // so is a quota
}

/// The next signal; 0 when none came within `patience`.
int next_signal(int patience_ms) {
    pollfd entry{signal_pipe[0], POLLIN, 0};
    unsigned char byte = 0;
    if (::poll(&entry, 1, patience_ms) <= 0 || ::read(signal_pipe[0], &byte, 1) != 1) {
        return 0;
    }
    return byte;
}

/// What serves, and whom it tells.
struct Service {
    std::string file;  ///< of the configuration
    Controller& controller;
    DaemonLog& output;
    Log log;
    const Notify& notify;
};

std::string status_line(const Config& config) {
    return "serving " + std::to_string(config.campaigns.size()) + " campaigns of " +
           config.store.path.string() + ", learner " + config.learner.kind;
}

void reload(const Service& service) {
    service.notify.reloading();
    std::string status = "the configuration could not be read again; see the log";
    try {
        const Config config = Config::load(service.file);
        service.output.set_level(config);
        service.log.info("read " + service.file + " again; the log's level is " + config.log_level);
        for (const auto& line : service.controller.reload(config)) {
            service.log.info("  " + line);
        }
        status = status_line(config);
    } catch (const std::exception& error) {
        service.log.error(std::string(error.what()) + "; nothing was changed");
    }
    service.notify.ready(status);
}

/// The first signal has come: stops in order, or at once when another one comes.
void stop(const Service& service) {
    service.notify.stopping();
    service.log.info("stopping: no new proposals; signal again to stop at once");
    service.controller.request_stop();
    auto stopped = std::async(std::launch::async, [&service] { service.controller.stop(); });
    while (stopped.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
        const int signal = next_signal(20);
        if (signal == SIGINT || signal == SIGTERM) {
            // Whatever was answered is in the store; the rest nobody was promised.
            say("cupeld: stopped at once", std::chrono::milliseconds(0));
            std::_Exit(kFailure);
        }
    }
    stopped.get();
    service.log.info("stopped");
}

/// Tells the watchdog that we live, if both threads that everything goes through do.
void pet_watchdog(const Service& service, bool& hangs) {
    const auto silence = service.controller.silent_for();
    const bool late = silence > service.notify.watchdog() / 2;
    if (late && !hangs) {
        service.log.error("the sockets or the ledger have not moved for " +
                          std::to_string(silence.count()) +
                          " ms; the watchdog hears nothing until they do");
    }
    hangs = late;
    if (!late) {
        service.notify.alive();
    }
}

/// Until a signal says to stop.
void obey_signals(const Service& service) {
    const auto interval = service.notify.watchdog() / 4;
    const int patience = interval.count() > 0 ? static_cast<int>(interval.count()) : -1;
    for (bool hangs = false;;) {
        const int signal = next_signal(patience);
        if (signal == SIGHUP) {
            reload(service);
        } else if (signal != 0) {
            stop(service);
            return;
        }
        if (patience > 0) {
            pet_watchdog(service, hangs);
        }
    }
}

/// As many open files as the connections and the store may want, as far as the system lets us.
void raise_open_files(int connections) {
    constexpr rlim_t kBesides = 1024;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        const rlim_t wanted = static_cast<rlim_t>(connections) + kBesides;
        limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, wanted));
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int serve(const std::string& file) {
    const Config config = Config::load(file);
    raise_open_files(config.bus.max_connections);
    catch_signals();
    const Notify notify;
    DaemonLog output(config);
    const Log log(output.sink());
    Controller controller(config, output.sink());
    controller.start();
    log.info("cupeld " + version() + ", " + status_line(config));
    log.info("control " + controller.control_endpoint());
    log.info("events " + controller.events_endpoint());
    if (!controller.metrics_endpoint().empty()) {
        log.info("metrics http://" + controller.metrics_endpoint() + "/metrics");
    }
    notify.ready(status_line(config));
    obey_signals({file, controller, output, log, notify});
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    keep_standard_streams();
    CLI::App app{"cupeld: couples a model of cluster synthesis with robots and people."};
    std::string file;
    bool check = false;
    app.add_option("--config", file, "TOML file; configs/cupeld.toml shows every key")->required();
    app.add_flag("--check", check, "Read the configuration, say whether it is sound, and end");
    app.set_version_flag("--version", version());
    app.footer("Example: cupeld --config configs/cupeld.toml");
    app.failure_message([](const CLI::App*, const CLI::Error& error) {
        return std::string("cupeld: ") + error.what() + "; --help shows how\n";
    });
    int status = 0;
    try {
        app.parse(argc, argv);
        if (check) {
            const Config config = Config::load(file);
            for (const auto& warning : config.warnings()) {
                std::printf("warning: %s\n", warning.c_str());
            }
            std::printf("%s is sound: %zu campaigns\n", file.c_str(), config.campaigns.size());
        } else {
            status = serve(file);
        }
    } catch (const CLI::ParseError& error) {
        status = app.exit(error) == 0 ? 0 : kBadInput;
    } catch (const cupel::InputError& error) {
        say("cupeld: " + one_line(error.what()), kLastWord);
        status = kBadInput;
    } catch (const std::exception& error) {
        say("cupeld: " + one_line(error.what()), kLastWord);
        status = kFailure;
    }
    return status;
}
