// The protocol page's tables, row by row.
#include "reference_table.hpp"

#include <map>
#include <stdexcept>

namespace reference {

std::string word(State state) {
    switch (state) {
        case State::Proposed:
            return "PROPOSED";
        case State::InReview:
            return "IN_REVIEW";
        case State::Offered:
            return "OFFERED";
        case State::Claimed:
            return "CLAIMED";
        case State::Started:
            return "STARTED";
        case State::CancelRequested:
            return "CANCEL_REQUESTED";
        case State::Unknown:
            return "UNKNOWN";
        case State::ResultIn:
            return "RESULT_IN";
        case State::Awaiting:
            return "AWAITING";
        case State::Labelled:
            return "LABELLED";
        case State::Rejected:
            return "REJECTED";
        case State::Withdrawn:
            return "WITHDRAWN";
        case State::Expired:
            return "EXPIRED";
        case State::Cancelled:
            return "CANCELLED";
        case State::Failed:
            return "FAILED";
        case State::Abandoned:
            return "ABANDONED";
        case State::Retracted:
            return "RETRACTED";
    }
    throw std::logic_error("no such state");
}

bool is_final(State state) {
    return word(state) == "REJECTED" || word(state) == "WITHDRAWN" || word(state) == "EXPIRED" ||
           word(state) == "CANCELLED" || word(state) == "FAILED" || word(state) == "ABANDONED" ||
           word(state) == "RETRACTED";
}

std::string word(Phase phase) {
    switch (phase) {
        case Phase::Running:
            return "RUNNING";
        case Phase::Paused:
            return "PAUSED";
        case Phase::Draining:
            return "DRAINING";
        case Phase::Finished:
            return "FINISHED";
    }
    throw std::logic_error("no such phase");
}

std::string word(Verb verb) {
    static const std::map<Verb, std::string> words = {
        {Verb::Claim, "CLAIM"},
        {Verb::Renew, "RENEW"},
        {Verb::Start, "START"},
        {Verb::Progress, "PROGRESS"},
        {Verb::Release, "RELEASE"},
        {Verb::Decline, "DECLINE"},
        {Verb::Result, "RESULT"},
        {Verb::Amend, "RESULT_AMEND"},
        {Verb::Retract, "RESULT_RETRACT"},
        {Verb::Cancel, "CANCEL"},
        {Verb::CancelAck, "CANCEL_ACK"},
        {Verb::Approve, "APPROVE"},
        {Verb::Reject, "REJECT"},
        {Verb::Edit, "EDIT"},
        {Verb::Withdraw, "WITHDRAW"},
        {Verb::Resolve, "RESOLVE_UNKNOWN"},
        {Verb::AcceptHeld, "ACCEPT_HELD"},
        {Verb::RefuseHeld, "REFUSE_HELD"},
        {Verb::Overrule, "OVERRULE"},
        {Verb::Pause, "CAMPAIGN_PAUSE"},
        {Verb::Resume, "CAMPAIGN_RESUME"},
        {Verb::Stop, "CAMPAIGN_STOP"},
    };
    return words.at(verb);
}

// The outcome table of the domain page.
Lesson lesson(Finding finding) {
    switch (finding) {
        case Finding::Confirmed:
            return {1.0, 1.0};
        case Finding::Analogue:
            return {0.0, 0.25};  // told by mouth, without a structure: nothing says that only
                                 // counts differ, so it is a negative for these conditions
        case Finding::MassConfirmed:
            return {0.8, 0.8};
        case Finding::MixtureSeen:
            return {0.5, 0.5};
        case Finding::MixtureNotSeen:
            return {0.1, 0.1};
        case Finding::MixtureUnclear:
            return {0.2, 0.2};
        case Finding::Amorphous:
            return {0.05, 0.0};
        case Finding::NoReaction:
        case Finding::Decomposed:
            return {0.0, 0.0};
        case Finding::DecomposedLater:
            return {1.0, 1.0};
        case Finding::CrystalsUnsolved:
        case Finding::ExecutionFailed:
        case Finding::Abandoned:
            return {};
    }
    throw std::logic_error("no such finding");
}

const std::vector<Row>& table() {
    static const std::vector<Row> rows = {
        {State::Proposed, "automatic", State::Offered},
        {State::Proposed, "review", State::InReview},
        {State::InReview, "APPROVE", State::Offered},
        {State::InReview, "REJECT", State::Rejected},
        {State::InReview, "EDIT", State::Withdrawn},
        {State::InReview, "WITHDRAW", State::Withdrawn},
        {State::InReview, "CAMPAIGN_STOP", State::Withdrawn},
        {State::InReview, "offer ttl", State::Expired},
        {State::Offered, "WITHDRAW", State::Withdrawn},
        {State::Offered, "CAMPAIGN_STOP", State::Withdrawn},
        {State::Offered, "offer ttl", State::Expired},
        {State::InReview, "superseded", State::Withdrawn},
        {State::Offered, "superseded", State::Withdrawn},
        {State::Offered, "decline limit", State::Withdrawn},
        {State::Offered, "CLAIM", State::Claimed},
        {State::Offered, "DECLINE", State::Offered},
        {State::Claimed, "START", State::Started},
        {State::Claimed, "RELEASE", State::Offered},
        {State::Claimed, "DECLINE", State::Offered},
        {State::Claimed, "expiry", State::Offered},
        {State::Claimed, "CANCEL", State::Cancelled},
        {State::Claimed, "RESULT", State::Started},
        {State::Started, "PROGRESS", State::Started},
        {State::Started, "RESULT", State::ResultIn},
        {State::Started, "execution_failed", State::Offered},
        {State::Started, "execution_failed", State::Failed},
        {State::Started, "abandoned", State::Abandoned},
        {State::Started, "CANCEL", State::CancelRequested},
        {State::Started, "expiry", State::Unknown},
        {State::CancelRequested, "CANCEL_ACK stopped", State::Cancelled},
        {State::CancelRequested, "CANCEL_ACK too_late", State::Started},
        {State::CancelRequested, "RESULT", State::ResultIn},
        {State::CancelRequested, "execution_failed", State::Failed},
        {State::CancelRequested, "abandoned", State::Abandoned},
        {State::CancelRequested, "expiry", State::Unknown},
        {State::Unknown, "RESULT", State::ResultIn},
        {State::Unknown, "execution_failed", State::Offered},
        {State::Unknown, "execution_failed", State::Failed},
        {State::Unknown, "abandoned", State::Abandoned},
        {State::Unknown, "PROGRESS", State::Started},
        {State::Unknown, "RENEW", State::Started},
        {State::Unknown, "PROGRESS", State::CancelRequested},
        {State::Unknown, "RENEW", State::CancelRequested},
        {State::Unknown, "RESOLVE_UNKNOWN", State::Offered},
        {State::Unknown, "RESOLVE_UNKNOWN", State::Failed},
        {State::Unknown, "RESOLVE_UNKNOWN", State::ResultIn},
        {State::ResultIn, "verdict", State::Labelled},
        {State::ResultIn, "verdict", State::Awaiting},
        {State::ResultIn, "RESULT", State::ResultIn},
        {State::Awaiting, "RESULT", State::ResultIn},
        {State::Awaiting, "RESULT_AMEND", State::ResultIn},
        {State::Awaiting, "OVERRULE", State::Labelled},
        {State::Awaiting, "RESULT_RETRACT", State::Retracted},
        {State::Labelled, "RESULT", State::ResultIn},
        {State::Labelled, "RESULT_AMEND", State::ResultIn},
        {State::Labelled, "OVERRULE", State::Labelled},
        {State::Labelled, "RESULT_RETRACT", State::Retracted},
    };
    return rows;
}

}  // namespace reference
