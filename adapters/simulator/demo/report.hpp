// The picture of a finished demo: one HTML file without any external resource.
#pragma once

#include <string>
#include <vector>

#include <cupel/simulator/truth.hpp>

#include "conditions.hpp"
#include "offline_replay.hpp"
#include "story.hpp"

namespace cupel::simulator {

struct ReportInput {
    Story story;
    LaboratoryFiles files;
    std::vector<Condition> conditions;
    OfflineReplay replay;  ///< empty in a quick run
    std::uint64_t seed = 0;
    int budget = 0;
    int batch = 0;
    std::string policy;
    std::string started;  ///< RFC 3339
    double wall_seconds = 0.0;
    std::vector<std::string> commands;  ///< to go on with, one a line
};

std::string report_html(const ReportInput& input);

}  // namespace cupel::simulator
