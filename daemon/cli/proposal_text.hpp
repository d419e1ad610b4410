// A proposal object as people read it.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace cupel::cli {

/// Its cluster with short ligand names where there are some.
std::string proposal_name(const nlohmann::json& proposal);

/// What the edit was, which attempt it is, and the learner's reason.
std::string proposal_reason(const nlohmann::json& proposal);

/// "0.42"; "?" where no model said anything.
std::string proposal_probability(const nlohmann::json& proposal);

/// A number with so many decimals.
std::string fixed(double value, int digits);

}  // namespace cupel::cli
