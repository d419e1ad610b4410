// What came of an experiment, and what people decide about it.
#include <algorithm>
#include <stdexcept>

#include "reference_machine.hpp"

namespace reference {

void Machine::learned() {
    ++unlearned_;
}

// Repeats combine by best evidence, not by the last; and what teaches nothing takes nothing away:
// crystals that could not be solved do not undo a mass spectrum.
void Machine::judge(int proposal, std::optional<Finding> finding, Weight weight) {
    Proposal& judged = at(proposal);
    const auto teaches = [](std::optional<Finding> f) { return f && lesson(*f).target; };
    const bool stronger_stands = judged.finding && (weight < judged.weight ||
                                                    (teaches(judged.finding) && !teaches(finding)));
    if (!stronger_stands && finding) {
        judged.finding = finding;
        judged.weight = weight;
    }
    const bool labelled = teaches(judged.finding);
    move(proposal, "verdict", labelled ? State::Labelled : State::Awaiting);
    say("VERDICT", proposal);
    if (std::exchange(judged.label_gone, false) || labelled) {
        learned();  // one label more, or one less
    }
}

bool Machine::read_structure(int proposal) {
    Proposal& read = at(proposal);
    if (read.state != State::ResultIn || read.file == File::None) {
        return false;
    }
    const File file = std::exchange(read.file, File::None);
    if (file == File::Solved) {
        judge(proposal, Finding::Confirmed, Weight::Structure);
    } else {
        judge(proposal, read.claimed, Weight::Claim);
    }
    return true;
}

// Held results that were accepted when their proposal had moved on: the file says what was found,
// and only where it cannot be read, what was claimed.
bool Machine::read_observations() {
    const std::vector<int> read = std::exchange(unread_, {});
    for (const int number : read) {
        const StoredResult found = results_.at(static_cast<std::size_t>(number));
        if (found.file == File::Solved) {
            observe(kShownByFiles, Finding::Confirmed);
        } else if (found.finding) {
            observe(at(found.proposal).identity, *found.finding);
        }
    }
    return !read.empty();
}

// A structure decides once it is read; without one, what was claimed.
void Machine::weigh(int proposal, std::optional<Finding> claimed, File file) {
    Proposal& weighed = at(proposal);
    if (claimed == Finding::Confirmed) {
        claimed = Finding::MassConfirmed;  // claimed without a structure
    }
    // open: while a file is being read, what is said of the attempt is kept as it would be judged:
    // what teaches nothing does not take the place of what teaches.
    const auto taught = [](const std::optional<Finding>& finding) {
        return finding && (lesson(*finding).pair || lesson(*finding).target);
    };
    const bool reading = weighed.file != File::None;
    if (reading && taught(weighed.claimed) && !taught(claimed)) {
        claimed = weighed.claimed;
    }
    if (file != File::None) {
        if (weighed.file != File::Solved) {
            weighed.file = file;  // open: of several files the best one decides
        }
        weighed.claimed = claimed;
    } else if (reading) {
        weighed.claimed = claimed;  // open: the file that came before wins
    } else {
        judge(proposal, claimed, Weight::Claim);
    }
}

void Machine::refund(int proposal) {
    if (at(proposal).charged) {
        at(proposal).charged = false;
        --spent_;
    }
}

// The experiment did not take place, or nobody will make it.
void Machine::end_attempt(int proposal, const StoredResult& found, bool from_holder) {
    Proposal& ended = at(proposal);
    if (*found.finding == Finding::Abandoned) {
        move(proposal, "abandoned", State::Abandoned);
        say("ABANDONED", proposal);
        return;
    }
    const bool untouched = found.consumed == false;
    if (untouched) {
        refund(proposal);
    }
    // P4.  open: nothing is offered again that someone asked to cancel, or after a stop.
    if (untouched && from_holder && rules_.reoffer_failed && !stopped_ &&
        ended.state != State::CancelRequested && !ended.cancel_asked &&
        ended.attempt < rules_.max_attempts) {
        move(proposal, "execution_failed", State::Offered);
        ++ended.attempt;
        ended.charged = false;
        ended.cancel_asked = false;
        ended.insisted = false;
        say("OFFERED", proposal);
        offer_again(proposal);
    } else {
        move(proposal, "execution_failed", State::Failed);
        say("FAILED", proposal);
    }
}

void Machine::take_in(int proposal, const StoredResult& found, bool from_holder, bool shows_fence) {
    if (at(proposal).state == State::Claimed) {
        begin(proposal, true, std::nullopt);
    }
    const State state = at(proposal).state;
    const bool working =
        state == State::Started || state == State::CancelRequested || state == State::Unknown;
    if (!found.finding && found.file == File::None) {
        // A stage on the way.  Others may tell it; the worker's own word shows that it is there.
        if (working && (from_holder || shows_fence)) {
            lengthen(lease_of(proposal), std::nullopt);
            lease_of(proposal).noted = now_;
            hear(proposal);
        }
        say("RESULT_RECEIVED", proposal);
        return;
    }
    say("RESULT_RECEIVED", proposal);
    // open: these two end the attempt wherever it stands, also when it was UNKNOWN; where results
    // are in already they are one more report.
    const bool no_experiment =
        found.file == File::None &&
        (*found.finding == Finding::ExecutionFailed || *found.finding == Finding::Abandoned);
    if (no_experiment && working) {
        end_attempt(proposal, found, from_holder);
        return;
    }
    move(proposal, "RESULT", State::ResultIn);
    weigh(proposal, found.finding, found.file);
}

Answer Machine::result(const Input& input) {
    const int proposal = input.proposals.at(0);
    if (!input.finding && input.file == File::None && !input.staged) {
        throw Refused{"BAD_MESSAGE"};
    }
    if (proposal < 0) {
        // A result is never thrown away, also of what nobody here knows.
        StoredResult strange;
        strange.proposal = kNone;
        strange.file = input.file;
        strange.held = true;
        results_.push_back(strange);
        say("RESULT_HELD");
        Answer answer;
        answer.result = static_cast<int>(results_.size()) - 1;
        answer.held = true;
        return answer;
    }
    const std::set<State> takes = {State::Claimed,
                                   State::Started,
                                   State::CancelRequested,
                                   State::Unknown,
                                   State::ResultIn,
                                   State::Awaiting,
                                   State::Labelled};
    const bool this_attempt = !input.attempt || *input.attempt == at(proposal).attempt;
    // Without a lease: the holder, analysts, reviewers.  Nobody is authenticated here, so every
    // client has every role.
    const bool proven = input.lease == kNone || shows_last_fence(input, proposal);
    StoredResult found;
    found.proposal = proposal;
    found.finding = input.finding;
    found.consumed = input.consumed;
    found.file = input.file;
    found.attempt = input.attempt.value_or(at(proposal).attempt);
    found.held = !(this_attempt && proven && takes.count(at(proposal).state) != 0);
    results_.push_back(found);
    const int number = static_cast<int>(results_.size()) - 1;
    if (found.held) {
        say("RESULT_HELD", proposal);
    } else {
        take_in(proposal, found, lease_of(proposal).client == input.client, input.lease != kNone);
    }
    Answer answer = stands(proposal);
    answer.result = number;
    answer.held = found.held;
    return answer;
}

Answer Machine::amend(const Input& input) {
    const int proposal = named(input);
    Proposal& amended = at(proposal);
    if (input.verb == Verb::Amend && !input.finding && input.file == File::None) {
        throw Refused{"BAD_MESSAGE"};
    }
    if (amended.state != State::Awaiting && amended.state != State::Labelled) {
        throw Refused{"ILLEGAL_STATE"};
    }
    if (input.verb == Verb::Retract) {
        move(proposal, "RESULT_RETRACT", State::Retracted);
        amended.finding.reset();
        say("RESULT_RETRACTED", proposal);
        learned();
        return stands(proposal);
    }
    if (input.verb == Verb::Overrule) {
        move(proposal, "OVERRULE", State::Labelled);
        amended.finding = input.finding;
        amended.weight = Weight::Reviewer;
        say("VERDICT_OVERRULED", proposal);
        learned();
        return stands(proposal);
    }
    amended.label_gone = amended.state == State::Labelled;
    move(proposal, "RESULT_AMEND", State::ResultIn);
    say("RESULT_AMENDED", proposal);
    amended.finding.reset();  // what it corrects does not count against it
    amended.weight = Weight::Claim;
    StoredResult found;
    found.proposal = proposal;
    found.finding = input.finding;
    found.file = input.file;
    found.attempt = amended.attempt;
    results_.push_back(found);
    weigh(proposal, found.finding, found.file);
    Answer answer = stands(proposal);
    answer.result = static_cast<int>(results_.size()) - 1;
    return answer;
}

Answer Machine::held(const Input& input) {
    if (input.result < 0) {
        throw Refused{"ILLEGAL_STATE"};
    }
    StoredResult& found = results_.at(static_cast<std::size_t>(input.result));
    if (!found.held || found.settled) {
        throw Refused{"ILLEGAL_STATE"};
    }
    const int proposal = found.proposal;
    if (input.verb == Verb::RefuseHeld) {
        found.settled = true;
        say("RESULT_REFUSED", proposal);
        return {};
    }
    if (proposal == kNone) {
        // open: only a structure tells what was made.
        if (found.file == File::None) {
            throw Refused{"ILLEGAL_STATE"};
        }
        say("RESULT_RECEIVED");
        unread_.push_back(input.result);
        found.settled = true;
        return {};
    }
    const State state = at(proposal).state;
    const bool stands_there = state == State::Started || state == State::CancelRequested ||
                              state == State::Unknown || state == State::ResultIn ||
                              state == State::Awaiting || state == State::Labelled;
    if (stands_there && found.attempt == at(proposal).attempt) {
        take_in(proposal, found, false, false);
    } else {
        // open: the proposal has moved on, or the running attempt is another one, which must not
        // end by what an older one found.  What was found is knowledge of its own.
        if (found.file != File::None) {
            say("RESULT_RECEIVED");
            unread_.push_back(input.result);
        } else if (found.finding) {
            observe(at(proposal).identity, *found.finding);
        } else {
            throw Refused{"ILLEGAL_STATE"};
        }
    }
    found.settled = true;
    return stands(proposal);
}

Answer Machine::review(const Input& input) {
    const int proposal = named(input);
    const State state = at(proposal).state;
    const bool unclaimed = state == State::InReview || state == State::Offered;
    if (input.verb == Verb::Withdraw ? !unclaimed : state != State::InReview) {
        throw Refused{"ILLEGAL_STATE"};
    }
    if (input.verb == Verb::Approve) {
        move(proposal, "APPROVE", State::Offered);
        say("APPROVED", proposal);
        say("OFFERED", proposal);
    } else if (input.verb == Verb::Reject) {
        move(proposal, "REJECT", State::Rejected);
        say("REJECTED", proposal);
    } else if (input.verb == Verb::Edit) {
        const int next = static_cast<int>(proposals_.size());
        const int identity = input.twin < 0 ? kOutsideThePool + next : at(input.twin).identity;
        for (const Proposal& other : proposals_) {
            if (other.identity == identity && !is_final(other.state)) {
                throw Refused{"DUPLICATE_CANDIDATE"};
            }
        }
        if (observed_.count(identity) != 0) {
            throw Refused{"DUPLICATE_CANDIDATE"};
        }
        move(proposal, "EDIT", State::Withdrawn);
        say("EDITED", proposal);
        propose({identity});
        // open: who edited it has reviewed it.
        move(next, "APPROVE", State::Offered);
        say("APPROVED", next);
        say("OFFERED", next);
    } else {
        move(proposal, "WITHDRAW", State::Withdrawn);
        say("WITHDRAWN", proposal);
    }
    return stands(proposal);
}

Answer Machine::cancel(const Input& input) {
    const int proposal = named(input);
    const State state = at(proposal).state;
    if (input.verb == Verb::Cancel) {
        if (state == State::Claimed) {
            move(proposal, "CANCEL", State::Cancelled);
            say("CANCELLED", proposal);
        } else if (state == State::Started) {
            move(proposal, "CANCEL", State::CancelRequested);
            at(proposal).cancel_asked = true;
            say("CANCEL_REQUESTED", proposal);
        } else {
            throw Refused{"ILLEGAL_STATE"};
        }
        return stands(proposal);
    }
    require_lease(input, proposal);
    if (state == State::Unknown && at(proposal).cancel_asked) {
        lengthen(lease_of(proposal), std::nullopt);
        lease_of(proposal).noted = now_;
        come_back(proposal, "PROGRESS");
    } else if (state != State::CancelRequested) {
        throw Refused{"ILLEGAL_STATE"};
    }
    move(proposal,
         input.stopped ? "CANCEL_ACK stopped" : "CANCEL_ACK too_late",
         input.stopped ? State::Cancelled : State::Started);
    at(proposal).cancel_asked = input.stopped;
    say(input.stopped ? "CANCELLED" : "CANCEL_REFUSED", proposal);
    return stands(proposal);
}

Answer Machine::resolve(const Input& input) {
    const int proposal = named(input);
    if (at(proposal).state != State::Unknown) {
        throw Refused{"ILLEGAL_STATE"};
    }
    say("UNKNOWN_RESOLVED", proposal);
    switch (input.way) {
        case Way::Reoffer:
            // A person may offer it more often than max_attempts.
            move(proposal, "RESOLVE_UNKNOWN", State::Offered);
            ++at(proposal).attempt;
            at(proposal).charged = false;  // what the last attempt cost is spent
            at(proposal).cancel_asked = false;
            at(proposal).insisted = true;
            say("OFFERED", proposal);
            break;
        case Way::Failed:
            move(proposal, "RESOLVE_UNKNOWN", State::Failed);
            say("FAILED", proposal);
            break;
        case Way::Result:
            move(proposal, "RESOLVE_UNKNOWN", State::ResultIn);
            say("RESULT_RECEIVED", proposal);
            weigh(proposal, input.finding, File::None);
            break;
    }
    return stands(proposal);
}

Answer Machine::steer(const Input& input) {
    if (input.verb == Verb::Pause && phase_ == Phase::Running) {
        phase_ = Phase::Paused;
        say("CAMPAIGN_PAUSED");
    } else if (input.verb == Verb::Resume && phase_ == Phase::Paused) {
        phase_ = Phase::Running;
        say("CAMPAIGN_RESUMED");
    } else if (input.verb == Verb::Stop && phase_ != Phase::Finished && !stopped_) {
        // open: also when the budget has closed it: then no refund opens it again.
        phase_ = Phase::Draining;
        stopped_ = true;
        say("CAMPAIGN_DRAINING");
        close_offers("CAMPAIGN_STOP");
    } else {
        throw Refused{"ILLEGAL_STATE"};
    }
    Answer answer;
    answer.state = word(phase_);
    return answer;
}

}  // namespace reference
