// The plainest code that follows the table.
#include "reference_machine.hpp"

#include <algorithm>
#include <stdexcept>

namespace reference {

namespace {

constexpr Seconds kMinute = 60;
constexpr Seconds kHour = 60 * kMinute;
constexpr Seconds kDay = 24 * kHour;

Seconds claim_ttl(Holder holder) {
    switch (holder) {
        case Holder::Robot:
            return 2 * kMinute;
        case Holder::Person:
            return 72 * kHour;
        case Holder::Facility:
            return 14 * kDay;
    }
    throw std::logic_error("no such holder");
}

Seconds work_ttl(Holder holder, std::optional<Seconds> expected) {
    const std::map<Holder, std::pair<Seconds, Seconds>> ttl_and_cap = {
        {Holder::Robot, {30 * kMinute, 24 * kHour}},
        {Holder::Person, {14 * kDay, 60 * kDay}},
        {Holder::Facility, {60 * kDay, 180 * kDay}},
    };
    const auto [ttl, cap] = ttl_and_cap.at(holder);
    return std::min(cap, std::max(ttl, expected.value_or(0) * 3 / 2));
}

}  // namespace

Machine::Machine(Rules rules) : rules_(rules) {
    settle();
}

std::vector<Happening> Machine::take_history() {
    return std::exchange(history_, {});
}

void Machine::say(const std::string& kind, int proposal) {
    history_.push_back({kind, proposal});
    if (proposal >= 0 && kind != "RESULT_HELD" && kind != "RESULT_REFUSED") {
        written_.insert(proposal);
    }
}

void Machine::write_deadlines() {
    for (const int proposal : written_) {
        if (at(proposal).lease != kNone) {
            lease_of(proposal).told = lease_of(proposal).deadline;
        }
    }
    written_.clear();
}

Proposal& Machine::at(int proposal) {
    return proposals_.at(static_cast<std::size_t>(proposal));
}

Lease& Machine::lease_of(int proposal) {
    return leases_.at(static_cast<std::size_t>(at(proposal).lease));
}

void Machine::move(int proposal, const std::string& by, State to) {
    Proposal& moved = at(proposal);
    const auto& rows = table();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& candidate) {
        return candidate.from == moved.state && candidate.input == by && candidate.to == to;
    });
    if (row == rows.end()) {
        throw std::logic_error("the table has no row " + word(moved.state) + " " + by + " " +
                               word(to));
    }
    ++rows_taken_[static_cast<std::size_t>(row - rows.begin())];
    if (to == State::Offered) {
        if (moved.lease != kNone) {
            lease_of(proposal).current = false;
        }
        // open: one client's "not me" does not make an offer younger for the others.
        if (moved.state != State::Offered) {
            moved.offered = now_;
        }
    }
    moved.state = to;
}

int Machine::in(State state) const {
    return static_cast<int>(std::count_if(
        proposals_.begin(), proposals_.end(), [&](const Proposal& p) { return p.state == state; }));
}

int Machine::open() const {
    return in(State::Proposed) + in(State::InReview) + in(State::Offered) + in(State::Claimed);
}

int Machine::held_results() const {
    return static_cast<int>(
        std::count_if(results_.begin(), results_.end(), [](const StoredResult& r) {
            return r.held && !r.settled;
        }));
}

// open: offers that somebody declined wait for somebody else; so many as are wanted may stand
// beside the others, or one worker's taste would end a campaign.
int Machine::declined() const {
    return std::min(
        rules_.open_offers,
        static_cast<int>(std::count_if(proposals_.begin(), proposals_.end(), [](const Proposal& p) {
            return p.state == State::Offered && !p.declined_by.empty();
        })));
}

// open: an offer that the budget cannot pay for would be claimed in vain.
int Machine::room() const {
    return std::min(rules_.open_offers - (open() - declined()), rules_.budget - spent_ - open());
}

int Machine::wanted() const {
    // open: with refill = "batch" a lost robot does not hold up the next batch.
    int waiting = 0, in_hand = 0;
    for (const Proposal& p : proposals_) {
        const bool done = is_final(p.state) || p.state == State::Labelled ||
                          p.state == State::Awaiting || p.state == State::Unknown;
        const bool turned_down = p.state == State::Offered && !p.declined_by.empty();
        waiting += turned_down ? 1 : 0;
        in_hand += done || turned_down ? 0 : 1;
    }
    const bool batch_done = in_hand == 0 && waiting <= rules_.open_offers;
    const bool due =
        rules_.whole_batches ? batch_done : (open() - declined()) * 2 <= rules_.open_offers;
    if (phase_ != Phase::Running || in(State::Unknown) >= rules_.max_unknown || !due) {
        return 0;
    }
    return std::max(0, room());
}

