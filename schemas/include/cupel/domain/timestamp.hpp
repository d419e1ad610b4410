// Wall time as it stands on the wire and in the store: RFC 3339, UTC, milliseconds.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cupel {

/// UTC wall time with a resolution of one millisecond.
using Timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// "2026-11-24T13:15:00.123Z".
std::string to_rfc3339(Timestamp time);
/// The inverse; also reads whole seconds. Nothing for any other text.
std::optional<Timestamp> try_parse_rfc3339(std::string_view text);

}  // namespace cupel
