// A random walk of one campaign: the same commands to the ledger and to the reference machine.
//
// The walk sends commands that mostly fit the state and sometimes do not, from several clients,
// with right, old and invented leases, sends some twice, lets time pass and lets the daemon die and
// come back.  A difference is thrown with the seed and the recent history of the proposal
// concerned.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "reference_machine.hpp"
#include "support.hpp"

namespace cupel::test {

/// The ledger and the reference do not say the same.
struct Difference : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What the reference calls a finding, as a command says it.
Outcome outcome_of(reference::Finding finding);

/// The keys of the campaign that these rules are for.
std::string campaign_keys(const reference::Rules& rules);

/// Commands of one campaign, sent to both. Throws Difference.
class Walk {
  public:
    Walk(std::uint32_t seed, const reference::Rules& rules);

    /// Sends `commands` commands, or fewer when the campaign is over and nothing is left to say.
    int run(int commands);

    const reference::Machine& machine() const { return machine_; }

  private:
    using Finding = reference::Finding;
    using Input = reference::Input;
    using Verb = reference::Verb;

    // walk_choices.cpp
    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
    bool one_in(int n) { return below(n) == 0; }
    const std::string& some_client();
    static std::vector<reference::State> fitting(Verb verb);
    int some_proposal(Verb verb);
    Verb some_verb();
    Finding some_finding();

    /// Mostly the lease that counts, shown by its owner; sometimes another, sometimes none.
    void show_lease(Input& input);
    Input choose();
    bool in_state(int proposal, reference::State state) const;
    void choose_files(Input& input);

    /// Held ones lie among the last.
    int some_result();

    // walk.cpp
    void step();
    void pass_time();
    void restart();
    std::string id_of(int proposal);
    LeaseProof proof_of(const Input& input);
    std::optional<LeaseProof> optional_proof_of(const Input& input);
    std::optional<double> expected_of(const Input& input);
    Result result_of(const Input& input, const std::string& cmd_id, const std::string& id);
    static std::string cif(reference::File file);
    CommandBody body_of(const Input& input);
    std::string result_id(int result);
    void send(const Input& input);
    bool sent_before(const Input& input) const { return bodies_.count(input.command) != 0; }

    // walk_comparison.cpp
    template <typename A, typename B>
    void expect(const A& ledger, const B& reference, const std::string& what) {
        if (!(ledger == reference)) {
            std::ostringstream text;
            text << what << ": the ledger says " << ledger << ", the reference " << reference;
            differ(text.str());
        }
    }
    [[noreturn]] void differ(const std::string& text);
    void note(const std::string& line, int proposal);
    std::string describe(const Input& input) const;

    /// Kinds in order, for the campaign and for each proposal; the order between proposals is free.
    void compare_events(const std::string& what);
    void compare_label(int subject, const reference::Proposal& proposal);
    void compare_reply(const Input& input, const Json& reply, const reference::Answer& answer);

    /// What clients see: offers, leases, and the campaign's standing.
    void compare_views();
    void compare_everything();

    std::uint32_t seed_;
    std::mt19937 random_;
    reference::Rules rules_;
    Bench bench_;
    reference::Machine machine_;
    int sent_ = 0;
    int commands_ = 0;
    std::int64_t seq_ = 0;
    std::vector<std::string> ids_;  ///< of the proposals, in the order they were made
    std::map<std::string, int> numbers_;
    const std::string nobody_ = make_ulid();  ///< the id of what nobody made, the same each time
    std::map<std::string, Candidate> candidates_;
    std::vector<LeaseProof> proofs_;
    std::map<int, std::int64_t> fences_;
    std::vector<std::string> results_;
    std::map<int, std::pair<std::string, int>> told_;
    std::map<int, Json> label_;
    std::map<std::pair<std::string, int>, Json> replies_;
    std::map<int, CommandBody> bodies_;
    std::deque<Input> recent_;
    std::deque<std::pair<std::string, int>> story_;
};

}  // namespace cupel::test
