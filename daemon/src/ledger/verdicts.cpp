// From results to labels: claims, structures that win over claims, overrules.
#include <algorithm>
#include <iterator>

#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/same_cluster.hpp"
#include "core.hpp"

namespace cupel::controller {
namespace {

using S = ProposalState;

Outcome outcome_of_verdict(const Verdict& verdict) {
    Outcome outcome;
    if (verdict.confirmed) {
        outcome.kind = OutcomeKind::Confirmed;
        return outcome;
    }
    outcome.kind = OutcomeKind::Analogue;
    outcome.analogue_grade = verdict.target_grade;
    outcome.only_counts_differ =
        std::all_of(verdict.fields.begin(), verdict.fields.end(), [](const FieldVerdict& field) {
            return field.agreement != Agreement::No || field.field == "ligand_counts" ||
                   field.field == "charge";
        });
    return outcome;
}

}  // namespace

Outcome claimed(Outcome outcome) {
    if (outcome.kind == OutcomeKind::Confirmed) {
        outcome.kind = OutcomeKind::MassConfirmed;
    }
    return outcome;
}

bool teaches(const Outcome& outcome) {
    const Label label = label_of(outcome);
    return label.pair.has_value() || label.target.has_value();
}

void Core::judge(ProposalRecord& record, const Outcome& outcome, Evidence evidence, Json details) {
    // The best evidence decides, not the last: a claim does not undo a structure, and what teaches
    // nothing takes nothing away (crystals that cannot be solved do not undo a mass spectrum).
    const bool weaker = record.outcome && (evidence < record.evidence ||
                                           (teaches(*record.outcome) && !teaches(outcome)));
    if (!weaker) {
        record.outcome = outcome;
        record.evidence = evidence;
    } else {
        details["kept"] = "stronger evidence stands";
    }
    const Label label = label_of(*record.outcome);
    details["outcome"] = to_json(*record.outcome);
    details["label"] = to_json(label);
    details["candidate_key"] = record.proposal.identity_key;
    details["p"] = record.proposal.p ? Json(*record.proposal.p) : Json(nullptr);
    const bool labelled = label.pair.has_value() || label.target.has_value();
    advance(record, labelled ? Input::VerdictLabel : Input::VerdictOpen, details);
    if (std::exchange(record.label_gone, false) || labelled) {
        labels_changed(campaign_of(record));
    }
    withdraw_twins(record);
}

void Core::judge_claim(ProposalRecord& record, const std::string& note) {
    Json details{{"result", record.result}, {"verdict", nullptr}, {"note", note}};
    if (!record.claimed) {
        // A structure that could not be read and no claim beside it: someone has to look.
        if (record.outcome) {
            judge(record, *record.outcome, record.evidence, std::move(details));
            return;
        }
        details["outcome"] = nullptr;
        advance(record, Input::VerdictOpen, details);
        if (std::exchange(record.label_gone, false)) {
            labels_changed(campaign_of(record));
        }
        return;
    }
    const Outcome outcome = claimed(*record.claimed);
    if (outcome.kind != record.claimed->kind) {
        details["difference"] =
            "confirmed was claimed without a structure: counts as mass_confirmed";
    }
    judge(record, outcome, Evidence::Claim, std::move(details));
}

void Core::request_structures(const std::string& proposal) {
    after_commit([this, proposal] {
        const ProposalRecord& record = proposals_.at(proposal);
        // Amended or answered meanwhile, or another file came: all are read again.
        auto wanted = [this, proposal, files = record.structures] {
            const ProposalRecord& now = proposals_.at(proposal);
            return now.proposal.state == S::ResultIn && now.structures == files;
        };
        auto done = [this, proposal](const StructuresRead& read) {
            structures_done(proposals_.at(proposal), read);
        };
        auto failed = [this, proposal](const StructuresRead::Failure& failure) {
            if (failure.crashed) {
                raise_alarm(proposals_.at(proposal).proposal.campaign,
                            "structure analysis of " + failure.file + " (" + proposal +
                                ") died: " + failure.text + "; the file is kept");
            }
        };
        structure_reader_.read(
            {record.structures, record.proposal.candidate, wanted, failed, done});
    });
}

void Core::structures_done(ProposalRecord& record, const StructuresRead& read) {
    record.structures.clear();
    if (read.reports.empty()) {
        judge_claim(record, read.trouble());
        return;
    }
    // One vial, several crystals: the one that is most like the target decides.
    const auto& best =
        *std::max_element(read.reports.begin(),
                          read.reports.end(),
                          [](const StructureReport& a, const StructureReport& b) {
                              return std::pair(a.verdict->confirmed, a.verdict->target_grade) <
                                     std::pair(b.verdict->confirmed, b.verdict->target_grade);
                          });
    const Outcome outcome = outcome_of_verdict(*best.verdict);
    Json details{{"result", record.result},
                 {"verdict", to_json(*best.verdict)},
                 {"structure", structure_summary(best)}};
    if (!read.failures.empty()) {
        details["note"] = read.trouble();
    }
    if (record.claimed && record.claimed->kind != outcome.kind) {
        details["difference"] = "claimed " + std::string(to_string(record.claimed->kind)) +
                                ", the structure says " + std::string(to_string(outcome.kind));
    }
    record.verdict_json = details["verdict"].dump();
    const std::string result = record.result;
    judge(record, outcome, Evidence::Structure, std::move(details));
    // Another cluster is knowledge: a positive for what was found.
    std::vector<StructureReport> others;
    std::copy_if(read.reports.begin(),
                 read.reports.end(),
                 std::back_inserter(others),
                 [](const StructureReport& report) {
                     return outcome_of_verdict(*report.verdict).kind == OutcomeKind::Analogue;
                 });
    add_structures(campaign_of(record),
                   result,
                   others,
                   record.proposal.candidate.conditions,
                   {{"instead_of", record.proposal.id}});
}

Json Core::handle(const Overrule& overrule, const Command& command) {
    ProposalRecord& record = find_proposal(overrule.proposal);
    const Json before = record.outcome ? to_json(*record.outcome) : Json(nullptr);
    advance(record,
            Input::Overrule,
            {{"client", command.client},
             {"reason", overrule.reason},
             {"before", before},
             {"outcome", to_json(overrule.outcome)},
             {"label", to_json(label_of(overrule.outcome))}});
    record.outcome = overrule.outcome;
    record.evidence = Evidence::Reviewer;
    if (overrule.outcome.kind != OutcomeKind::Analogue) {
        withdraw_observations(record, {{"client", command.client}, {"reason", overrule.reason}});
    }
    campaign_of(record).passed_over.clear();  // what it said of others may not stand any more
    withdraw_twins(record);
    labels_changed(campaign_of(record));
    return {{"state", to_string(record.proposal.state)}};
}

}  // namespace cupel::controller
