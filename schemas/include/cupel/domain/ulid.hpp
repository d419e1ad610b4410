// ULIDs: 128-bit ids that sort by time, 26 characters of Crockford base 32.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cupel {

/// A fresh id: 48 bits of milliseconds since 1970 and 80 bits from the system's random source.
/// Thread-safe; ids made by one process within a millisecond still sort in order of making.
std::string make_ulid();

/// The id of given parts, for tests and for ids that must be reproducible.
std::string make_ulid(std::uint64_t unix_ms, std::uint64_t random_high, std::uint64_t random_low);

/// True when `text` is 26 Crockford base-32 characters with a time that fits 48 bits.
bool is_ulid(std::string_view text) noexcept;

}  // namespace cupel
