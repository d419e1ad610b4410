// What nobody proposed: observations by OBSERVE, by structures that show something else, by held
// results; what they close, and how they are taken back.
#include <algorithm>
#include <set>

#include <cupel/chemistry/candidate_check.hpp>
#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/same_cluster.hpp"
#include "core.hpp"

namespace cupel::controller {

Candidate found_in(const StructureReport& report,
                   const std::map<std::string, std::string>& conditions) {
    Candidate candidate;
    candidate.conditions = conditions;
    candidate.core = report.core;
    candidate.core.atoms.clear();
    candidate.ligands = normalised(report.ligands);
    candidate.charge = report.charge;
    return candidate;
}

Json structure_summary(const StructureReport& report) {
    const char* more = report.ligands_undecided ? " and ligands that could not be told apart" : "";
    return {{"found", found_in(report, {}).name() + more},
            {"core", report.core.formula()},
            {"warnings", report.warnings}};
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
    if (observe.candidate) {
        chemistry::examine(*observe.candidate);  // before it is kept: the learner would read it
    }
    check_blobs(observe.blobs);
    Result report;
    report.cmd_id = observe.cmd_id;
    report.outcome = observe.outcome;
    report.evidence = observe.evidence;
    report.blobs = observe.blobs;
    const std::string id = store_result(report, command, false, "", observe.conditions);
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
        auto wanted = [this, campaign, result] {
            const auto& unread = campaigns_.at(campaign).record.unread_observations;
            return std::find(unread.begin(), unread.end(), result) != unread.end();
        };
        auto done = [this, campaign, row = *row](const StructuresRead& read) {
            observation_done(campaigns_.at(campaign), row, read);
        };
        auto failed = [this, campaign, result](const StructuresRead::Failure& failure) {
            raise_alarm(
                campaign,
                failure.file + " of observation " + result + " could not be read: " + failure.text);
        };
        structure_reader_.read({structures_of(*row), std::nullopt, wanted, failed, done});
    });
}

void Core::observation_done(Campaign& campaign, const ResultRow& row, const StructuresRead& read) {
    std::erase(campaign.record.unread_observations, row.id);
    touch(campaign);
    if (read.reports.empty()) {
        observe_claim(campaign, row);
        return;
    }
    add_structures(campaign, row.id, read.reports, conditions_of(row), Json::object());
}

void Core::add_structures(Campaign& campaign,
                          const std::string& result,
                          const std::vector<StructureReport>& reports,
                          const std::map<std::string, std::string>& conditions,
                          const Json& details) {
    Outcome found;
    found.kind = OutcomeKind::Confirmed;
    std::set<std::string> found_so_far;
    for (const auto& report : reports) {
        if (report.ligands_undecided) {
            // Half a composition would be taught as a cluster that somebody made.
            raise_alarm(campaign.record.name,
                        "what " + report.file +
                            " shows is not known: some of its ligands are disordered and could "
                            "not be told apart; say what it is by cupel observe");
            continue;
        }
        const Candidate candidate = found_in(report, conditions);
        if (found_so_far.insert(identity_key(candidate)).second) {
            Json of_this = details;
            of_this["structure"] = structure_summary(report);
            add_observation(
                campaign, result, candidate, found, Evidence::Structure, std::move(of_this));
        }
    }
}

std::map<std::string, std::string> Core::conditions_of(const ResultRow& row) {
    const auto known = proposals_.find(row.proposal);
    if (known != proposals_.end()) {
        return known->second.proposal.candidate.conditions;
    }
    return Json::parse(row.record).value("conditions", std::map<std::string, std::string>{});
}

/// What was claimed beside the file of a proposal's result; nothing where nothing was.
void Core::observe_claim(Campaign& campaign, const ResultRow& row) {
    const auto known = proposals_.find(row.proposal);
    if (known == proposals_.end()) {
        return;
    }
    const Json said = Json::parse(row.record)["outcome"];
    if (said.is_null()) {
        return;
    }
    add_observation(campaign,
                    row.id,
                    known->second.proposal.candidate,
                    claimed(outcome_of(said)),
                    Evidence::Claim,
                    {{"instead_of", row.proposal}});
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
        withdraw_twins(record.campaign,
                       candidate,
                       evidence == Evidence::Structure,
                       "it has been tried: observation " + record.id);
    }
    observations_.emplace(record.id, std::move(record));
    labels_changed(campaign);
}

namespace {

/// What came of it says something of its cluster.
bool was_tried(const ProposalRecord& record) {
    return record.outcome && teaches(*record.outcome);
}

/// A structure of the target says that it can be made, under whatever conditions and charge; one
/// of another cluster speaks of what was tried alone.
bool shown_by_structure(const ProposalRecord& record) {
    return record.evidence == Evidence::Structure && record.outcome &&
           record.outcome->kind == OutcomeKind::Confirmed;
}

}  // namespace

std::string Core::tried_as(const std::string& campaign, const Candidate& candidate) const {
    const std::string key = learning_key(candidate);
    for (const auto& [id, seen] : observations_) {
        if (seen.campaign == campaign && seen.was_tried() && seen.learning_key == key &&
            may_be_same(seen.candidate, candidate, seen.evidence == Evidence::Structure)) {
            return "observation " + id;
        }
    }
    for (const auto& [id, record] : proposals_) {
        const Proposal& proposal = record.proposal;
        if (was_tried(record) && proposal.campaign == campaign && proposal.learning_key == key &&
            may_be_same(proposal.candidate, candidate, shown_by_structure(record))) {
            return "proposal " + id;
        }
    }
    return "";
}

void Core::withdraw_if_tried(ProposalRecord& record) {
    const std::string tried = tried_as(record.proposal.campaign, record.proposal.candidate);
    if (!tried.empty() && try_next(record.proposal.state, Input::Supersede) != nullptr) {
        advance(record, Input::Supersede, {{"reason", "it has been tried: " + tried}});
    }
}

void Core::withdraw_twins(const ProposalRecord& tried) {
    if (was_tried(tried)) {
        withdraw_twins(tried.proposal.campaign,
                       tried.proposal.candidate,
                       shown_by_structure(tried),
                       "it has been tried: proposal " + tried.proposal.id);
    }
}

void Core::withdraw_twins(const std::string& campaign,
                          const Candidate& candidate,
                          bool by_structure,
                          const std::string& reason) {
    const std::string key = learning_key(candidate);
    for (auto& [id, record] : proposals_) {
        if (record.proposal.campaign == campaign && record.proposal.learning_key == key &&
            try_next(record.proposal.state, Input::Supersede) != nullptr &&
            may_be_same(candidate, record.proposal.candidate, by_structure)) {
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
