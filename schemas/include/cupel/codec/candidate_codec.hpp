// Candidates as JSON: the `candidate` object of the protocol page, and one line of a pool file.
#pragma once

#include <string>
#include <string_view>

#include <cupel/domain/candidate.hpp>

namespace cupel::codec {

/// {"key","core":{"formula","metals","anions","hydrides"},"ligands":[...],"charge","conditions","edit"}.
std::string encode(const Candidate& candidate);

/// Reads what encode() writes; unknown fields are ignored, `null` is unknown.
/// Throws InputError("bad_message") naming the field.
Candidate decode_candidate(std::string_view json);

}  // namespace cupel::codec
