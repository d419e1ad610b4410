// Options, errors and lines of the simulated workers.
#include "bench_options.hpp"

#include <cstdio>

namespace cupel::simulator {

void add_bench_options(CLI::App& app, BenchOptions& options) {
    app.add_option("--connect", options.connect, "Control endpoint of cupeld")
        ->capture_default_str();
    app.add_option("--events",
                   options.events,
                   "Events endpoint of cupeld, to be woken by; without it offers are polled for");
    app.add_option("--truth", options.truth, "Table of the clusters that form in this laboratory")
        ->required();
    app.add_option("--seed", options.seed, "Seed of the laboratory's luck")->capture_default_str();
    app.add_option("--campaign", options.campaign, "Work for this campaign only");
    app.add_option("--keep", options.keep, "Folder for copies of the CIFs");
    app.add_option("--name", options.name, "Name of this worker")->capture_default_str();
    app.add_option("--fault-at", options.fault_at, "Break this experiment (1, 2, ...), once")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--stage-seconds", options.stage_s, "Time that each stage of the work takes")
        ->check(CLI::Range(0.0, 86400.0))
        ->capture_default_str();
    app.add_option("--patience", options.patience_s, "Seconds to wait for a daemon that is away")
        ->check(CLI::Range(0.1, 1e6))
        ->capture_default_str();
}

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

int run_bench(CLI::App& app, int argc, char** argv, const std::function<void()>& work) {
    app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
        return failed->get_name() + ": " + error.what() + "; --help shows how\n";
    });
    try {
        app.parse(argc, argv);
        work();
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const InputError& error) {
        std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), error.what());
        return 1;
    }
}

WorkerOptions worker_options(const BenchOptions& options, LeaseClass lease_class) {
    WorkerOptions worker;
    worker.name = options.name;
    worker.campaign = options.campaign;
    worker.lease_class = lease_class;
    worker.stages = {"dosing", "reaction", "crystallisation"};
    worker.stage_seconds = options.stage_s;
    worker.fault_at = options.fault_at;
    worker.keep = options.keep;
    worker.say = say;
    return worker;
}

}  // namespace cupel::simulator
