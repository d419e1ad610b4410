// The ledger against the reference machine: long random walks, compared after every command.
//
// The walk sends commands that mostly fit the state and sometimes do not, from several clients,
// with right, old and invented leases, sends some twice, lets time pass and lets the daemon die and
// come back.  A difference is printed with the seed and the recent history of the proposal
// concerned.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <random>
#include <sstream>

#include "catch.hpp"
#include "long_run.hpp"
#include "reference_machine.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
namespace ref = reference;

namespace {

using ref::Finding;
using ref::Input;
using ref::kInvented;
using ref::kNone;
using ref::Verb;

/// The ledger and the reference do not say the same.
struct Difference : std::runtime_error {
    using std::runtime_error::runtime_error;
};

const std::vector<std::string> kClients = {"robot", "person", "plant", "stranger"};

Outcome outcome_of(Finding finding) {
    Outcome outcome;
    switch (finding) {
        case Finding::Confirmed:
            outcome.kind = OutcomeKind::Confirmed;
            break;
        case Finding::Analogue:
            outcome.kind = OutcomeKind::Analogue;
            break;
        case Finding::MassConfirmed:
            outcome.kind = OutcomeKind::MassConfirmed;
            break;
        case Finding::MixtureSeen:
            outcome.kind = OutcomeKind::Mixture;
            outcome.target_seen = true;
            break;
        case Finding::MixtureNotSeen:
            outcome.kind = OutcomeKind::Mixture;
            outcome.target_seen = false;
            break;
        case Finding::MixtureUnclear:
            outcome.kind = OutcomeKind::Mixture;
            break;
        case Finding::Amorphous:
            outcome.kind = OutcomeKind::Amorphous;
            break;
        case Finding::NoReaction:
            outcome.kind = OutcomeKind::NoReaction;
            break;
        case Finding::Decomposed:
            outcome.kind = OutcomeKind::Decomposed;
            break;
        case Finding::DecomposedLater:
            outcome.kind = OutcomeKind::Decomposed;
            outcome.after_isolation = true;
            break;
        case Finding::CrystalsUnsolved:
            outcome.kind = OutcomeKind::CrystalsUnsolved;
            break;
        case Finding::ExecutionFailed:
            outcome.kind = OutcomeKind::ExecutionFailed;
            break;
        case Finding::Abandoned:
            outcome.kind = OutcomeKind::Abandoned;
            break;
    }
    return outcome;
}

LeaseClass lease_class(ref::Holder holder) {
    switch (holder) {
        case ref::Holder::Robot:
            return LeaseClass::Robot;
        case ref::Holder::Person:
            return LeaseClass::Person;
        case ref::Holder::Facility:
            return LeaseClass::Facility;
    }
    return LeaseClass::Robot;
}

std::string campaign_keys(const ref::Rules& rules) {
    return Json{{"open_offers", rules.open_offers},
                {"budget", rules.budget},
                {"max_unknown", rules.max_unknown},
                {"max_attempts", rules.max_attempts},
                {"decline_limit", rules.decline_limit},
                // The reference acknowledges no alarms.
                {"max_failed", 0},
                {"review", rules.review},
                {"reoffer_failed", rules.reoffer_failed},
                {"refill", rules.whole_batches ? "batch" : "each"},
                {"supersede", rules.supersede ? "withdraw" : "keep"},
                {"train_every", rules.train_every},
                // A new model after so many labels, not after a day: the reference counts no hours.
                {"train_full_h", 0},
                {"offer_ttl_s", rules.offer_ttl}}
        .dump();
}

controller::StructureAnswer solved() {
    StructureReport report;
    report.core.metals = {{"Ag", 2}};
    report.ligands = {{Ligand{"[S-]C", "CH3S", -1, {"S"}, "thiolate", 1}, 1}};
    Verdict verdict;
    verdict.confirmed = true;
    verdict.text = "as asked";
    report.verdict = verdict;
    return {report, "", "", false};
}

/// Commands of one campaign, sent to both.
class Walk {
  public:
    Walk(std::uint32_t seed, const ref::Rules& rules)
        : seed_(seed),
          random_(seed),
          rules_(rules),
          bench_(campaign_keys(rules), rules.max_claims),
          machine_(rules) {
        bench_.structures.answers["solved.cif"] = solved();
        bench_.structures.answers["torn.cif"] = {std::nullopt, "truncated", "it ends early", false};
        compare_events("start");
    }

