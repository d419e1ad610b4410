// Domain values as nlohmann::json: the ledger composes replies, events and records of them.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/outcome.hpp>
#include <cupel/domain/proposal.hpp>
#include <cupel/domain/verdict.hpp>

namespace cupel::controller {

using Json = nlohmann::json;

Json to_json(const Candidate& candidate);
Json to_json(const Outcome& outcome);
Json to_json(const Label& label);
Json to_json(const Verdict& verdict);
/// The wire object of the protocol page.
Json to_json(const Proposal& proposal);
/// Everything a proposal holds, for the store.
Json to_stored_json(const Proposal& proposal);

/// The inverse; InputError names what does not fit.
Candidate candidate_of(const Json& json);
Outcome outcome_of(const Json& json);
Proposal stored_proposal_of(const Json& json);
StructureReport structure_report_of(const std::string& text);

/// `null` for nothing.
template <typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

}  // namespace cupel::controller