// The first candidates of the pool that may be proposed: nobody has them, nobody decided against
// them, nobody saw what becomes of them.
std::vector<int> Machine::candidates(int count) const {
    std::set<int> taken = observed_;
    for (const Proposal& proposal : proposals_) {
        const bool untouched = proposal.declined_by.empty() && proposal.attempt == 1;
        if (!(proposal.free && untouched) && proposal.state != State::Retracted) {
            taken.insert(proposal.identity);
        }
    }
    std::vector<int> chosen;
    for (int identity = 0; static_cast<int>(chosen.size()) < count; ++identity) {
        if (taken.count(identity) == 0) {
            chosen.push_back(identity);
        }
    }
    return chosen;
}

void Machine::propose(const std::vector<int>& identities) {
    for (const int identity : identities) {
        proposals_.emplace_back();
        proposals_.back().offered = now_;
        const int proposal = static_cast<int>(proposals_.size()) - 1;
        proposals_.back().identity = identity;
        say("PROPOSED", proposal);
        if (rules_.review) {
            move(proposal, "review", State::InReview);
            say("REVIEW_REQUESTED", proposal);
        } else {
            move(proposal, "automatic", State::Offered);
            say("OFFERED", proposal);
        }
    }
}

void Machine::close_offers(const std::string& by) {
    for (std::size_t n = 0; n < proposals_.size(); ++n) {
        const State state = proposals_[n].state;
        if (state == State::InReview || state == State::Offered) {
            withdraw(static_cast<int>(n), by);
        }
    }
}

// Not by a person: another model or another day may propose it again.
void Machine::withdraw(int proposal, const std::string& by) {
    move(proposal, by, State::Withdrawn);
    at(proposal).free = true;
    say("WITHDRAWN", proposal);
}

// Knowledge of its own: what was seen need not be made again.  A broken vial says nothing of it.
void Machine::observe(int identity, Finding finding) {
    say("OBSERVED");
    if (finding != Finding::ExecutionFailed && finding != Finding::Abandoned) {
        observed_.insert(identity);
        for (std::size_t n = 0; n < proposals_.size(); ++n) {
            const State state = proposals_[n].state;
            if (proposals_[n].identity == identity &&
                (state == State::InReview || state == State::Offered)) {
                withdraw(static_cast<int>(n), "superseded");
            }
        }
    }
    learned();
}

// After everything that happened: the budget closes the campaign, the last answer ends it, enough
// labels make a new model, and when few offers are left new ones are proposed.
void Machine::settle() {
    const bool spent = spent_ >= rules_.budget;
    if (phase_ == Phase::Running && spent) {
        phase_ = Phase::Draining;
        say("CAMPAIGN_DRAINING");
    } else if (phase_ == Phase::Draining && !stopped_ && !spent) {
        // open: an experiment that was refunded may be made after all.
        phase_ = Phase::Running;
        say("CAMPAIGN_RESUMED");
    }
    if (phase_ == Phase::Draining) {
        close_offers("CAMPAIGN_STOP");  // also what came back since
        // open: AWAITING waits for something, crystals that are measured again for instance.
        const bool busy = !unread_.empty() ||
                          std::any_of(proposals_.begin(), proposals_.end(), [](const Proposal& p) {
                              return !is_final(p.state) && p.state != State::Labelled;
                          });
        if (!busy) {
            phase_ = Phase::Finished;
            say("CAMPAIGN_FINISHED");
        }
    }
    const std::vector<int> asked = candidates(wanted());
    const bool new_model = unlearned_ >= rules_.train_every;
    if (new_model) {
        unlearned_ -= rules_.train_every;
        if (rules_.supersede) {
            close_offers("superseded");
        }
    }
    // open: what was asked for before the new model came is still taken.
    const auto room = static_cast<std::size_t>(std::max(0, this->room()));
    propose(
        {asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(std::min(asked.size(), room))});
    if (new_model) {
        propose(candidates(wanted()));
    }
}

