// One run of the demo from an empty folder to its report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cupel::simulator {

struct DemoOptions {
    std::uint64_t seed = 1;
    std::filesystem::path out = "demo";
    std::filesystem::path programs;  ///< folder of cupeld, cupel, ...; empty = beside this program
    int budget = 64;
    int batch = 8;
    int true_pairs = 80;
    int decoys = 20;
    std::string policy = "ucb";
    std::string learner = "model";  ///< or "popularity"
    int port = 5870;                ///< of `ctrl`, events on the next one; 0 or taken: any free
    bool quick = false;  ///< no comparison of policies, and only the conditions of a sound loop
};

/// Makes the laboratory's files in `out` (empty, new, or an earlier demo's, which is replaced),
/// runs daemon, robots and person as processes until the campaign is finished, verifies the log,
/// replays the policies, writes report.html. Progress goes to standard output. Returns 0 when every
/// condition holds, else 1. Throws Error naming the process that failed and its last words.
int run_demo(const DemoOptions& options);

}  // namespace cupel::simulator