    /// Sends `commands` commands, or fewer when the campaign is over and nothing is left to say.
    int run(int commands) {
        int after_end = 0;
        for (int n = 0; n < commands && after_end < 60; ++n) {
            after_end += machine_.phase() == ref::Phase::Finished ? 1 : 0;
            step();
            ++sent_;
            if (sent_ % 250 == 0) {
                compare_everything();
            }
        }
        compare_everything();
        return sent_;
    }

    const ref::Machine& machine() const { return machine_; }

  private:
    // ---- choosing ----
    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
    bool one_in(int n) { return below(n) == 0; }
    const std::string& some_client() {
        return kClients[static_cast<std::size_t>(below(static_cast<int>(kClients.size())))];
    }

    void step() {
        if (one_in(9)) {
            pass_time();
        } else if (one_in(150)) {
            restart();
        } else if (!recent_.empty() && one_in(25)) {
            Input again =
                recent_[static_cast<std::size_t>(below(static_cast<int>(recent_.size())))];
            if (one_in(3)) {
                ++again.body;  // the same id with other words
            }
            send(again);
        } else {
            send(choose());
        }
    }

    void pass_time() {
        static const std::vector<int> spans = {
            5, 30, 70, 70, 130, 600, 1000, 1900, 3600, 40000, 90000, 300000, 1300000, 6000000};
        const int span = spans[static_cast<std::size_t>(below(static_cast<int>(spans.size())))];
        note("time passes: " + std::to_string(span) + " s", kNone);
        bench_.clock.advance(std::chrono::seconds(span));
        bench_.ledger->drain();
        machine_.advance(span);
        compare_events("time");
        compare_views();
    }

    void restart() {
        // Several structures read at once after a restart race with the training they cause: which
        // offers a new model still finds to withdraw is free, so the two are not mixed.
        const bool silent = !rules_.supersede && one_in(3);
        note(silent ? "the daemon dies and comes back, its structure reader mute"
                    : "the daemon dies and comes back",
             kNone);
        bench_.structures.silent = silent;
        machine_.reader_is_silent(silent);
        bench_.reopen();
        machine_.restart();
        compare_events("restart");
        compare_views();
    }

