// From results to labels: claims, structures that win over claims, overrules, and what nobody
// proposed.
#include <algorithm>
#include <set>

#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

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

Candidate found_in(const StructureReport& report) {
    Candidate candidate;
    candidate.core = report.core;
    candidate.core.atoms.clear();
    candidate.ligands = normalised(report.ligands);
    candidate.charge = report.charge;
    return candidate;
}

Json summary(const StructureReport& report) {
    return {{"found", found_in(report).name()},
            {"core", report.core.formula()},
            {"warnings", report.warnings}};
}

}  // namespace

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
    if (labelled) {
        labels_changed(campaign_of(record));
    }
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
        return;
    }
    Outcome outcome = *record.claimed;
    if (outcome.kind == OutcomeKind::Confirmed) {
        outcome.kind = OutcomeKind::MassConfirmed;
        details["difference"] =
            "confirmed was claimed without a structure: counts as mass_confirmed";
    }
    judge(record, outcome, Evidence::Claim, std::move(details));
}

void Core::request_structure(const std::string& proposal) {
    after_commit([this, proposal] {
        const ProposalRecord& record = proposals_.at(proposal);
        if (record.structure.empty()) {
            return;
        }
        StructureRequest request{blob_path(options_.blobs, record.structure),
                                 record.structure_name,
                                 record.proposal.candidate};
        structures_.analyse(std::move(request),
                            [this, proposal, sha = record.structure](StructureAnswer answer) {
                                post_([this, proposal, sha, answer = std::move(answer)] {
                                    structure_done(proposal, sha, answer);
                                });
                            });
    });
}

void Core::structure_done(const std::string& proposal,
                          const std::string& sha,
                          StructureAnswer answer) {
    ProposalRecord& record = proposals_.at(proposal);
    if (record.proposal.state != S::ResultIn || record.structure != sha) {
        return;  // amended or answered meanwhile
    }
    record.structure.clear();
    if (!answer.report || !answer.report->verdict) {
        const std::string code = answer.crashed ? "unreadable" : answer.code;
        if (answer.crashed) {
            raise_alarm(record.proposal.campaign,
                        "structure analysis of " + record.structure_name + " (" + proposal +
                            ") died: " + answer.text + "; the file is kept");
        }
        judge_claim(record, "structure " + code + ": " + answer.text);
        return;
    }
    const Verdict& verdict = *answer.report->verdict;
    const Outcome outcome = outcome_of_verdict(verdict);
    Json details{{"result", record.result},
                 {"verdict", to_json(verdict)},
                 {"structure", summary(*answer.report)}};
    if (record.claimed && record.claimed->kind != outcome.kind) {
        details["difference"] = "claimed " + std::string(to_string(record.claimed->kind)) +
                                ", the structure says " + std::string(to_string(outcome.kind));
    }
    record.verdict_json = details["verdict"].dump();
    const std::string result = record.result;
    judge(record, outcome, Evidence::Structure, std::move(details));
    if (outcome.kind == OutcomeKind::Analogue) {
        // Another cluster is knowledge: a positive for what was found.
        Outcome found;
        found.kind = OutcomeKind::Confirmed;
        add_observation(campaign_of(record),
                        result,
                        found_in(*answer.report),
                        found,
                        Evidence::Structure,
                        {{"instead_of", proposal}});
    }
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
    labels_changed(campaign_of(record));
    return {{"state", to_string(record.proposal.state)}};
}

Json Core::handle(const Observe& observe, const Command& command) {
    Campaign& campaign = find_campaign(observe.campaign);
    const BlobRef* file = structure_file(observe.blobs);
    if (file != nullptr && observe.candidate) {
        throw Refusal{ErrorCode::BadMessage,
                      "a structure file says itself what was made: leave the candidate out, or the "
                      "file"};
    }
    if (file == nullptr && (!observe.candidate || !observe.outcome)) {
        throw Refusal{ErrorCode::BadMessage,
                      "an observation needs a structure file, or a candidate with an outcome"};
    }
    check_blobs(observe.blobs);
    Result report;
    report.cmd_id = observe.cmd_id;
    report.outcome = observe.outcome;
    report.evidence = observe.evidence;
    report.blobs = observe.blobs;
    const std::string id = store_result(report, command, false, "");
    if (file != nullptr) {
        campaign.record.unread_observations.push_back(id);
        touch(campaign);
        emit(observe.campaign,
             "RESULT_RECEIVED",
             "",
             {{"client", command.client}, {"result", id}, {"report", result_json(report)}});
        request_observation(observe.campaign, id);
        return {{"result", id}};
    }
    Candidate candidate = *observe.candidate;
    for (const auto& [key, value] : observe.conditions) {
        candidate.conditions[key] = value;
    }
    Outcome outcome = *observe.outcome;
    if (outcome.kind == OutcomeKind::Confirmed) {
        outcome.kind = OutcomeKind::MassConfirmed;
    }
    add_observation(
        campaign, id, candidate, outcome, Evidence::Claim, {{"client", command.client}});
    return {{"result", id}};
}

