// The whole daemon inside another program: one configuration, one controller, two steps to stop.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <cupel/domain/error.hpp>

namespace cupel::controller {

/// Durations of one lease class; seconds.
struct LeaseSeconds {
    double claim_s = 0;     ///< CLAIM to START
    double work_s = 0;      ///< after START, unless a longer time is expected
    double work_cap_s = 0;  ///< the longest that an expected time can ask for
};

/// Everything the daemon is told. A member is a key of configs/cupeld.toml, under the same name
/// and with the same default. Paths are absolute once loaded.
struct Config {
    struct Store {
        /// SQLite database; its folder is made when absent. Empty: a temporary folder that is
        /// removed with the Controller.
        std::filesystem::path path = "cupel.db";
        std::filesystem::path blobs;  ///< folder of files; empty: `blobs` beside the database
    };
    struct Bus {
        std::string control = "tcp://127.0.0.1:5870";  ///< "tcp://127.0.0.1:*": any free port
        std::string events = "tcp://127.0.0.1:5871";
        std::string auth = "none";  ///< loopback and ipc only, everybody has every role; or "curve"
        std::filesystem::path server_key = "server.key";  ///< with "curve": this server's key pair
        std::filesystem::path allow_list = "allow.toml";  ///< with "curve": who may do what
        int heartbeat_s = 5;
        int inbox = 4096;            ///< commands waiting for their answer before BUSY
        int rate = 0;                ///< commands a second of one connection; 0: no bound
        int max_connections = 1024;  ///< of both sockets; whoever is too many is sent away
    };
    struct Learner {
        std::string kind = "model";               ///< "model" or "popularity"
        std::string program = "cupel-learner";    ///< a bare name: beside this program, then PATH
        std::filesystem::path models = "models";  ///< folder of model blobs
        std::string device = "auto";              ///< "auto", "cpu", "cuda", "cuda:N"
        int epochs = 0;  ///< passes of a full training; 0: the learner's own
    };
    struct Structure {
        std::string program = "cupel";  ///< a bare name: beside this program, then PATH
        int memory_mb = 1024;           ///< address space of one analysis
        int cpu_s = 10;                 ///< processor time of one analysis
        int at_once = 2;                ///< analyses side by side
    };
    struct Http {
        std::string metrics;  ///< ADDRESS:PORT for Prometheus, loopback only; empty: none
    };
    struct Alarms {
        std::string command;  ///< program to run for each new alarm; empty: none
        int timeout_s = 30;   ///< then it is killed
    };
    struct Leases {
        LeaseSeconds robot{120, 1800, 86400};
        LeaseSeconds person{259200, 1209600, 5184000};
        LeaseSeconds facility{1209600, 5184000, 15552000};
        int max_claims = 64;  ///< proposals one client may hold at once
    };

    Store store;
    Bus bus;
    Learner learner;
    Structure structure;
    Leases leases;
    Http http;
    Alarms alarms;
    std::string log_level = "info";   ///< [log] level: "debug", "info", "warning", "error"
    std::string log_format = "text";  ///< [log] format of cupeld: "text" or "json"
    /// Campaigns to make when the store does not have them: name -> JSON object of the keys of a
    /// [campaign.NAME] table.
    std::map<std::string, std::string> campaigns;

    /// For tests and first steps: loopback, free ports, a temporary store, the popularity learner,
    /// no campaigns. Any number of them run side by side.
    static Config isolated();

    /// Reads a TOML file. Relative paths are taken from the file's folder. Throws InputError with
    /// one line, as in `cupeld.toml:17: bus.inbox: expected 1..1000000, got 0`; unknown keys are
    /// errors that name the nearest known one.
    static Config load(const std::filesystem::path& file);

    /// What will work less well than it could on this machine, one line each. Throws InputError for
    /// a program that is needed and not there.
    std::vector<std::string> warnings() const;
};

/// A socket or another means to be reached could not be had: port in use, no such interface.
class BusError : public Error {
  public:
    using Error::Error;
};

enum class LogLevel { Debug, Info, Warning, Error };
/// One line of the daemon's log: a sentence, and beside it what it is about, by name. Names are
/// `client`, `kind`, `command` (id of the message), `cmd_id`, `proposal`, `campaign`, `code`,
/// `event`, `seq`; each only where there is one. What a client wrote stands here as it came: a sink
/// that writes lines escapes it.
struct LogLine {
    LogLevel level = LogLevel::Info;
    std::string text;
    std::vector<std::pair<std::string, std::string>> fields;
};
/// The sentence, then NAME=VALUE of each field, on one line: what a client wrote is escaped.
std::string to_string(const LogLine& line);
/// Takes one line of the daemon's log. Called from several threads, one at a time per thread; must
/// not block.
using LogSink = std::function<void(const LogLine& line)>;

/// Owns the store, the learner, the campaigns and the sockets. No signal handler, no global state,
/// no output but through the log sink, with one exception: when the disk fails to keep a commit,
/// the process ends with a line on standard error and exit code 74, for nobody knows what the store
/// is then. start(), stop() and reload() are for one thread; request_stop() and the queries may be
/// called from any.
class Controller {
  public:
    explicit Controller(Config config, LogSink log = {});
    /// Stops as stop() does.
    ~Controller();
    Controller(const Controller&) = delete;
    Controller& operator=(const Controller&) = delete;

    /// Store and migrations, learner, sockets, in this order; commands are served when it returns.
    /// Throws Error (store, port) or InputError (configuration), and nothing is left running then.
    void start();
    /// First step of stopping: no new proposals; everything else goes on. Returns at once.
    void request_stop();
    /// Second step: answers what came in, ends every thread and child. Idempotent.
    void stop();

    /// Endpoints with the ports that were bound. Empty before start().
    std::string control_endpoint() const;
    std::string events_endpoint() const;
    /// "127.0.0.1:9470"; empty where there is none.
    std::string metrics_endpoint() const;

    /// How long the slower one of the two threads that everything goes through (sockets, ledger)
    /// has not come round; below a second when all is well. For watchdogs. Zero before start().
    std::chrono::milliseconds silent_for() const;

    /// Takes over what can change while running (new campaigns) from a new configuration. One line
    /// for each difference: what was done, or why not.
    std::vector<std::string> reload(const Config& config);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// "0.1.0".
std::string version();

}  // namespace cupel::controller
