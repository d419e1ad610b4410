// Results that wait for a reviewer, told from a campaign's history.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

namespace cupel::cli {

/// {"result","proposal","client","time","reason","outcome"} of each RESULT_HELD in `events` (as
/// REPLAY gives them) that was neither accepted nor refused later.
std::vector<nlohmann::json> held_results(const std::vector<nlohmann::json>& events);

}  // namespace cupel::cli