Answer Machine::apply(const Input& input) {
    const bool stored = input.verb != Verb::Renew;
    const auto key = std::make_pair(input.client, input.command);
    if (stored) {
        const auto before = answered_.find(key);
        if (before != answered_.end()) {
            if (before->second.first != input.body) {
                return refusal("IDEMPOTENCY_CONFLICT");
            }
            Answer answer = before->second.second;
            answer.again = true;
            return answer;
        }
    }
    try {
        Answer answer = act(input);
        if (stored) {
            answered_[key] = {input.body, answer};
        }
        settle();
        int about = input.proposals.empty() ? kNone : input.proposals[0];
        if (input.verb == Verb::AcceptHeld) {
            about = results_.at(static_cast<std::size_t>(input.result)).proposal;
        }
        if (!silent_ && about >= 0 && read_structure(about)) {
            settle();
        }
        if (!silent_ && read_observations()) {
            settle();
        }
        write_deadlines();
        return answer;
    } catch (const Refused& refused) {
        return refusal(refused.code);
    }
}

Answer Machine::refusal(const std::string& code) {
    Answer answer;
    answer.code = code;
    return answer;
}

Answer Machine::act(const Input& input) {
    switch (input.verb) {
        case Verb::Claim:
            return claim(input);
        case Verb::Renew:
            return renew(input);
        case Verb::Start:
            return start(input);
        case Verb::Progress:
            return progress(input);
        case Verb::Release:
        case Verb::Decline:
            return give_back(input);
        case Verb::Result:
            return result(input);
        case Verb::Amend:
        case Verb::Overrule:
        case Verb::Retract:
            return amend(input);
        case Verb::AcceptHeld:
        case Verb::RefuseHeld:
            return held(input);
        case Verb::Approve:
        case Verb::Reject:
        case Verb::Edit:
        case Verb::Withdraw:
            return review(input);
        case Verb::Cancel:
        case Verb::CancelAck:
            return cancel(input);
        case Verb::Resolve:
            return resolve(input);
        case Verb::Pause:
        case Verb::Resume:
        case Verb::Stop:
            return steer(input);
    }
    throw std::logic_error("no such verb");
}

int Machine::named(const Input& input) const {
    const int proposal = input.proposals.at(0);
    if (proposal < 0) {
        throw Refused{"NO_SUCH_PROPOSAL"};
    }
    return proposal;
}

// The lease that was shown is the last one of the proposal.
bool Machine::shows_last_fence(const Input& input, int proposal) const {
    if (input.lease < 0 || input.wrong_fence) {
        return false;
    }
    const Lease& lease = leases_.at(static_cast<std::size_t>(input.lease));
    return lease.proposal == proposal && lease.current;
}

// For what only the holder may do.  A lease belongs to the identity that claimed (P6), and ends
// with the attempt.
void Machine::require_lease(const Input& input, int proposal) const {
    const State state = proposals_.at(static_cast<std::size_t>(proposal)).state;
    const bool working = state == State::Claimed || state == State::Started ||
                         state == State::CancelRequested || state == State::Unknown;
    if (!working || !shows_last_fence(input, proposal) ||
        leases_.at(static_cast<std::size_t>(input.lease)).client != input.client) {
        throw Refused{"STALE_LEASE"};
    }
}

std::vector<int> Machine::offers(const std::string& client) const {
    std::vector<int> seen;
    for (std::size_t n = 0; n < proposals_.size(); ++n) {
        const Proposal& proposal = proposals_[n];
        if (phase_ == Phase::Running && proposal.state == State::Offered &&
            proposal.declined_by.count(client) == 0) {
            seen.push_back(static_cast<int>(n));
        }
    }
    return seen;
}

std::vector<Lease> Machine::leases_of(const std::string& client) const {
    std::vector<Lease> held;
    for (const Proposal& proposal : proposals_) {
        if (proposal.lease == kNone) {
            continue;
        }
        const Lease& lease = leases_.at(static_cast<std::size_t>(proposal.lease));
        const State state = proposal.state;
        // UNKNOWN too: its worker may come back with the last fence, and learns it here.
        if (lease.client == client && lease.current &&
            (state == State::Claimed || state == State::Started ||
             state == State::CancelRequested || state == State::Unknown)) {
            held.push_back(lease);
        }
    }
    return held;
}

