// The words of the reference machine and the protocol page's table as data; see
// reference_machine.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace reference {

enum class State {
    Proposed,
    InReview,
    Offered,
    Claimed,
    Started,
    CancelRequested,
    Unknown,
    ResultIn,
    Awaiting,
    Labelled,
    Rejected,
    Withdrawn,
    Expired,
    Cancelled,
    Failed,
    Abandoned,
    Retracted,
};
std::string word(State state);
bool is_final(State state);

enum class Phase { Running, Paused, Draining, Finished };
std::string word(Phase phase);

enum class Holder { Robot, Person, Facility };

enum class Finding {
    Confirmed,
    Analogue,
    MassConfirmed,
    MixtureSeen,
    MixtureNotSeen,
    MixtureUnclear,
    Amorphous,
    NoReaction,
    Decomposed,
    DecomposedLater,
    CrystalsUnsolved,
    ExecutionFailed,
    Abandoned,
};
/// The two labels a finding teaches; nothing = it trains nothing.
struct Lesson {
    std::optional<double> pair, target;
};
Lesson lesson(Finding finding);

/// What came in.
enum class Verb {
    Claim,
    Renew,
    Start,
    Progress,
    Release,
    Decline,
    Result,
    Amend,
    Retract,
    Cancel,
    CancelAck,
    Approve,
    Reject,
    Edit,
    Withdraw,
    Resolve,
    AcceptHeld,
    RefuseHeld,
    Overrule,
    Pause,
    Resume,
    Stop,
};
std::string word(Verb verb);

/// One row of the protocol page's table.
struct Row {
    State from;
    std::string input;
    State to;
};
const std::vector<Row>& table();

}  // namespace reference