    static std::vector<ref::State> fitting(Verb verb) {
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

    int some_proposal(Verb verb) {
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

    Verb some_verb() {
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

    Finding some_finding() {
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

    /// Mostly the lease that counts, shown by its owner; sometimes another, sometimes none.
    void show_lease(Input& input) {
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
        const bool optional = input.verb == Verb::Release || input.verb == Verb::Decline ||
                              input.verb == Verb::Result;
        if (optional && one_in(4)) {
            input.lease = kNone;
            input.wrong_fence = false;
        }
    }

    Input choose() {
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

    bool in_state(int proposal, ref::State state) const {
        return proposal >= 0 &&
               machine_.proposals()[static_cast<std::size_t>(proposal)].state == state;
    }

    void choose_files(Input& input) {
        if (one_in(4)) {
            input.file = one_in(3) ? ref::File::Unreadable : ref::File::Solved;
        }
        if (one_in(5)) {
            input.finding.reset();
        }
    }

    /// Held ones lie among the last.
    int some_result() {
        const int all = static_cast<int>(results_.size());
        return all - 1 - below(std::min(all, 12));
    }

    // ---- sending ----
    std::string id_of(int proposal) {
        return proposal < 0 ? make_ulid() : ids_.at(static_cast<std::size_t>(proposal));
    }
    LeaseProof proof_of(const Input& input) {
        if (input.lease < 0) {
            return {make_ulid(), 1};
        }
        LeaseProof proof = proofs_.at(static_cast<std::size_t>(input.lease));
        proof.fence -= input.wrong_fence ? 1 : 0;
        return proof;
    }
    std::optional<LeaseProof> optional_proof_of(const Input& input) {
        return input.lease == kNone ? std::nullopt : std::optional(proof_of(input));
    }
    std::optional<double> expected_of(const Input& input) {
        return input.expected ? std::optional(static_cast<double>(*input.expected)) : std::nullopt;
    }

    Result result_of(const Input& input, const std::string& cmd_id, const std::string& id) {
        Result result;
        result.cmd_id = cmd_id;
        result.proposal = id;
        result.attempt = input.attempt;
        result.proof = optional_proof_of(input);
        if (input.finding) {
            result.outcome = outcome_of(*input.finding);
        }
        result.consumed = input.consumed;
        if (input.staged) {
            result.stage = "crystals";
        }
        if (input.file != ref::File::None) {
            const std::string text = cif(input.file);
            result.blobs = {{input.file == ref::File::Solved ? "solved.cif" : "torn.cif",
                             "chemical/x-cif",
                             sha256_hex(text),
                             text.size()}};
        }
        return result;
    }
    static std::string cif(ref::File file) {
        return file == ref::File::Solved ? "data_solved\n" : "data_to";
    }

    CommandBody body_of(const Input& input) {
        const std::string cmd = "cmd-" + std::to_string(input.command);
        const std::string id = id_of(input.proposals[0]);
        switch (input.verb) {
            case Verb::Claim: {
                Claim claim{cmd, {}, lease_class(input.holder)};
                for (const int proposal : input.proposals) {
                    claim.proposals.push_back(id_of(proposal));
                }
                return claim;
            }
            case Verb::Renew:
                return Renew{proof_of(input), {}};
            case Verb::Start:
                return Start{cmd, id, proof_of(input), expected_of(input)};
            case Verb::Progress:
                return Progress{cmd, id, proof_of(input), "stage", {}, expected_of(input)};
            case Verb::Release:
                return Release{cmd, id, optional_proof_of(input), ""};
            case Verb::Decline:
                return Decline{cmd, id, optional_proof_of(input), ""};
            case Verb::Result:
                return result_of(input, cmd, id);
            case Verb::Amend:
                return ResultAmend{result_of(input, cmd, id)};
            case Verb::Retract:
                return ResultRetract{cmd, id, ""};
            case Verb::Cancel:
                return Cancel{cmd, id, ""};
            case Verb::CancelAck:
                return CancelAck{cmd, id, proof_of(input), input.stopped};
            case Verb::Approve:
                return Approve{cmd, id, ""};
            case Verb::Reject:
                return Reject{cmd, id, ""};
            case Verb::Edit:
                return EditProposal{
                    cmd,
                    id,
                    input.twin < 0 ? candidate_number(5000 + input.command)
                                   : candidates_.at(ids_.at(static_cast<std::size_t>(input.twin))),
                    ""};
            case Verb::Withdraw:
                return Withdraw{cmd, id, ""};
            case Verb::Resolve:
                return ResolveUnknown{cmd,
                                      id,
                                      "",
                                      input.way == ref::Way::Reoffer  ? ResolveUnknown::Way::Reoffer
                                      : input.way == ref::Way::Failed ? ResolveUnknown::Way::Failed
                                                                      : ResolveUnknown::Way::Result,
                                      outcome_of(*input.finding)};
            case Verb::AcceptHeld:
                return AcceptHeld{cmd, result_id(input.result), ""};
            case Verb::RefuseHeld:
                return RefuseHeld{cmd, result_id(input.result), ""};
            case Verb::Overrule:
                return Overrule{cmd, id, outcome_of(*input.finding), ""};
            case Verb::Pause:
                return CampaignControl{cmd, "c", CampaignControl::Action::Pause, ""};
            case Verb::Resume:
                return CampaignControl{cmd, "c", CampaignControl::Action::Resume, ""};
            case Verb::Stop:
                return CampaignControl{cmd, "c", CampaignControl::Action::Stop, ""};
        }
        throw std::logic_error("no such verb");
    }
    std::string result_id(int result) {
        return result < 0 ? make_ulid() : results_.at(static_cast<std::size_t>(result));
    }

    void send(const Input& input) {
        const std::string what = describe(input);
        std::vector<std::string> blobs;
        const bool carries = input.verb == Verb::Result || input.verb == Verb::Amend;
        if (carries && input.file != ref::File::None) {
            blobs.push_back(cif(input.file));
        }
        CommandBody body = sent_before(input) ? bodies_.at(input.command) : body_of(input);
        bodies_[input.command] = body;
        const Reply reply = bench_.send(std::move(body),
                                        ref::word(input.verb),
                                        input.client,
                                        blobs,
                                        std::to_string(input.body));
        const ref::Answer answer = machine_.apply(input);
        const std::string code =
            reply.error ? std::string(to_string(*reply.error)) : std::string("OK");
        note(what + " -> " + code, input.proposals[0]);
        expect(code, answer.code, "reply (" + reply.text + ")");
        compare_events(what);
        if (answer.code == "OK") {
            compare_reply(input, Json::parse(reply.result_json), answer);
        }
        recent_.push_back(input);
        if (recent_.size() > 25) {
            bodies_.erase(recent_.front().command);
            recent_.pop_front();
        }
        compare_views();
    }
    bool sent_before(const Input& input) const { return bodies_.count(input.command) != 0; }

    // ---- comparing ----
    template <typename A, typename B>
    void expect(const A& ledger, const B& reference, const std::string& what) {
        if (!(ledger == reference)) {
            std::ostringstream text;
            text << what << ": the ledger says " << ledger << ", the reference " << reference;
            differ(text.str());
        }
    }
    [[noreturn]] void differ(const std::string& text) {
        std::ostringstream out;
        out << text << "\nseed " << seed_ << ", command " << sent_ << ", rules "
            << campaign_keys(rules_) << " max_claims " << rules_.max_claims
            << "\nwhat happened to it lately:\n";
        std::vector<std::string> lines;
        for (auto entry = story_.rbegin(); entry != story_.rend() && lines.size() < 16; ++entry) {
            const bool concerns = entry->second == kNone || story_.back().second == kNone ||
                                  entry->second == story_.back().second;
            if (concerns) {
                lines.push_back(entry->first);
            }
        }
        for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
            out << "  " << *line << "\n";
        }
        throw Difference(out.str());
    }
    void note(const std::string& line, int proposal) {
        const auto is_time = [](const std::string& text) { return text.rfind("time ", 0) == 0; };
        if (is_time(line) && !story_.empty() && is_time(story_.back().first)) {
            story_.back().first += "," + line.substr(line.find(':') + 1);
            return;
        }
        story_.emplace_back(line, proposal);
        if (story_.size() > 300) {
            story_.pop_front();
        }
    }
    std::string describe(const Input& input) const {
        std::ostringstream out;
        out << input.client << " " << ref::word(input.verb) << " #" << input.command;
        for (const int proposal : input.proposals) {
            out << " p" << proposal;
            if (proposal >= 0) {
                const auto& known = machine_.proposals()[static_cast<std::size_t>(proposal)];
                out << "(" << ref::word(known.state) << " attempt " << known.attempt << ")";
            }
        }
        if (input.lease != kNone) {
            out << " lease " << input.lease << (input.wrong_fence ? " with a wrong fence" : "");
        }
        if (input.attempt) {
            out << " for attempt " << *input.attempt;
        }
        if (input.result != kNone) {
            out << " result " << input.result;
        }
        if (input.finding) {
            out << " outcome " << to_string(outcome_of(*input.finding).kind);
        }
        if (input.file != ref::File::None) {
            out << (input.file == ref::File::Solved ? " with a CIF" : " with a torn CIF");
        }
        if (input.consumed) {
            out << (*input.consumed ? " consumed" : " not consumed");
        }
        out << (input.staged ? " staged" : "") << (sent_before(input) ? " AGAIN" : "");
        return out.str();
    }

    /// Kinds in order, for the campaign and for each proposal; the order between proposals is free.
    void compare_events(const std::string& what) {
        std::map<int, std::string> here, there;
        for (const auto& event : bench_.events) {
            expect(event.seq, ++seq_, "seq of " + event.kind);
            if (event.kind.rfind("MODEL_", 0) == 0 || event.kind == "ALARM" ||
                event.kind == "ALARM_ACKED" || event.kind == "LEASE_EXPIRING" ||
                event.kind == "CAMPAIGN_CREATED") {
                continue;
            }
            const Json body = Json::parse(event.body_json);
            if (event.kind == "PROPOSED") {
                const Json core = body["offer"]["candidate"]["core"];
                candidates_[event.proposal] = candidate_number(core["metals"]["Ag"].get<int>() - 2);
                numbers_[event.proposal] = static_cast<int>(ids_.size());
                ids_.push_back(event.proposal);
            }
            const int subject = event.proposal.empty() ? kNone : numbers_.at(event.proposal);
            here[subject] += event.kind + " ";
            if (subject != kNone) {
                told_[subject] = {body["state"].get<std::string>(), body["attempt"].get<int>()};
            }
            if (event.kind == "VERDICT") {
                label_[subject] = body.value("label", Json(nullptr));
            }
        }
        for (const auto& happening : machine_.take_history()) {
            there[happening.proposal] += happening.kind + " ";
        }
        for (const auto& [subject, kinds] : there) {
            expect(here[subject], kinds, "events of p" + std::to_string(subject) + " by " + what);
        }
        for (const auto& [subject, kinds] : here) {
            expect(kinds, there[subject], "events of p" + std::to_string(subject) + " by " + what);
            if (subject != kNone) {
                const auto& proposal = machine_.proposals()[static_cast<std::size_t>(subject)];
                const std::string name = "p" + std::to_string(subject);
                expect(told_[subject].first, ref::word(proposal.state), "state of " + name);
                expect(told_[subject].second, proposal.attempt, "attempt of " + name);
                compare_label(subject, proposal);
            }
        }
        bench_.events.clear();
    }

    void compare_label(int subject, const ref::Proposal& proposal) {
        const auto told = label_.find(subject);
        if (told == label_.end() || !proposal.finding) {
            label_.erase(subject);
            return;
        }
        const ref::Lesson lesson = ref::lesson(*proposal.finding);
        const auto number = [&](const char* key) {
            return told->second.is_object() ? told->second.value(key, Json(nullptr))
                                            : Json(nullptr);
        };
        expect(number("pair"), lesson.pair ? Json(*lesson.pair) : Json(nullptr), "pair label");
        expect(number("target"), lesson.target ? Json(*lesson.target) : Json(nullptr), "target");
        label_.erase(told);
    }

    void compare_reply(const Input& input, const Json& reply, const ref::Answer& answer) {
        if (answer.again) {
            expect(reply, replies_.at({input.client, input.command}), "the repeated reply");
            return;
        }
        replies_[{input.client, input.command}] = reply;
        if (!answer.state.empty()) {
            expect(reply["state"].get<std::string>(), answer.state, "state in the reply");
        }
        if (answer.ttl) {
            expect(reply["ttl_s"].get<double>(), static_cast<double>(*answer.ttl), "ttl_s");
        }
        if (answer.result) {
            expect(static_cast<int>(results_.size()), *answer.result, "number of results");
            results_.push_back(reply["result"].get<std::string>());
            expect(reply["held"].get<bool>(), answer.held, "held");
        }
        if (input.verb == Verb::Resolve && input.way == ref::Way::Result) {
            expect(answer.result.has_value(), false, "a result of a resolution has no number");
        }
        if (input.verb != Verb::Claim) {
            return;
        }
        expect(reply["claims"].size(), answer.leases.size(), "number of claims");
        for (std::size_t n = 0; n < answer.leases.size(); ++n) {
            const Json& claim = reply["claims"][n];
            const ref::Lease& lease = machine_.lease(answer.leases[n]);
            expect(numbers_.at(claim["proposal"].get<std::string>()), lease.proposal, "claimed");
            expect(claim["attempt"].get<int>(), lease.attempt, "attempt of the claim");
            expect(
                claim["ttl_s"].get<double>(), static_cast<double>(lease.ttl), "ttl of the claim");
            const auto fence = claim["fence"].get<std::int64_t>();
            expect(fence > fences_[lease.proposal], true, "a fence that grows");
            fences_[lease.proposal] = fence;
            expect(static_cast<int>(proofs_.size()), lease.number, "number of leases");
            proofs_.push_back({claim["lease"].get<std::string>(), fence});
        }
    }

    /// What clients see: offers, leases, and the campaign's standing.
    void compare_views() {
        const std::string client = some_client();
        std::set<int> offers;
        for (const auto& id : bench_.offers(client)) {
            offers.insert(numbers_.at(id));
        }
        const std::vector<int> expected = machine_.offers(client);
        expect(Json(offers),
               Json(std::set<int>(expected.begin(), expected.end())),
               "offers to " + client);

        std::map<int, Json> here, there;
        const Json hello = bench_.ok(Hello{client, "test", "1", {}}, "HELLO", client);
        for (const auto& lease : hello["leases"]) {
            const int proposal = numbers_.at(lease["proposal"].get<std::string>());
            here[proposal] = {lease["attempt"], lease["lease"], lease["fence"], lease["state"]};
            if (lease["state"] != "UNKNOWN") {
                here[proposal].push_back(lease["ttl_s"].get<double>());
            }
        }
        for (const auto& lease : machine_.leases_of(client)) {
            const auto& proof = proofs_.at(static_cast<std::size_t>(lease.number));
            const auto state = machine_.proposals()[static_cast<std::size_t>(lease.proposal)].state;
            there[lease.proposal] = {lease.attempt, proof.lease, proof.fence, ref::word(state)};
            if (state != ref::State::Unknown) {
                there[lease.proposal].push_back(
                    static_cast<double>(lease.deadline - machine_.now()));
            }
        }
        expect(Json(here).dump(), Json(there).dump(), "leases of " + client + " in HELLO");
        expect(hello["campaigns"][0].value("state", ""),
               ref::word(machine_.phase()),
               "campaign in HELLO");

        const Json status = bench_.campaign();
        expect(status["state"].get<std::string>(), ref::word(machine_.phase()), "campaign");
        expect(status["spent"].get<int>(), machine_.spent(), "spent");
    }

    void compare_everything() {
        const Json snapshot = bench_.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0];
        expect(snapshot["seq"].get<std::int64_t>(), seq_, "seq in SNAPSHOT");
        expect(snapshot["spent"].get<int>(), machine_.spent(), "spent in SNAPSHOT");
        expect(snapshot["state"].get<std::string>(), ref::word(machine_.phase()), "campaign");
        expect(snapshot["proposals"].size(), machine_.proposals().size(), "number of proposals");
        for (const auto& proposal : snapshot["proposals"]) {
            const std::string id = proposal["proposal"].get<std::string>();
            const auto& known = machine_.proposals()[static_cast<std::size_t>(numbers_.at(id))];
            expect(proposal["state"].get<std::string>(), ref::word(known.state), "state of " + id);
            expect(proposal["attempt"].get<int>(), known.attempt, "attempt of " + id);
        }
        const auto report = bench_.verify();
        expect(report.ok(), true, report.ok() ? "" : "verify: " + report.problems.front());
    }

    std::uint32_t seed_;
    std::mt19937 random_;
    ref::Rules rules_;
    Bench bench_;
    ref::Machine machine_;
    int sent_ = 0;
    int commands_ = 0;
    std::int64_t seq_ = 0;
    std::vector<std::string> ids_;  ///< of the proposals, in the order they were made
    std::map<std::string, int> numbers_;
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

/// Another campaign for every seed.
ref::Rules rules_of(std::uint32_t seed) {
    std::mt19937 random(seed * 7919u + 1u);
    const auto below = [&](int limit) {
        return std::uniform_int_distribution<int>(0, limit - 1)(random);
    };
    ref::Rules rules;
    rules.open_offers = 2 + below(9);
    rules.budget = 5 + below(60);
    rules.max_unknown = 1 + below(6);
    rules.max_attempts = 1 + below(4);
    rules.decline_limit = 1 + below(4);
    rules.max_claims = 2 + below(10);
    rules.review = below(2) == 0;
    rules.reoffer_failed = below(3) != 0;
    rules.whole_batches = below(4) == 0;
    rules.supersede = below(2) == 0;
    rules.train_every = 1 + below(8);
    rules.offer_ttl = below(3) == 0 ? 1800 + below(1000000) : 0;
    return rules;
}

}  // namespace

TEST_CASE("the ledger does what the reference machine says", "[model]") {
    // What is compared here does not depend on the disk; durability has tests of its own.
    if (std::filesystem::is_directory("/dev/shm")) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
    const char* wish = std::getenv("CUPEL_MODEL_SEED");
    const int commands = long_run() ? 1'000'000 : 20'000;
    std::map<std::size_t, int> rows;
    int sent = 0;
    std::uint32_t seed = wish != nullptr ? static_cast<std::uint32_t>(std::stoul(wish)) : 1;
    const auto rows_left = [&rows] { return rows.size() < ref::table().size(); };
    // Deep rows are rare: the walk goes on, within reason, until each was taken.
    for (; sent < commands || (rows_left() && sent < 3 * commands); ++seed) {
        Walk walk(seed, rules_of(seed));
        try {
            sent += walk.run(500);
        } catch (const Difference& difference) {
            FAIL(difference.what());
        }
        for (const auto& [row, times] : walk.machine().rows_taken()) {
            rows[row] += times;
        }
        if (wish != nullptr) {
            return;
        }
    }
    WARN(sent << " commands, " << seed - 1 << " campaigns");
    // What was never taken was never tested.
    for (std::size_t n = 0; n < ref::table().size(); ++n) {
        const ref::Row& row = ref::table()[n];
        INFO("row " << ref::word(row.from) << " | " << row.input << " | " << ref::word(row.to));
        CHECK(rows[n] > 0);
    }
}
