// From what the reference is told to the command that says the same on the wire.
#include "walk.hpp"

namespace cupel::test {

namespace ref = reference;
using ref::Finding;
using ref::Input;
using ref::kNone;
using ref::Verb;

namespace {

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

}  // namespace

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

Walk::Walk(std::uint32_t seed, const ref::Rules& rules)
    : seed_(seed),
      random_(seed),
      rules_(rules),
      bench_(campaign_keys(rules), rules.max_claims),
      machine_(rules) {
    bench_.structures.answers["solved.cif"] = solved();
    bench_.structures.answers["torn.cif"] = {std::nullopt, "truncated", "it ends early", false};
    compare_events("start");
}

int Walk::run(int commands) {
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

void Walk::step() {
    if (one_in(9)) {
        pass_time();
    } else if (one_in(150)) {
        restart();
    } else if (!recent_.empty() && one_in(25)) {
        Input again = recent_[static_cast<std::size_t>(below(static_cast<int>(recent_.size())))];
        if (one_in(3)) {
            ++again.body;  // the same id with other words
        }
        send(again);
    } else {
        send(choose());
    }
}

void Walk::pass_time() {
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

void Walk::restart() {
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

std::string Walk::id_of(int proposal) {
    return proposal < 0 ? nobody_ : ids_.at(static_cast<std::size_t>(proposal));
}

LeaseProof Walk::proof_of(const Input& input) {
    if (input.lease < 0) {
        return {nobody_, 1};
    }
    LeaseProof proof = proofs_.at(static_cast<std::size_t>(input.lease));
    proof.fence -= input.wrong_fence ? 1 : 0;
    return proof;
}

std::optional<LeaseProof> Walk::optional_proof_of(const Input& input) {
    return input.lease == kNone ? std::nullopt : std::optional(proof_of(input));
}

std::optional<double> Walk::expected_of(const Input& input) {
    return input.expected ? std::optional(static_cast<double>(*input.expected)) : std::nullopt;
}

Result Walk::result_of(const Input& input, const std::string& cmd_id, const std::string& id) {
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

std::string Walk::cif(ref::File file) {
    return file == ref::File::Solved ? "data_solved\n" : "data_to";
}

CommandBody Walk::body_of(const Input& input) {
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
            return EditProposal{cmd,
                                id,
                                input.twin < 0
                                    ? candidate_number(5000 + input.command)
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

std::string Walk::result_id(int result) {
    return result < 0 ? make_ulid() : results_.at(static_cast<std::size_t>(result));
}

void Walk::send(const Input& input) {
    const std::string what = describe(input);
    std::vector<std::string> blobs;
    const bool carries = input.verb == Verb::Result || input.verb == Verb::Amend;
    if (carries && input.file != ref::File::None) {
        blobs.push_back(cif(input.file));
    }
    CommandBody body = sent_before(input) ? bodies_.at(input.command) : body_of(input);
    bodies_[input.command] = body;
    const Reply reply = bench_.send(
        std::move(body), ref::word(input.verb), input.client, blobs, std::to_string(input.body));
    const ref::Answer answer = machine_.apply(input);
    const std::string code = reply.error ? std::string(to_string(*reply.error)) : std::string("OK");
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

}  // namespace cupel::test