Answer Machine::claim(const Input& input) {
    const std::set<int> different(input.proposals.begin(), input.proposals.end());
    if (different.size() != input.proposals.size()) {
        throw Refused{"BAD_MESSAGE"};
    }
    // open: what became UNKNOWN is not in the client's hands any more and does not count.
    std::size_t holds = input.proposals.size();
    for (const Lease& lease : leases_of(input.client)) {
        holds += at(lease.proposal).state != State::Unknown ? 1u : 0u;
    }
    if (static_cast<int>(holds) > rules_.max_claims) {
        throw Refused{"TOO_MANY_CLAIMS"};
    }
    const std::vector<int> visible = offers(input.client);
    for (const int proposal : input.proposals) {
        if (proposal < 0) {
            throw Refused{"NO_SUCH_PROPOSAL"};
        }
        if (std::count(visible.begin(), visible.end(), proposal) == 0) {
            throw Refused{"NOT_OFFERED"};
        }
    }
    Answer answer;
    for (const int proposal : input.proposals) {
        Lease lease;
        lease.number = static_cast<int>(leases_.size());
        lease.proposal = proposal;
        lease.attempt = at(proposal).attempt;
        lease.client = input.client;
        lease.holder = input.holder;
        lease.ttl = claim_ttl(input.holder);
        lease.deadline = now_ + lease.ttl;
        lease.noted = now_;
        leases_.push_back(lease);
        at(proposal).lease = lease.number;
        move(proposal, "CLAIM", State::Claimed);
        say("CLAIMED", proposal);
        answer.leases.push_back(lease.number);
    }
    return answer;
}

void Machine::lengthen(Lease& lease, std::optional<Seconds> expected) {
    // open: without a new estimate a renewal keeps the length that the work was known to need.
    if (expected) {
        lease.ttl = work_ttl(lease.holder, expected);
    }
    lease.deadline = now_ + lease.ttl;
    lease.warned = false;
}

Answer Machine::renew(const Input& input) {
    if (input.lease < 0) {
        throw Refused{"STALE_LEASE"};
    }
    const int proposal = leases_.at(static_cast<std::size_t>(input.lease)).proposal;
    require_lease(input, proposal);
    Lease& lease = lease_of(proposal);
    if (at(proposal).state == State::Unknown) {
        come_back(proposal, "RENEW");
    }
    // open: after a reminder always, or a restart would take the renewal back.
    if (lease.warned || now_ - lease.noted >= lease.ttl / 2) {
        say("LEASE_RENEWED", proposal);
        lease.noted = now_;
    }
    lengthen(lease, std::nullopt);
    Answer answer;
    answer.ttl = lease.ttl;
    return answer;
}

void Machine::begin(int proposal, bool implied, std::optional<Seconds> expected) {
    Lease& lease = lease_of(proposal);
    move(proposal, implied ? "RESULT" : "START", State::Started);
    say("STARTED", proposal);
    lease.ttl = work_ttl(lease.holder, expected);
    lease.noted = now_;
    lengthen(lease, std::nullopt);
    ++spent_;
    at(proposal).charged = true;
}

Answer Machine::start(const Input& input) {
    const int proposal = named(input);
    require_lease(input, proposal);
    if (at(proposal).state != State::Claimed) {
        throw Refused{"ALREADY_STARTED"};
    }
    begin(proposal, false, input.expected);
    Answer answer = stands(proposal);
    answer.ttl = lease_of(proposal).ttl;
    return answer;
}

Answer Machine::stands(int proposal) const {
    Answer answer;
    answer.state = word(proposals_.at(static_cast<std::size_t>(proposal)).state);
    return answer;
}

// A worker who was asked to stop is asked again: it may not have heard.
void Machine::come_back(int proposal, const std::string& by) {
    const bool asked = at(proposal).cancel_asked;
    move(proposal, by, asked ? State::CancelRequested : State::Started);
    say("WORKER_RETURNED", proposal);
    if (asked) {
        say("CANCEL_REQUESTED", proposal);
    }
}

// What was seen meanwhile need not be made: it does not come back on the table.
void Machine::offer_again(int proposal) {
    if (observed_.count(at(proposal).identity) != 0 && !at(proposal).insisted) {
        withdraw(proposal, "superseded");
    }
}

void Machine::hear(int proposal) {
    const State state = at(proposal).state;
    if (state == State::Unknown) {
        come_back(proposal, "PROGRESS");
        return;
    }
    if (state == State::Started) {
        move(proposal, "PROGRESS", State::Started);
    }
    // open: after CANCEL the worker has not seen the request yet; its word still counts, nothing
    // moves.
    say("PROGRESS", proposal);
}

