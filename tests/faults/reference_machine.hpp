// A second, independent machine of a proposal's life, written from the protocol page's table alone.
//
// It shares no source with the ledger: standard library only, its own words, whole numbers for ids.
// It is slow and plain on purpose.  Where the page leaves something open the source says "open:"
// and what a chemist or the author of a robot may expect.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reference_table.hpp"

namespace reference {

using Seconds = long long;

enum class Way { Reoffer, Failed, Result };

/// What a structure that was solved shows where no target is asked about: the pool's first.
constexpr int kShownByFiles = 0;

/// A structure file sent along.
enum class File { None, Solved, Unreadable };

constexpr int kNone = -1;                   ///< left out
constexpr int kInvented = -2;               ///< an id that nobody ever made
constexpr int kOutsideThePool = 1'000'000;  ///< first number of candidates that no model proposes

struct Input {
    Verb verb = Verb::Claim;
    std::string client;
    int command = 0;  ///< the client's own number of the command; the same number = sent again
    int body = 0;     ///< stands for the bytes: another number = other bytes
    std::vector<int> proposals;  ///< CLAIM names several, all others one
    int lease = kNone;           ///< number of a lease that a CLAIM made
    bool wrong_fence = false;    ///< the right lease with the number of an older fence
    Holder holder = Holder::Robot;
    std::optional<Seconds> expected;
    std::optional<int> attempt;
    std::optional<Finding> finding;
    std::optional<bool> consumed;
    bool staged = false;   ///< RESULT: a stage on the way
    bool stopped = false;  ///< CANCEL_ACK
    Way way = Way::Failed;
    int result = kNone;  ///< number of a result, for ACCEPT_HELD and REFUSE_HELD
    File file = File::None;
    int twin = kNone;  ///< EDIT: the candidate of that proposal; left out = one never seen
};

struct Answer {
    std::string code = "OK";
    std::string state;        ///< where the reply names one
    std::vector<int> leases;  ///< of a CLAIM, in the order asked
    std::optional<Seconds> ttl;
    std::optional<int> result;
    bool held = false;
    bool again = false;  ///< the stored answer of an earlier sending
};

/// One event of the history.
struct Happening {
    std::string kind;
    int proposal = kNone;
};

struct Rules {
    int open_offers = 8;
    int budget = 96;
    int max_unknown = 3;
    int max_attempts = 3;
    int decline_limit = 3;
    int max_claims = 8;
    bool review = false;
    bool reoffer_failed = false;
    bool whole_batches = false;  ///< refill = "batch"
    bool supersede = false;      ///< a new model withdraws what nobody claimed
    int train_every = 8;
    Seconds offer_ttl = 0;  ///< 0 = offers do not age
};

struct Lease {
    int number = 0;
    int proposal = 0;
    int attempt = 1;
    std::string client;
    Holder holder = Holder::Robot;
    Seconds ttl = 0;
    Seconds deadline = 0;
    Seconds noted = 0;    ///< when a row last told its deadline
    Seconds told = 0;     ///< the deadline as written down; renewals between two rows are not
    bool warned = false;  ///< LEASE_OVERDUE was said
    bool current = true;  ///< the last fence of the proposal
};

/// How well a finding is known.
enum class Weight { Claim, Structure, Reviewer };

struct Proposal {
    State state = State::Proposed;
    int attempt = 1;
    int lease = kNone;  ///< the last lease, current or not
    Seconds offered = 0;
    bool charged = false;  ///< this attempt was charged to the budget
    std::set<std::string> declined_by;
    int identity = 0;                ///< of its candidate
    bool insisted = false;           ///< a person offers it again, whatever was seen before
    bool label_gone = false;         ///< by an amendment that is not judged yet
    bool cancel_asked = false;       ///< of this attempt, and not refused
    bool free = false;               ///< ended by no person's decision: may be proposed again
    std::optional<Finding> finding;  ///< what the label in force was made from
    Weight weight = Weight::Claim;   ///< and how well that is known
    std::optional<Finding> claimed;  ///< what was said beside a structure that is being read
    File file = File::None;          ///< being read
};

/// One campaign and its proposals.
class Machine {
  public:
    explicit Machine(Rules rules);

