// What is sent next: mostly what fits the state.
#include <algorithm>

#include "walk.hpp"

namespace cupel::test {

namespace ref = reference;
using ref::Finding;
using ref::Input;
using ref::kInvented;
using ref::kNone;
using ref::Verb;

namespace {

const std::vector<std::string> kClients = {"robot", "person", "plant", "stranger"};

}  // namespace

const std::string& Walk::some_client() {
    return kClients[static_cast<std::size_t>(below(static_cast<int>(kClients.size())))];
}

std::vector<ref::State> Walk::fitting(Verb verb) {
    using S = ref::State;
    switch (verb) {
        case Verb::Claim:
            return {S::Offered};
        case Verb::Decline:
            return {S::Offered, S::Claimed};
        case Verb::Start:
        case Verb::Release:
            return {S::Claimed};
        case Verb::Renew:
            return {S::Claimed, S::Started, S::CancelRequested, S::Unknown};
        case Verb::Progress:
            return {S::Started, S::CancelRequested, S::Unknown};
        case Verb::Result:
            return {S::Claimed,
                    S::Started,
                    S::CancelRequested,
                    S::Unknown,
                    S::ResultIn,
                    S::Awaiting,
                    S::Labelled};
        case Verb::Amend:
        case Verb::Overrule:
        case Verb::Retract:
            return {S::Awaiting, S::Labelled};
        case Verb::Cancel:
            return {S::Claimed, S::Started};
        case Verb::CancelAck:
            return {S::CancelRequested};
        case Verb::Approve:
        case Verb::Reject:
        case Verb::Edit:
            return {S::InReview};
        case Verb::Withdraw:
            return {S::InReview, S::Offered};
        case Verb::Resolve:
            return {S::Unknown};
        case Verb::AcceptHeld:
        case Verb::RefuseHeld:
        case Verb::Pause:
        case Verb::Resume:
        case Verb::Stop:
            return {};
    }
    return {};
}

int Walk::some_proposal(Verb verb) {
    const auto& all = machine_.proposals();
    if (all.empty() || one_in(60)) {
        return kInvented;
    }
    const std::vector<ref::State> states = fitting(verb);
    std::vector<int> fit;
    for (std::size_t n = 0; n < all.size(); ++n) {
        if (std::count(states.begin(), states.end(), all[n].state) != 0) {
            fit.push_back(static_cast<int>(n));
        }
    }
    if (fit.empty() || one_in(8)) {
        return below(static_cast<int>(all.size()));
    }
    return fit[static_cast<std::size_t>(below(static_cast<int>(fit.size())))];
}

Verb Walk::some_verb() {
    static const std::vector<std::pair<Verb, int>> weights = {
        {Verb::Claim, 24},     {Verb::Renew, 8},      {Verb::Start, 20},    {Verb::Progress, 8},
        {Verb::Release, 3},    {Verb::Decline, 3},    {Verb::Result, 26},   {Verb::Amend, 3},
        {Verb::Retract, 1},    {Verb::Cancel, 5},     {Verb::CancelAck, 5}, {Verb::Approve, 10},
        {Verb::Reject, 2},     {Verb::Edit, 3},       {Verb::Withdraw, 2},  {Verb::Resolve, 5},
        {Verb::AcceptHeld, 2}, {Verb::RefuseHeld, 1}, {Verb::Overrule, 3},  {Verb::Pause, 2},
        {Verb::Resume, 4},
    };
    static const int total = [] {
        int sum = 0;
        for (const auto& [verb, weight] : weights) {
            sum += weight;
        }
        return sum;
    }();
    if (one_in(400)) {
        return Verb::Stop;
    }
    int left = below(total);
    for (const auto& [verb, weight] : weights) {
        if ((left -= weight) < 0) {
            return verb;
        }
    }
    return Verb::Claim;
}

Finding Walk::some_finding() {
    static const std::vector<Finding> findings = {Finding::Confirmed,
                                                  Finding::Analogue,
                                                  Finding::MassConfirmed,
                                                  Finding::MixtureSeen,
                                                  Finding::MixtureNotSeen,
                                                  Finding::MixtureUnclear,
                                                  Finding::Amorphous,
                                                  Finding::NoReaction,
                                                  Finding::Decomposed,
                                                  Finding::DecomposedLater,
                                                  Finding::CrystalsUnsolved,
                                                  Finding::CrystalsUnsolved,
                                                  Finding::ExecutionFailed,
                                                  Finding::ExecutionFailed,
                                                  Finding::ExecutionFailed,
                                                  Finding::Abandoned};
    return findings[static_cast<std::size_t>(below(static_cast<int>(findings.size())))];
}

void Walk::show_lease(Input& input) {
    const int proposal = input.proposals[0];
    const int last =
        proposal < 0 ? kNone : machine_.proposals()[static_cast<std::size_t>(proposal)].lease;
    if (last != kNone) {
        input.lease = last;
        if (!one_in(12)) {
            input.client = machine_.lease(last).client;
        }
    } else {
        input.lease = kInvented;
    }
    if (one_in(15)) {
        input.wrong_fence = true;
    } else if (one_in(15)) {
        input.lease = proofs_.empty() ? kInvented : below(static_cast<int>(proofs_.size()));
    }
    const bool optional =
        input.verb == Verb::Release || input.verb == Verb::Decline || input.verb == Verb::Result;
    if (optional && one_in(4)) {
        input.lease = kNone;
        input.wrong_fence = false;
    }
}

Input Walk::choose() {
    Input input;
    input.verb = some_verb();
    input.client = some_client();
    input.command = ++commands_;
    input.proposals = {some_proposal(input.verb)};
    input.holder = static_cast<ref::Holder>(one_in(2) ? 0 : below(3));
    input.finding = some_finding();
    input.stopped = one_in(2);
    input.way = static_cast<ref::Way>(below(3));
    if (one_in(3)) {
        input.expected = 2 * static_cast<ref::Seconds>(below(100000));
    }
    if (one_in(3)) {
        input.consumed = one_in(3);
    } else if (one_in(2)) {
        input.consumed = false;
    }
    switch (input.verb) {
        case Verb::Claim:
            for (int more = one_in(4) ? below(3) : 0; more > 0; --more) {
                const int other = some_proposal(input.verb);
                if (other != kInvented) {  // two invented ids would differ
                    input.proposals.push_back(other);
                }
            }
            break;
        case Verb::Renew:
        case Verb::Start:
        case Verb::Progress:
        case Verb::Release:
        case Verb::CancelAck:
        case Verb::Decline:
            show_lease(input);
            break;
        case Verb::Result:
            show_lease(input);
            choose_files(input);
            input.staged = one_in(2);
            if (one_in(3) && in_state(input.proposals[0], ref::State::Unknown)) {
                input.finding = one_in(2) ? Finding::Abandoned : Finding::ExecutionFailed;
                input.file = ref::File::None;  // deep rows
            }
            if (one_in(4)) {
                input.attempt = 1 + below(3);
            }
            break;
        case Verb::Amend:
            choose_files(input);
            break;
        case Verb::Edit:
            if (one_in(3)) {
                input.twin = below(static_cast<int>(machine_.proposals().size()));
            }
            break;
        case Verb::AcceptHeld:
        case Verb::RefuseHeld:
            input.result = results_.empty() || one_in(20) ? kInvented : some_result();
            break;
        case Verb::Retract:
        case Verb::Cancel:
        case Verb::Approve:
        case Verb::Reject:
        case Verb::Withdraw:
        case Verb::Resolve:
        case Verb::Overrule:
        case Verb::Pause:
        case Verb::Resume:
        case Verb::Stop:
            break;
    }
    return input;
}

bool Walk::in_state(int proposal, ref::State state) const {
    return proposal >= 0 && machine_.proposals()[static_cast<std::size_t>(proposal)].state == state;
}

void Walk::choose_files(Input& input) {
    if (one_in(4)) {
        input.file = one_in(3) ? ref::File::Unreadable : ref::File::Solved;
    }
    if (one_in(5)) {
        input.finding.reset();
    }
}

int Walk::some_result() {
    const int all = static_cast<int>(results_.size());
    return all - 1 - below(std::min(all, 12));
}

}  // namespace cupel::test
