// Durations and times as people write and read them.
#pragma once

#include <string>
#include <string_view>

#include <cupel/domain/timestamp.hpp>

namespace cupel::cli {

/// Seconds of "90s", "45min", "12h", "3d" or "1.5h". Throws InputError naming `option`.
double parse_duration(std::string_view text, const std::string& option);

/// "45 s", "30 min", "71 h", "14 days": the largest unit of which there are at least two.
std::string duration_text(double seconds);

/// "Fri 27 Nov 23:04", local time.
std::string local_text(Timestamp time);
/// The same of a time of the wire; the text itself when it is none.
std::string local_text(const std::string& rfc3339);

}  // namespace cupel::cli
