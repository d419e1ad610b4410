// The life of a proposal as data: state x input -> next state and the events that record it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include <cupel/domain/proposal.hpp>

namespace cupel::controller {

/// What can happen to a proposal. Results come sorted by what they mean for its life.
enum class Input {
    Automatic,  ///< the campaign offers without review
    Review,     ///< the campaign asks a person first
    Approve,
    Reject,
    Edit,
    Withdraw,
    Supersede,     ///< a newer model's proposals replace it
    CampaignStop,  ///< stopped, or the budget is spent
    OfferExpiry,
    Claim,
    Decline,  ///< without a lease
    Start,
    Release,
    DeclineHeld,  ///< with a lease
    LeaseExpiry,
    Cancel,
    CancelStopped,
    CancelTooLate,
    Progress,           ///< also RENEW and a staged RESULT
    ProgressCancelled,  ///< the same from a worker who was asked to stop before it fell silent
    Result,             ///< something was made and seen
    ResultReoffer,      ///< execution_failed, nothing consumed, and the campaign offers again
    ResultFailed,       ///< any other execution_failed
    ResultAbandoned,
    ResolveReoffer,
    ResolveFailed,
    ResolveResult,
    VerdictLabel,
    VerdictOpen,  ///< a verdict that gives no label
    Overrule,
    Amend,
    Retract,
};

/// One row of the table.
struct Transition {
    ProposalState from;
    Input input;
    ProposalState to;
    std::vector<std::string_view> events;  ///< kinds, in order
    bool next_attempt = false;             ///< offered again: attempt + 1, the old lease ends
};

/// The whole table of the protocol page, in its order.
const std::vector<Transition>& life_cycle();

/// The row for `input` in `state`; nothing when the input is not allowed there.
const Transition* try_next(ProposalState state, Input input);

/// "RESULT_REOFFER", for messages and tests.
std::string_view to_string(Input input) noexcept;

/// Counts against `open_offers`: unclaimed or claimed.
bool is_open(ProposalState state) noexcept;
/// Nothing more is expected of it before a campaign can finish: terminal or labelled.
bool is_settled(ProposalState state) noexcept;
/// Someone works on it under a live lease.
bool holds_lease(ProposalState state) noexcept;

}  // namespace cupel::controller
