// Proposals as JSON: the wire object, and a lossless form for the store.
#pragma once

#include <string>
#include <string_view>

#include <cupel/domain/proposal.hpp>

namespace cupel::codec {

/// The `proposal` object of the protocol page.
std::string encode(const Proposal& proposal);
/// Reads the wire object; what the wire leaves out keeps its default. Throws
/// InputError("bad_message").
Proposal decode_proposal(std::string_view json);

/// Every field, provenance included; decode_stored_proposal(encode_stored(p)) equals p.
std::string encode_stored(const Proposal& proposal);
Proposal decode_stored_proposal(std::string_view json);

}  // namespace cupel::codec
