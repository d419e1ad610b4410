// From results to labels: claims, structures that win over claims, overrules, and what nobody
// proposed.
#include <algorithm>
#include <set>

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
    if (labelled) {
        withdraw_twins(record.proposal.campaign,
                       record.proposal.candidate,
                       record.evidence,
                       "it has been tried: proposal " + record.proposal.id);
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

/// The structure files of one proposal on their way through analysis, one after the other.
struct Core::Reading {
    std::vector<StructureFile> files;
    std::vector<StructureReport> read;
    std::string trouble;  ///< with the first that could not be read
    std::size_t at = 0;   ///< the file that is read next

    bool has_next() const { return at < files.size(); }
    const StructureFile& next() const { return files[at]; }
};

void Core::request_structures(const std::string& proposal) {
    after_commit([this, proposal] {
        auto reading = std::make_shared<Reading>();
        reading->files = proposals_.at(proposal).structures;
        read_next(proposal, reading);
    });
}

void Core::read_next(const std::string& proposal, const std::shared_ptr<Reading>& reading) {
    if (!reading->has_next()) {
        return;
    }
    const StructureFile& file = reading->next();
    StructureRequest request{blob_path(options_.blobs, file.sha256),
                             file.name,
                             proposals_.at(proposal).proposal.candidate};
    structures_.analyse(std::move(request), [this, proposal, reading](StructureAnswer answer) {
        post_([this, proposal, reading, answer = std::move(answer)] {
            structure_done(proposal, reading, answer);
        });
    });
}

void Core::structure_done(const std::string& proposal,
                          const std::shared_ptr<Reading>& reading,
                          StructureAnswer answer) {
    ProposalRecord& record = proposals_.at(proposal);
    if (record.proposal.state != S::ResultIn || record.structures != reading->files) {
        return;  // amended or answered meanwhile, or another file came: all are read again
    }
    if (answer.report && answer.report->verdict) {
        reading->read.push_back(*answer.report);
    } else {
        if (answer.crashed) {
            raise_alarm(record.proposal.campaign,
                        "structure analysis of " + reading->next().name + " (" + proposal +
                            ") died: " + answer.text + "; the file is kept");
        }
        if (reading->trouble.empty()) {
            reading->trouble = "structure " +
                               std::string(answer.crashed ? "unreadable" : answer.code) + ": " +
                               answer.text;
        }
    }
    ++reading->at;
    if (reading->has_next()) {
        after_commit([this, proposal, reading] { read_next(proposal, reading); });
        return;
    }
    record.structures.clear();
    if (reading->read.empty()) {
        judge_claim(record, reading->trouble);
        return;
    }
    judge_structures(record, reading->read, reading->trouble);
}

void Core::judge_structures(ProposalRecord& record,
                            const std::vector<StructureReport>& read,
                            const std::string& trouble) {
    // One vial, several crystals: the one that is most like the target decides.
    const auto& best = *std::max_element(
        read.begin(), read.end(), [](const StructureReport& a, const StructureReport& b) {
            return std::pair(a.verdict->confirmed, a.verdict->target_grade) <
                   std::pair(b.verdict->confirmed, b.verdict->target_grade);
        });
    const Outcome outcome = outcome_of_verdict(*best.verdict);
    Json details{{"result", record.result},
                 {"verdict", to_json(*best.verdict)},
                 {"structure", summary(best)}};
    if (!trouble.empty()) {
        details["note"] = trouble;
    }
    if (record.claimed && record.claimed->kind != outcome.kind) {
        details["difference"] = "claimed " + std::string(to_string(record.claimed->kind)) +
                                ", the structure says " + std::string(to_string(outcome.kind));
    }
    record.verdict_json = details["verdict"].dump();
    const std::string result = record.result;
    judge(record, outcome, Evidence::Structure, std::move(details));
    for (const auto& report : read) {
        if (outcome_of_verdict(*report.verdict).kind != OutcomeKind::Analogue) {
            continue;
        }
        // Another cluster is knowledge: a positive for what was found.
        Outcome found;
        found.kind = OutcomeKind::Confirmed;
        add_observation(campaign_of(record),
                        result,
                        found_in(report),
                        found,
                        Evidence::Structure,
                        {{"instead_of", record.proposal.id}});
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
    add_observation(campaign,
                    id,
                    candidate,
                    claimed(*observe.outcome),
                    Evidence::Claim,
                    {{"client", command.client}});
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
        observe_claim(campaign, result);
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

/// What was claimed beside the file of a proposal's result; nothing where nothing was.
void Core::observe_claim(Campaign& campaign, const std::string& result) {
    const auto row = store_.result(result);
    if (!row || row->proposal.empty()) {
        return;
    }
    const Json said = Json::parse(row->record)["outcome"];
    if (said.is_null()) {
        return;
    }
    add_observation(campaign,
                    result,
                    find_proposal(row->proposal).proposal.candidate,
                    claimed(outcome_of(said)),
                    Evidence::Claim,
                    {{"instead_of", row->proposal}});
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
        withdraw_twins(
            record.campaign, candidate, evidence, "it has been tried: observation " + record.id);
    }
    observations_.emplace(record.id, std::move(record));
    labels_changed(campaign);
}

const ObservationRecord* Core::seen_as(const std::string& campaign,
                                       const Candidate& candidate) const {
    const std::string key = learning_key(candidate);
    for (const auto& [id, seen] : observations_) {
        if (seen.campaign == campaign && seen.was_tried() && seen.learning_key == key &&
            may_be_same(seen.candidate, candidate, seen.evidence == Evidence::Structure)) {
            return &seen;
        }
    }
    return nullptr;
}

void Core::withdraw_if_seen(ProposalRecord& record) {
    const auto* seen = seen_as(record.proposal.campaign, record.proposal.candidate);
    if (seen != nullptr && try_next(record.proposal.state, Input::Supersede) != nullptr) {
        advance(
            record, Input::Supersede, {{"reason", "it has been tried: observation " + seen->id}});
    }
}

void Core::withdraw_twins(const std::string& campaign,
                          const Candidate& candidate,
                          Evidence evidence,
                          const std::string& reason) {
    const std::string key = learning_key(candidate);
    for (auto& [id, record] : proposals_) {
        if (record.proposal.campaign == campaign && record.proposal.learning_key == key &&
            try_next(record.proposal.state, Input::Supersede) != nullptr &&
            may_be_same(candidate, record.proposal.candidate, evidence == Evidence::Structure)) {
            advance(record, Input::Supersede, {{"reason", reason}});
        }
    }
}

void Core::withdraw_observations(const ProposalRecord& record, const Json& why) {
    std::set<std::string> results;
    for (const auto& row : store_.results(record.proposal.id)) {
        // A held result that was accepted as an observation is knowledge of its own.
        if (row.attempt == record.proposal.attempt &&
            !Json::parse(row.record).value("observed", false)) {
            results.insert(row.id);
        }
    }
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
        campaigns_.at(observation.campaign).passed_over.clear();
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
