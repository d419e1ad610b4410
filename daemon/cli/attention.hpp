// What is wrong and what to do about it, from the daemon's STATUS and SNAPSHOT.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cupel::cli {

/// One line for each thing a person should look at, with the command to type; the most pressing
/// first. Empty when all is well. An UNKNOWN proposal may have a member `cause`, as tell_causes()
/// gives it.
std::vector<std::string> attention(const nlohmann::json& status,
                                   const std::vector<nlohmann::json>& proposals);

}  // namespace cupel::cli
