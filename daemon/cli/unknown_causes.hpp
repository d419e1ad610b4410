// Why a proposal is UNKNOWN, which the history alone tells.
#pragma once

#include <vector>

#include "connection.hpp"

namespace cupel::cli {

/// Gives each UNKNOWN of `proposals` a member `cause`: "restored" or "silence". Reads the end of
/// the histories that have one, so much of it at most; what became UNKNOWN before gets none.
void tell_causes(Connection& connection, const Json& status, std::vector<Json>& proposals);

}  // namespace cupel::cli
