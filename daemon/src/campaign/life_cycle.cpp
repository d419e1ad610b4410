// The table of the protocol page, row by row.
#include "life_cycle.hpp"

#include <algorithm>

namespace cupel::controller {
namespace {

using S = ProposalState;
using I = Input;

// RESULT in CLAIMED is START (implied) and then the row of STARTED, so it has no row of its own.
// What an `execution_failed` or `abandoned` says is final wherever it may arrive: after a
// cancellation was asked for nothing is offered again, hence FAILED there whatever the campaign's
// rule.
std::vector<Transition> make_table() {
    return {
        {S::Proposed, I::Automatic, S::Offered, {"OFFERED"}},
        {S::Proposed, I::Review, S::InReview, {"REVIEW_REQUESTED"}},
        {S::InReview, I::Approve, S::Offered, {"APPROVED", "OFFERED"}},
        {S::InReview, I::Reject, S::Rejected, {"REJECTED"}},
        {S::InReview, I::Edit, S::Withdrawn, {"EDITED"}},

        {S::Proposed, I::Withdraw, S::Withdrawn, {"WITHDRAWN"}},
        {S::InReview, I::Withdraw, S::Withdrawn, {"WITHDRAWN"}},
        {S::Offered, I::Withdraw, S::Withdrawn, {"WITHDRAWN"}},
        {S::Proposed, I::Supersede, S::Withdrawn, {"WITHDRAWN"}},
        {S::InReview, I::Supersede, S::Withdrawn, {"WITHDRAWN"}},
        {S::Offered, I::Supersede, S::Withdrawn, {"WITHDRAWN"}},
        {S::Proposed, I::CampaignStop, S::Withdrawn, {"WITHDRAWN"}},
        {S::InReview, I::CampaignStop, S::Withdrawn, {"WITHDRAWN"}},
        {S::Offered, I::CampaignStop, S::Withdrawn, {"WITHDRAWN"}},
        {S::Proposed, I::OfferExpiry, S::Expired, {"EXPIRED"}},
        {S::InReview, I::OfferExpiry, S::Expired, {"EXPIRED"}},
        {S::Offered, I::OfferExpiry, S::Expired, {"EXPIRED"}},

        {S::Offered, I::Claim, S::Claimed, {"CLAIMED"}},
        {S::Offered, I::Decline, S::Offered, {"DECLINED"}},

        {S::Claimed, I::Start, S::Started, {"STARTED"}},
        {S::Claimed, I::Release, S::Offered, {"RELEASED"}},
        {S::Claimed, I::DeclineHeld, S::Offered, {"DECLINED"}},
        {S::Claimed, I::LeaseExpiry, S::Offered, {"LEASE_EXPIRED"}},
        {S::Claimed, I::Cancel, S::Cancelled, {"CANCELLED"}},

        {S::Started, I::Progress, S::Started, {"PROGRESS"}},
        {S::Started, I::Result, S::ResultIn, {"RESULT_RECEIVED"}},
        {S::Started, I::ResultReoffer, S::Offered, {"RESULT_RECEIVED", "OFFERED"}, true},
        {S::Started, I::ResultFailed, S::Failed, {"RESULT_RECEIVED", "FAILED"}},
        {S::Started, I::ResultAbandoned, S::Abandoned, {"RESULT_RECEIVED", "ABANDONED"}},
        {S::Started, I::Cancel, S::CancelRequested, {"CANCEL_REQUESTED"}},
        {S::Started, I::LeaseExpiry, S::Unknown, {"LEASE_EXPIRED", "UNKNOWN_RAISED"}},

        {S::CancelRequested, I::CancelStopped, S::Cancelled, {"CANCELLED"}},
        {S::CancelRequested, I::CancelTooLate, S::Started, {"CANCEL_REFUSED"}},
        {S::CancelRequested, I::Progress, S::CancelRequested, {"PROGRESS"}},
        {S::CancelRequested, I::Result, S::ResultIn, {"RESULT_RECEIVED"}},
        {S::CancelRequested, I::ResultReoffer, S::Failed, {"RESULT_RECEIVED", "FAILED"}},
        {S::CancelRequested, I::ResultFailed, S::Failed, {"RESULT_RECEIVED", "FAILED"}},
        {S::CancelRequested, I::ResultAbandoned, S::Abandoned, {"RESULT_RECEIVED", "ABANDONED"}},
        {S::CancelRequested, I::LeaseExpiry, S::Unknown, {"LEASE_EXPIRED", "UNKNOWN_RAISED"}},

        {S::Unknown, I::Result, S::ResultIn, {"RESULT_RECEIVED"}},
        {S::Unknown, I::ResultReoffer, S::Offered, {"RESULT_RECEIVED", "OFFERED"}, true},
        {S::Unknown, I::ResultFailed, S::Failed, {"RESULT_RECEIVED", "FAILED"}},
        {S::Unknown, I::ResultAbandoned, S::Abandoned, {"RESULT_RECEIVED", "ABANDONED"}},
        {S::Unknown, I::Progress, S::Started, {"WORKER_RETURNED"}},
        {S::Unknown,
         I::ProgressCancelled,
         S::CancelRequested,
         {"WORKER_RETURNED", "CANCEL_REQUESTED"}},
        {S::Unknown, I::ResolveReoffer, S::Offered, {"UNKNOWN_RESOLVED", "OFFERED"}, true},
        {S::Unknown, I::ResolveFailed, S::Failed, {"UNKNOWN_RESOLVED", "FAILED"}},
        {S::Unknown, I::ResolveResult, S::ResultIn, {"UNKNOWN_RESOLVED", "RESULT_RECEIVED"}},

        {S::ResultIn, I::VerdictLabel, S::Labelled, {"VERDICT"}},
        {S::ResultIn, I::VerdictOpen, S::Awaiting, {"VERDICT"}},
        {S::ResultIn, I::Result, S::ResultIn, {"RESULT_RECEIVED"}},

        {S::Awaiting, I::Result, S::ResultIn, {"RESULT_RECEIVED"}},
        {S::Awaiting, I::Amend, S::ResultIn, {"RESULT_AMENDED"}},
        {S::Awaiting, I::Overrule, S::Labelled, {"VERDICT_OVERRULED"}},
        {S::Awaiting, I::Retract, S::Retracted, {"RESULT_RETRACTED"}},
        {S::Labelled, I::Result, S::ResultIn, {"RESULT_RECEIVED"}},
        {S::Labelled, I::Amend, S::ResultIn, {"RESULT_AMENDED"}},
        {S::Labelled, I::Overrule, S::Labelled, {"VERDICT_OVERRULED"}},
        {S::Labelled, I::Retract, S::Retracted, {"RESULT_RETRACTED"}},
    };
}

}  // namespace

const std::vector<Transition>& life_cycle() {
    static const std::vector<Transition> table = make_table();
    return table;
}

const Transition* try_next(ProposalState state, Input input) {
    const auto& table = life_cycle();
    const auto row = std::find_if(table.begin(), table.end(), [&](const Transition& t) {
        return t.from == state && t.input == input;
    });
    return row == table.end() ? nullptr : &*row;
}

std::string_view to_string(Input input) noexcept {
    switch (input) {
        case I::Automatic:
            return "AUTOMATIC";
        case I::Review:
            return "REVIEW";
        case I::Approve:
            return "APPROVE";
        case I::Reject:
            return "REJECT";
        case I::Edit:
            return "EDIT";
        case I::Withdraw:
            return "WITHDRAW";
        case I::Supersede:
            return "SUPERSEDE";
        case I::CampaignStop:
            return "CAMPAIGN_STOP";
        case I::OfferExpiry:
            return "OFFER_EXPIRY";
        case I::Claim:
            return "CLAIM";
        case I::Decline:
            return "DECLINE";
        case I::Start:
            return "START";
        case I::Release:
            return "RELEASE";
        case I::DeclineHeld:
            return "DECLINE";
        case I::LeaseExpiry:
            return "LEASE_EXPIRY";
        case I::Cancel:
            return "CANCEL";
        case I::CancelStopped:
            return "CANCEL_ACK stopped";
        case I::CancelTooLate:
            return "CANCEL_ACK too_late";
        case I::Progress:
        case I::ProgressCancelled:
            return "PROGRESS";
        case I::Result:
            return "RESULT";
        case I::ResultReoffer:
            return "RESULT execution_failed";
        case I::ResultFailed:
            return "RESULT execution_failed";
        case I::ResultAbandoned:
            return "RESULT abandoned";
        case I::ResolveReoffer:
            return "RESOLVE_UNKNOWN reoffer";
        case I::ResolveFailed:
            return "RESOLVE_UNKNOWN failed";
        case I::ResolveResult:
            return "RESOLVE_UNKNOWN result";
        case I::VerdictLabel:
            return "VERDICT with a label";
        case I::VerdictOpen:
            return "VERDICT without a label";
        case I::Overrule:
            return "OVERRULE";
        case I::Amend:
            return "RESULT_AMEND";
        case I::Retract:
            return "RESULT_RETRACT";
    }
    return "";
}

bool is_open(ProposalState state) noexcept {
    return state == S::Proposed || state == S::InReview || state == S::Offered ||
           state == S::Claimed;
}

bool is_settled(ProposalState state) noexcept {
    return is_terminal(state) || state == S::Labelled;
}

bool holds_lease(ProposalState state) noexcept {
    return state == S::Claimed || state == S::Started || state == S::CancelRequested;
}

}  // namespace cupel::controller