    Answer apply(const Input& input);
    void advance(Seconds by);
    /// The daemon ended and came back: nobody expires for its absence.
    void restart();
    /// Structure files are read at once, or not before the next restart that finds them readable.
    void reader_is_silent(bool silent) { silent_ = silent; }

    std::vector<Happening> take_history();

    const std::vector<Proposal>& proposals() const { return proposals_; }
    const Lease& lease(int number) const { return leases_.at(static_cast<std::size_t>(number)); }
    std::vector<int> offers(const std::string& client) const;
    /// What HELLO gives back, with the seconds left.
    std::vector<Lease> leases_of(const std::string& client) const;
    Phase phase() const { return phase_; }
    int spent() const { return spent_; }
    int held_results() const;
    int results() const { return static_cast<int>(results_.size()); }
    Seconds now() const { return now_; }
    const std::map<std::size_t, int>& rows_taken() const { return rows_taken_; }

  private:
    struct StoredResult {
        int proposal = 0;
        std::optional<Finding> finding;
        std::optional<bool> consumed;
        File file = File::None;
        int attempt = 1;
        bool held = false;
        bool settled = false;  ///< a held one that was accepted or refused
    };
    struct Refused {
        std::string code;
    };

    Answer act(const Input& input);
    Answer claim(const Input& input);
    Answer renew(const Input& input);
    Answer start(const Input& input);
    Answer progress(const Input& input);
    Answer give_back(const Input& input);
    Answer result(const Input& input);
    Answer amend(const Input& input);
    Answer held(const Input& input);
    Answer review(const Input& input);
    Answer cancel(const Input& input);
    Answer resolve(const Input& input);
    Answer steer(const Input& input);

    static Answer refusal(const std::string& code);
    Answer stands(int proposal) const;
    int named(const Input& input) const;
    bool shows_last_fence(const Input& input, int proposal) const;
    void require_lease(const Input& input, int proposal) const;
    Proposal& at(int proposal);
    Lease& lease_of(int proposal);
    void hear(int proposal);
    void come_back(int proposal, const std::string& by);
    void offer_again(int proposal);
    void move(int proposal, const std::string& by, State to);
    void say(const std::string& kind, int proposal = kNone);
    void write_deadlines();
    void begin(int proposal, bool implied, std::optional<Seconds> expected);
    void take_in(int proposal, const StoredResult& found, bool from_holder, bool shows_fence);
    void weigh(int proposal, std::optional<Finding> claimed, File file);
    bool read_structure(int proposal);
    bool read_observations();
    void judge(int proposal, std::optional<Finding> finding, Weight weight);
    void end_attempt(int proposal, const StoredResult& found, bool from_holder);
    void refund(int proposal);
    void learned();
    std::vector<int> candidates(int count) const;
    void propose(const std::vector<int>& identities);
    void observe(int identity, Finding finding);
    void withdraw(int proposal, const std::string& by);
    int declined() const;
    int room() const;
    int wanted() const;
    void close_offers(const std::string& by);
    void lengthen(Lease& lease, std::optional<Seconds> expected);
    void lapse(int proposal);
    int open() const;
    int in(State state) const;
    void settle();

    Rules rules_;
    Seconds now_ = 0;
    Phase phase_ = Phase::Running;
    bool stopped_ = false;
    bool silent_ = false;
    int unlearned_ = 0;  ///< labels that changed since the last training
    int spent_ = 0;
    std::vector<Proposal> proposals_;
    std::set<int> written_;    ///< proposals whose row was written by what happens now
    std::vector<int> unread_;  ///< accepted held results whose file is still to be read
    std::set<int> observed_;   ///< candidates of which somebody saw what becomes of them
    std::vector<Lease> leases_;
    std::vector<StoredResult> results_;
    std::vector<Happening> history_;
    std::map<std::pair<std::string, int>, std::pair<int, Answer>> answered_;
    std::map<std::size_t, int> rows_taken_;
};

}  // namespace reference
