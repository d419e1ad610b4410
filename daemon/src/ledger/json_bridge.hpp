// Domain values as nlohmann::json, through the codec: the ledger composes replies and events of
// them.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/outcome_codec.hpp>
#include <cupel/codec/proposal_codec.hpp>
#include <cupel/codec/structure_codec.hpp>

namespace cupel::controller {

using Json = nlohmann::json;

/// Any value that the codec writes; the wire shapes of the protocol page.
template <typename T>
Json to_json(const T& value) {
    return Json::parse(codec::encode(value));
}
/// Everything a proposal holds, for the store.
inline Json to_stored_json(const Proposal& proposal) {
    return Json::parse(codec::encode_stored(proposal));
}

/// The inverse; InputError names what does not fit.
inline Candidate candidate_of(const Json& json) {
    return codec::decode_candidate(json.dump());
}
inline Outcome outcome_of(const Json& json) {
    return codec::decode_outcome(json.dump());
}
inline Proposal stored_proposal_of(const Json& json) {
    return codec::decode_stored_proposal(json.dump());
}

/// What another program said; `null` when it is not JSON, for the history holds nothing else.
inline Json parsed_or_null(const std::string& text) {
    Json value = Json::parse(text, nullptr, false);
    return value.is_discarded() ? Json(nullptr) : value;
}

/// `null` for nothing.
template <typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

}  // namespace cupel::controller
