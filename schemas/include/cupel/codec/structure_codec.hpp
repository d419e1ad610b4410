// Structure reports and verdicts as JSON: the answer of `cupel structure --json`.
#pragma once

#include <string>
#include <string_view>

#include <cupel/domain/verdict.hpp>

namespace cupel::codec {

/// One object per file, as the protocol page describes it.
std::string encode(const StructureReport& report);
std::string encode(const Verdict& verdict);
/// Read what encode() writes. Throw InputError("bad_message").
StructureReport decode_structure_report(std::string_view json);
Verdict decode_verdict(std::string_view json);

}  // namespace cupel::codec
