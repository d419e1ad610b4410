// What must have happened for the demo to have shown the loop.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "offline_replay.hpp"
#include "story.hpp"

namespace cupel::simulator {

struct Condition {
    std::string text;  ///< what is asked
    bool met = false;
    std::string detail;  ///< the figures
};

/// What the driver itself saw.
struct RunFacts {
    int budget = 0;
    bool log_verifies = false;
    std::string verify_text;
    std::set<std::string> truth_keys;  ///< learning keys of what the laboratory holds back
    std::string finished_state;
    bool quick = false;  ///< a short run that asks only for a sound loop
};

/// `replay` is absent in a quick run.
std::vector<Condition> check_conditions(const Story& story,
                                        const RunFacts& facts,
                                        const OfflineReplay* replay);

}  // namespace cupel::simulator
