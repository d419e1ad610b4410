// Bodies held against the JSON Schemas of protocol v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cupel::codec {

/// Nothing when `json` fits schema `name` ("command-claim-1"); else one line naming the first field
/// that does not. Throws std::logic_error for a schema that does not exist.
std::optional<std::string> schema_violation(std::string_view name, std::string_view json);

/// Compiles the schemas of all commands, and what the calling thread needs besides, so that its
/// first messages take no longer than the others.
void prepare_schemas();

/// The names of all schemas, sorted.
std::vector<std::string> schema_names();

}  // namespace cupel::codec
