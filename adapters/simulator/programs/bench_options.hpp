// The options that every simulated worker takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

#include <cupel/client/client.hpp>

#include "../src/worker.hpp"

namespace cupel::simulator {

struct BenchOptions {
    std::string connect = client::kDefaultControl;
    std::string events;  ///< empty: offers are polled for
    std::filesystem::path truth;
    std::uint64_t seed = 1;
    std::string campaign;
    std::filesystem::path keep;
    std::string name;
    int fault_at = 0;
    double stage_s = 0.0;
    double patience_s = 600.0;
};

/// Adds the options to `app`; what `options` holds is the default.
void add_bench_options(CLI::App& app, BenchOptions& options);
/// One line on standard output, flushed, for a person or a log.
void say(const std::string& line);
/// Parses, runs `work`, and turns what goes wrong into one line and an exit code: 2 for bad input,
/// 1 for everything else.
int run_bench(CLI::App& app, int argc, char** argv, const std::function<void()>& work);
/// A worker of this class with these stages.
WorkerOptions worker_options(const BenchOptions& options, LeaseClass lease_class);

}  // namespace cupel::simulator
