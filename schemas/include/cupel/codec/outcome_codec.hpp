// Outcomes and labels as JSON.
#pragma once

#include <string>
#include <string_view>

#include <cupel/domain/outcome.hpp>

namespace cupel::codec {

/// {"kind","target_seen","after_isolation","analogue_grade","only_counts_differ"}.
std::string encode(const Outcome& outcome);
/// A bare word ("confirmed") or the object that encode() writes. Throws InputError("bad_message").
Outcome decode_outcome(std::string_view json);

/// {"pair","target","provisional","unstable"}; null = trains nothing.
std::string encode(const Label& label);

}  // namespace cupel::codec
