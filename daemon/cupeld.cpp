// cupeld: reads a configuration, serves until a signal, says what it serves and where.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cupel/controller.hpp>

namespace {

using namespace cupel::controller;

constexpr int kBadInput = 2;
constexpr int kFailure = 1;

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

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return spdlog::level::debug;
        case LogLevel::Info:
            return spdlog::level::info;
        case LogLevel::Warning:
            return spdlog::level::warn;
        case LogLevel::Error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

/// Asynchronous, and rather losing lines than waiting: a reader of our standard error that stops
/// must not stop the daemon.
std::shared_ptr<spdlog::logger> make_log() {
    spdlog::init_thread_pool(8192, 1);
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto log = std::make_shared<spdlog::async_logger>(
        "cupeld", sink, spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    log->flush_on(spdlog::level::info);
    return log;
}

void set_level(spdlog::logger& log, const Config& config) {
    log.set_level(spdlog::level::from_str(config.log_level));
}

void reload(Controller& controller, spdlog::logger& log, const std::string& file) {
    try {
        const Config config = Config::load(file);
        set_level(log, config);
        log.info("read {} again; the log's level is {}", file, config.log_level);
        for (const auto& line : controller.reload(config)) {
            log.info("  {}", line);
        }
    } catch (const std::exception& error) {
        log.error("{}; nothing was changed", error.what());
    }
}

/// The first signal has come: stops in order, or at once when another one comes.
void stop(Controller& controller, spdlog::logger& log) {
    log.info("stopping: no new proposals; signal again to stop at once");
    controller.request_stop();
    auto stopped = std::async(std::launch::async, [&controller] { controller.stop(); });
    while (stopped.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
        const int signal = next_signal(20);
        if (signal == SIGINT || signal == SIGTERM) {
            // Whatever was answered is in the store; the rest nobody was promised.
            std::fprintf(stderr, "cupeld: stopped at once\n");
            std::_Exit(kFailure);
        }
    }
    stopped.get();
    log.info("stopped");
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
    const auto log = make_log();
    set_level(*log, config);
    Controller controller(config, [log](LogLevel level, const std::string& line) {
        log->log(level_of(level), "{}", line);
    });
    controller.start();
    log->info("cupeld {} serves {} campaigns of {}, learner {}",
              version(),
              config.campaigns.size(),
              config.store.path.string(),
              config.learner.kind);
    log->info("control {}", controller.control_endpoint());
    log->info("events {}", controller.events_endpoint());
    for (;;) {
        const int signal = next_signal(-1);
        if (signal == SIGHUP) {
            reload(controller, *log, file);
        } else if (signal != 0) {
            stop(controller, *log);
            return 0;
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"cupeld: couples a model of cluster synthesis with robots and people."};
    std::string file;
    bool check = false;
    app.add_option("--config", file, "TOML file; configs/cupeld.toml shows every key")->required();
    app.add_flag("--check", check, "Read the configuration, say whether it is sound, and end");
    app.set_version_flag("--version", version());
    app.footer("Example: cupeld --config configs/cupeld.toml");
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
        std::fprintf(stderr, "cupeld: %s\n", error.what());
        status = kBadInput;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cupeld: %s\n", error.what());
        status = kFailure;
    }
    spdlog::shutdown();
    return status;
}