Answer Machine::progress(const Input& input) {
    const int proposal = named(input);
    require_lease(input, proposal);
    if (at(proposal).state == State::Claimed) {
        throw Refused{"ILLEGAL_STATE"};
    }
    lengthen(lease_of(proposal), input.expected);
    lease_of(proposal).noted = now_;
    hear(proposal);
    Answer answer = stands(proposal);
    answer.ttl = lease_of(proposal).ttl;
    return answer;
}

// RELEASE and DECLINE.  open: `lease?` may be left out; then the identity of the holder counts.
Answer Machine::give_back(const Input& input) {
    const int proposal = named(input);
    const bool declines = input.verb == Verb::Decline;
    const State state = at(proposal).state;
    const bool held_now = state == State::Claimed || state == State::Started ||
                          state == State::CancelRequested || state == State::Unknown;
    if (input.lease != kNone) {
        require_lease(input, proposal);
    } else if (held_now && lease_of(proposal).client != input.client) {
        throw Refused{"STALE_LEASE"};
    }
    if (held_now && state != State::Claimed) {
        throw Refused{"ALREADY_STARTED"};  // UNKNOWN too: it was started
    }
    if (state != State::Claimed && !(declines && state == State::Offered)) {
        throw Refused{"ILLEGAL_STATE"};
    }
    move(proposal, word(input.verb), State::Offered);
    say(declines ? "DECLINED" : "RELEASED", proposal);
    if (state == State::Claimed) {
        offer_again(proposal);
    }
    if (declines) {
        at(proposal).declined_by.insert(input.client);
        if (at(proposal).state == State::Offered &&
            static_cast<int>(at(proposal).declined_by.size()) >= rules_.decline_limit) {
            move(proposal, "decline limit", State::Withdrawn);
            say("WITHDRAWN", proposal);
        }
    }
    return stands(proposal);
}

void Machine::lapse(int proposal) {
    Lease& lease = lease_of(proposal);
    if (at(proposal).state == State::Claimed) {
        move(proposal, "expiry", State::Offered);
        say("LEASE_EXPIRED", proposal);
        offer_again(proposal);
    } else if (lease.holder != Holder::Robot && !lease.warned) {
        // People forget: first a reminder, then a second ttl.
        lease.deadline = now_ + lease.ttl;
        lease.warned = true;
        say("LEASE_OVERDUE", proposal);
    } else {
        move(proposal, "expiry", State::Unknown);
        say("LEASE_EXPIRED", proposal);
        say("UNKNOWN_RAISED", proposal);
    }
}

void Machine::advance(Seconds by) {
    now_ += by;
    for (std::size_t n = 0; n < proposals_.size(); ++n) {
        const int proposal = static_cast<int>(n);
        const State state = at(proposal).state;
        if (state == State::Claimed || state == State::Started || state == State::CancelRequested) {
            const Lease& lease = lease_of(proposal);
            if (lease.deadline <= now_) {
                lapse(proposal);
            } else if ((lease.deadline - now_) * 4 < lease.ttl) {
                written_.insert(proposal);  // LEASE_EXPIRING
            }
        } else if (rules_.offer_ttl > 0 && (state == State::Offered || state == State::InReview) &&
                   at(proposal).offered + rules_.offer_ttl <= now_) {
            move(proposal, "offer ttl", State::Expired);
            at(proposal).free = true;
            say("EXPIRED", proposal);
        }
    }
    settle();
    write_deadlines();
}

void Machine::restart() {
    for (std::size_t n = 0; n < proposals_.size(); ++n) {
        const int proposal = static_cast<int>(n);
        if (at(proposal).lease != kNone) {
            Lease& lease = lease_of(proposal);
            // Nobody was away for long: what was left, at least an hour of it.
            lease.deadline = std::max(lease.told, now_ + std::min<Seconds>(lease.ttl, 3600));
            lease.noted = now_;
        }
    }
    bool any = false;
    for (std::size_t n = 0; !silent_ && n < proposals_.size(); ++n) {
        any = read_structure(static_cast<int>(n)) || any;
    }
    if (!silent_) {
        any = read_observations() || any;
    }
    if (any) {
        settle();
    }
    write_deadlines();
}

}  // namespace reference
