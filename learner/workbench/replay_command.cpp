// cupel-learner replay: policies side by side on a finished table.
#include "replay_command.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>

#include <unistd.h>

#include <cupel/acquisition/replay.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/output_paths.hpp>
#include <cupel/workbench/replay_report.hpp>
#include <cupel/workbench/replay_table_file.hpp>

#include "commands.hpp"
#include "output_file.hpp"

namespace cupel::workbench {
namespace {

struct ReplayArguments {
    std::string table;
    acquisition::ReplayOptions options;
    std::string json, plot;
};

/// A bar on a terminal, a line every ten seconds elsewhere.
class Progress {
  public:
    void operator()(double share) {
        const auto now = std::chrono::steady_clock::now();
        if (terminal_) {
            const int filled = static_cast<int>(std::lround(share * 30));
            if (filled != shown_) {
                shown_ = filled;
                const auto part = static_cast<std::size_t>(filled);
                std::fprintf(stderr,
                             "\rreplay [%s%s] %3.0f %%",
                             std::string(part, '#').c_str(),
                             std::string(30 - part, ' ').c_str(),
                             100 * share);
            }
        } else if (now - last_ >= std::chrono::seconds(10)) {
            last_ = now;
            std::fprintf(stderr, "replay %3.0f %%\n", 100 * share);
        }
    }
    ~Progress() {
        if (shown_ >= 0) {
            std::fprintf(stderr, "\r%*s\r", 45, "");
        }
    }

  private:
    bool terminal_ = isatty(STDERR_FILENO) == 1;
    int shown_ = -1;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

void check(const ReplayArguments& arguments) {
    for (const auto& policy : arguments.options.policies) {
        if (!acquisition::is_policy(policy)) {
            std::string known;
            for (const auto& name : acquisition::policy_names()) {
                known += (known.empty() ? "" : ", ") + name;
            }
            throw InputError("bad_policy", "--policy: '" + policy + "' is not one of " + known);
        }
    }
}

void check_files(const ReplayArguments& arguments) {
    const std::filesystem::path table = arguments.table;
    auto features = table;
    check_outputs({{"--json", arguments.json}, {"--plot", arguments.plot}},
                  {{table, "the table to read"},
                   {features.replace_extension(".features.csv"), "the list of its features"}});
}

void run(const ReplayArguments& arguments) {
    check(arguments);
    check_files(arguments);
    const auto table = read_replay_table(arguments.table);
    acquisition::ReplayResult result;
    {
        Progress progress;
        result =
            acquisition::replay(table, arguments.options, [&](double share) { progress(share); });
    }
    result.columns = columns_text(table);
    std::cout << replay_text(result);
    if (!arguments.json.empty()) {
        write_file(arguments.json, replay_json(result));
    }
    if (!arguments.plot.empty()) {
        write_file(arguments.plot, replay_svg(result));
    }
}

}  // namespace

void add_replay(CLI::App& app) {
    auto* command = app.add_subcommand(
        "replay", "Run closed loops on a finished table, against random and popularity");
    auto arguments = std::make_shared<ReplayArguments>();
    auto& options = arguments->options;
    command
        ->add_option(
            "table",
            arguments->table,
            "CSV with slot:NAME (SMILES or labels), label:NAME, num:NAME, y and hit (0 or 1); "
            "TABLE.features.csv beside it may describe the labels (slot,label,f...)")
        ->required();
    command
        ->add_option("--policy",
                     options.policies,
                     "random, popularity, greedy, poh (probability of hit), ucb, ei, portfolio")
        ->delimiter(',')
        ->capture_default_str();
    command->add_option("--seeds", options.seeds, "Loops per policy")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    command->add_option("--first-seed", options.first_seed, "Seed of the first loop")
        ->capture_default_str();
    command->add_option("--batch", options.batch, "Experiments per round")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    command->add_option("--budget", options.budget, "Experiments per loop")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command->add_flag("--graded", options.graded, "Learn from y, not from hits and misses alone");
    command->add_option("--threads", options.threads, "Loops side by side; 0: one per processor")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command->add_option("--json", arguments->json, "Write the figures here");
    command->add_option("--plot", arguments->plot, "Draw hits over experiments here (SVG)");
    command->footer(
        "Every loop starts from 2 random hits and 8 random misses, which no figure counts.\n"
        "Example: cupel replay table.csv --policy popularity,portfolio --json r.json --plot r.svg");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace cupel::workbench
