// What a replay found: for people, for programs, and as a picture.
#pragma once

#include <string>

#include <cupel/acquisition/replay.hpp>

namespace cupel::workbench {

/// A table in plain text.
std::string replay_text(const acquisition::ReplayResult& result);
/// {"table","rows","hits_in_pool","batch","budget","seeds","first_seed","feedback","policies"}; a
/// policy has {"policy","hits","se","enrichment","lift_over_popularity","lift_se","audc","ece",
/// "brier_skill","seconds_per_seed"}, hits and se by checkpoint; ece and
/// brier_skill are null where nothing was left.
std::string replay_json(const acquisition::ReplayResult& result);
/// Mean hits over experiments, a line per policy.
std::string replay_svg(const acquisition::ReplayResult& result);

}  // namespace cupel::workbench
