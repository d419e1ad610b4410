// What differs between two configurations, told to a person.
#pragma once

#include <string>
#include <vector>

#include <cupel/controller.hpp>

namespace cupel::controller {

/// One line for each key that is another now and cannot be taken over while the daemon runs.
std::vector<std::string> differences(const Config& running, const Config& wanted);

}  // namespace cupel::controller