void Core::request_observation(const std::string& campaign, const std::string& result) {
    after_commit([this, campaign, result] {
        const auto row = store_.result(result);
        if (!row) {
            return;
        }
        const Json stored = Json::parse(row->record);
        for (const auto& blob : stored["blobs"]) {
            const BlobRef ref{blob["name"].get<std::string>(),
                              blob["type"].get<std::string>(),
                              blob["sha256"].get<std::string>(),
                              blob["length"].get<std::uint64_t>()};
            if (structure_file({ref}) == nullptr) {
                continue;
            }
            structures_.analyse({blob_path(options_.blobs, ref.sha256), ref.name, std::nullopt},
                                [this, campaign, result](StructureAnswer answer) {
                                    post_([this, campaign, result, answer = std::move(answer)] {
                                        observation_done(campaign, result, answer);
                                    });
                                });
            return;
        }
    });
}

void Core::observation_done(const std::string& name,
                            const std::string& result,
                            StructureAnswer answer) {
    Campaign& campaign = campaigns_.at(name);
    auto& unread = campaign.record.unread_observations;
    const auto waiting = std::find(unread.begin(), unread.end(), result);
    if (waiting == unread.end()) {
        return;
    }
    unread.erase(waiting);
    touch(campaign);
    if (!answer.report) {
        raise_alarm(
            name, "the structure of observation " + result + " could not be read: " + answer.text);
        return;
    }
    Outcome found;
    found.kind = OutcomeKind::Confirmed;
    add_observation(campaign,
                    result,
                    found_in(*answer.report),
                    found,
                    Evidence::Structure,
                    {{"structure", summary(*answer.report)}});
}

void Core::add_observation(Campaign& campaign,
                           const std::string& result,
                           const Candidate& candidate,
                           const Outcome& outcome,
                           Evidence evidence,
                           Json details) {
    ObservationRecord record;
    record.id = make_ulid();
    record.campaign = campaign.record.name;
    record.result = result;
    record.candidate = candidate;
    record.outcome = outcome;
    record.identity_key = identity_key(candidate);
    record.learning_key = learning_key(candidate);
    record.evidence = evidence;
    const ProjectionRow row{record.id, record.campaign, encode_record(record)};
    store_.put_observation(row);
    history_.changes().row(row);
    details["observation"] = record.id;
    details["result"] = result;
    details["candidate"] = to_json(candidate);
    details["name"] = candidate.name();
    details["outcome"] = to_json(outcome);
    details["label"] = to_json(label_of(outcome));
    emit(record.campaign, "OBSERVED", "", std::move(details));
    if (record.was_tried()) {
        withdraw_offers(record);
    }
    observations_.emplace(record.id, std::move(record));
    labels_changed(campaign);
}

void Core::withdraw_offers(const ObservationRecord& seen) {
    for (auto& [id, record] : proposals_) {
        if (record.proposal.campaign == seen.campaign &&
            record.proposal.identity_key == seen.identity_key &&
            try_next(record.proposal.state, Input::Supersede) != nullptr) {
            advance(record,
                    Input::Supersede,
                    {{"reason", "it has been tried: observation " + seen.id}});
        }
    }
}

void Core::withdraw_observations(const ProposalRecord& record, const Json& why) {
    std::set<std::string> results;
    for (const auto& row : store_.results(record.proposal.id)) {
        if (row.attempt == record.proposal.attempt) {
            results.insert(row.id);
        }
    }
    // A held result that was accepted as an observation is knowledge of its own.
    std::set<std::string> structures;
    for (const auto& [id, seen] : observations_) {
        if (seen.evidence == Evidence::Structure && results.count(seen.result) != 0) {
            structures.insert(seen.result);
        }
    }
    Json details = why;
    details["instead_of"] = record.proposal.id;
    withdraw_observations(structures, details);
}

int Core::withdraw_observations(const std::set<std::string>& results, const Json& why) {
    int count = 0;
    for (auto seen = observations_.begin(); seen != observations_.end();) {
        ObservationRecord& observation = seen->second;
        if (results.count(observation.result) == 0) {
            ++seen;
            continue;
        }
        observation.withdrawn = true;
        const ProjectionRow row{observation.id, observation.campaign, encode_record(observation)};
        store_.put_observation(row);
        history_.changes().row(row);
        Json details = why;
        details["observation"] = observation.id;
        details["result"] = observation.result;
        details["name"] = observation.candidate.name();
        emit(observation.campaign, "OBSERVATION_WITHDRAWN", "", std::move(details));
        labels_changed(campaigns_.at(observation.campaign));
        seen = observations_.erase(seen);
        ++count;
    }
    return count;
}

Json Core::retract_observation(const ResultRetract& retract, const Command& command) {
    for (const auto& [id, seen] : observations_) {
        if (seen.result == retract.result) {
            require_sight(seen.campaign);
        }
    }
    const Json why{{"client", command.client}, {"reason", retract.reason}};
    if (withdraw_observations(std::set<std::string>{retract.result}, why) == 0) {
        throw Refusal{ErrorCode::IllegalState,
                      "no observation that stands came from result " + retract.result +
                          "; the result of a proposal is retracted by the proposal's id"};
    }
    return {{"result", retract.result}};
}

}  // namespace cupel::controller
