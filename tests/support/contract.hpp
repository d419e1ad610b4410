// Messages held against the schemas of protocol v1: what is sent and what is promised cannot drift.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <cupel/codec/schema_validator.hpp>
#include <cupel/domain/command.hpp>
#include <cupel/domain/event.hpp>

namespace cupel::test {

/// "event", "LEASE_EXPIRED" -> "event-lease-expired-1".
inline std::string schema_of(std::string_view family, std::string_view kind) {
    std::string name = std::string(family) + "-";
    for (const char c : kind) {
        name += c == '_' ? '-' : static_cast<char>(c | 0x20);
    }
    return name + "-1";
}

/// Nothing, or the schema, what does not fit it, and the body.
inline std::optional<std::string> breach(const std::string& schema, std::string_view body) {
    const auto violation = codec::schema_violation(schema, body);
    return violation ? std::optional(schema + ": " + *violation + " in " + std::string(body))
                     : std::nullopt;
}

}  // namespace cupel::test
