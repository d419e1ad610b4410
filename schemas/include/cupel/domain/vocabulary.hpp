// The words of the wire for every enumerator, and back.
#pragma once

#include <optional>
#include <string_view>

#include <cupel/domain/outcome.hpp>
#include <cupel/domain/proposal.hpp>
#include <cupel/domain/verdict.hpp>

namespace cupel {

std::string_view to_string(ProposalState value) noexcept;  ///< "OFFERED"
std::string_view to_string(CampaignState value) noexcept;  ///< "RUNNING"
std::string_view to_string(LeaseClass value) noexcept;     ///< "robot"
std::string_view to_string(OutcomeKind value) noexcept;    ///< "execution_failed"
std::string_view to_string(Agreement value) noexcept;      ///< "yes", "no", "not determined"

/// Nothing when the word is none of ours.
template <typename Enum>
std::optional<Enum> try_parse(std::string_view word) noexcept;
template <>
std::optional<ProposalState> try_parse<ProposalState>(std::string_view word) noexcept;
template <>
std::optional<CampaignState> try_parse<CampaignState>(std::string_view word) noexcept;
template <>
std::optional<LeaseClass> try_parse<LeaseClass>(std::string_view word) noexcept;
template <>
std::optional<OutcomeKind> try_parse<OutcomeKind>(std::string_view word) noexcept;
template <>
std::optional<Agreement> try_parse<Agreement>(std::string_view word) noexcept;

}  // namespace cupel
