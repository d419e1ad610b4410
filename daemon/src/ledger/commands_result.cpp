// RESULT and what people do with results: amend, retract, accept or refuse held ones, settle
// unknowns.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <string_view>

#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "core.hpp"

namespace cupel::controller {
namespace {

using S = ProposalState;

/// States in which the result of the current attempt is taken at once.
bool takes_results(S state) {
    return state == S::Claimed || state == S::Started || state == S::CancelRequested ||
           state == S::Unknown || state == S::ResultIn || state == S::Awaiting ||
           state == S::Labelled;
}

Json blobs_json(const std::vector<BlobRef>& blobs) {
    Json all = Json::array();
    for (const auto& blob : blobs) {
        all.push_back({{"name", blob.name},
                       {"type", blob.type},
                       {"sha256", blob.sha256},
                       {"length", blob.length}});
    }
    return all;
}

/// What was stored of a result, as a command again: for ACCEPT_HELD.
Result result_of(const ResultRow& row) {
    const Json record = Json::parse(row.record);
    Result result;
    result.cmd_id = row.cmd_id;
    result.proposal = row.proposal;
    result.attempt = row.attempt;
    if (!record["outcome"].is_null()) {
        result.outcome = outcome_of(record["outcome"]);
    }
    if (!record["consumed"].is_null()) {
        result.consumed = record["consumed"].get<bool>();
    }
    if (!record["stage"].is_null()) {
        result.stage = record["stage"].get<std::string>();
    }
    if (!record["note"].is_null()) {
        result.note = record["note"].get<std::string>();
    }
    result.evidence = record["evidence"].get<std::map<std::string, std::string>>();
    for (const auto& blob : record["blobs"]) {
        result.blobs.push_back({blob["name"].get<std::string>(),
                                blob["type"].get<std::string>(),
                                blob["sha256"].get<std::string>(),
                                blob["length"].get<std::uint64_t>()});
    }
    return result;
}

}  // namespace

Json result_json(const Result& result) {
    return {{"outcome", result.outcome ? to_json(*result.outcome) : Json(nullptr)},
            {"consumed", or_null(result.consumed)},
            {"stage", or_null(result.stage)},
            {"note", or_null(result.note)},
            {"evidence", result.evidence},
            {"blobs", blobs_json(result.blobs)}};
}

namespace {

/// Instruments also write "RUN17.CIF".
bool is_structure(const BlobRef& blob) {
    std::string name = blob.name;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    const auto ends_with = [&name](std::string_view ending) {
        return name.size() >= ending.size() &&
               name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
    };
    return blob.type == "chemical/x-cif" || blob.type == "chemical/x-xyz" || ends_with(".cif") ||
           ends_with(".xyz") || ends_with(".extxyz");
}

/// Each once, also where it is named twice.
std::vector<StructureFile> structures_in(const std::vector<BlobRef>& blobs) {
    std::vector<StructureFile> files;
    std::set<std::string> named;
    for (const auto& blob : blobs) {
        if (is_structure(blob) && named.insert(blob.sha256).second) {
            files.push_back({blob.sha256, blob.name});
        }
    }
    return files;
}

}  // namespace

const BlobRef* structure_file(const std::vector<BlobRef>& blobs) {
    const auto found = std::find_if(blobs.begin(), blobs.end(), is_structure);
    return found == blobs.end() ? nullptr : &*found;
}

/// Nothing that is said of its proposal later undoes it.
void mark_observed(ResultRow& row) {
    Json stored = Json::parse(row.record);
    stored["observed"] = true;
    row.record = stored.dump();
}

std::vector<StructureFile> structures_of(const ResultRow& row) {
    return structures_in(result_of(row).blobs);
}

void Core::check_blobs(const std::vector<BlobRef>& blobs) const {
    for (const auto& blob : blobs) {
        std::error_code gone;
        const auto size = std::filesystem::file_size(blob_path(options_.blobs, blob.sha256), gone);
        if (gone || size != blob.length) {
            throw Refusal{ErrorCode::NoSuchBlob,
                          "blob " + blob.name +
                              ": no file with that sha256 and length; send it as "
                              "a frame or by BLOB_PUT first"};
        }
    }
}

std::string Core::store_result(const Result& result,
                               const Command& command,
                               bool held,
                               const std::string& proposal,
                               const std::map<std::string, std::string>& conditions) {
    ResultRow row;
    row.id = make_ulid();
    row.proposal = proposal;
    const auto known = proposals_.find(proposal);
    row.attempt =
        result.attempt.value_or(known == proposals_.end() ? 0 : known->second.proposal.attempt);
    row.client = command.client;
    row.cmd_id = result.cmd_id;
    row.held = held;
    Json record = result_json(result);
    if (!conditions.empty()) {
        record["conditions"] = conditions;
    }
    if (held && known == proposals_.end()) {
        record["campaign"] = home_of_strangers();
    }
    row.record = record.dump(-1, ' ', false, Json::error_handler_t::replace);
    row.time = time_text();
    for (const auto& blob : result.blobs) {
        store_.put_blob({blob.sha256, blob.length, blob.name, blob.type, row.time});
    }
    put_result(row);
    return row.id;
}

void Core::put_result(const ResultRow& row) {
    store_.put_result(row);
    history_.changes().row(row);
    if (row.held) {
        held_[row.id] = campaign_of_held(row);
    } else {
        held_.erase(row.id);
    }
}

std::optional<std::string> Core::why_held(const ProposalRecord& record,
                                          const Result& result,
                                          const Command& command) const {
    const Proposal& proposal = record.proposal;
    if (!takes_results(proposal.state)) {
        return "the proposal is " + std::string(to_string(proposal.state));
    }
    if (result.attempt && *result.attempt != proposal.attempt) {
        return "attempt " + std::to_string(*result.attempt) + " is not the current one";
    }
    if (result.proof) {
        const bool current = record.lease && record.lease->id == result.proof->lease &&
                             record.lease->fence == result.proof->fence;
        if (!current) {
            return "the lease is not the current one";
        }
    }
    // Without a lease the current attempt's result is taken from its holder and from analysts and
    // reviewers; where nobody is authenticated every client has those roles.
    const bool holder = record.lease && record.lease->holder == command.client;
    if (access_ != nullptr && !holder && !access_->has(Role::Analyst) &&
        !access_->has(Role::Reviewer)) {
        return "it comes neither from the holder nor from an analyst or a reviewer";
    }
    return std::nullopt;
}

Json Core::handle(const Result& result, const Command& command) {
    const bool has_structure = structure_file(result.blobs) != nullptr;
    const auto known = proposals_.find(result.proposal);
    require_sight(known == proposals_.end() ? home_of_strangers()
                                            : known->second.proposal.campaign);
    if (!result.outcome && !has_structure && !result.stage) {
        throw Refusal{ErrorCode::BadMessage,
                      "a result needs an outcome, a structure file or a stage"};
    }
    check_blobs(result.blobs);
    if (known == proposals_.end()) {
        return hold_stranger(result, command);
    }
    ProposalRecord& record = known->second;
    const auto held = why_held(record, result, command);
    const std::string id = store_result(result, command, held.has_value(), result.proposal);
    if (held) {
        emit(record.proposal.campaign,
             "RESULT_HELD",
             result.proposal,
             {{"state", to_string(record.proposal.state)},
              {"attempt", record.proposal.attempt},
              {"of_attempt", result.attempt.value_or(record.proposal.attempt)},
              {"result", id},
              {"client", command.client},
              {"reason", *held},
              {"report", result_json(result)}});
    } else {
        const bool from_holder = record.lease && record.lease->holder == command.client;
        take_result(record, result, id, command.client, from_holder);
    }
    return {
        {"state", to_string(record.proposal.state)}, {"result", id}, {"held", held.has_value()}};
}

void Core::take_result(ProposalRecord& record,
                       const Result& result,
                       const std::string& id,
                       const std::string& client,
                       bool from_holder) {
    Campaign& campaign = campaign_of(record);
    if (record.proposal.state == S::Claimed || record.proposal.state == S::Unknown) {
        charge(record);  // a restored store may know nothing of its START
    }
    if (record.proposal.state == S::Claimed) {
        if (record.lease) {
            begin_work(*record.lease, options_.leases, std::nullopt, now(), wall());
        }
        advance(record,
                Input::Start,
                {{"client", client}, {"implied", true}, {"spent", campaign.record.spent}});
    }
    const BlobRef* file = structure_file(result.blobs);
    Json details{{"client", client}, {"result", id}, {"report", result_json(result)}};
    if (!result.outcome && file == nullptr) {
        // A stage on the way: the work goes on, under a renewed lease where its worker says so.
        const bool from_worker = from_holder || result.proof;
        if (from_worker && record.lease &&
            (holds_lease(record.proposal.state) || record.proposal.state == S::Unknown)) {
            hear(record, std::nullopt);
            advance(record,
                    Input::Progress,
                    {{"client", client}, {"stage", result.stage.value_or("")}});
        }
        details["state"] = to_string(record.proposal.state);
        details["attempt"] = record.proposal.attempt;
        emit(record.proposal.campaign, "RESULT_RECEIVED", record.proposal.id, details);
        return;
    }
    const bool working = holds_lease(record.proposal.state) || record.proposal.state == S::Unknown;
    const bool failed =
        file == nullptr && working && result.outcome->kind == OutcomeKind::ExecutionFailed;
    if (working) {
        note_execution(campaign, record.lease ? record.lease->holder : client, failed);
    }
    Input input = Input::Result;
    if (failed) {
        const bool nothing_used = result.consumed.has_value() && !*result.consumed;
        const bool again = nothing_used && from_holder && !record.cancel &&
                           campaign.record.config.reoffer_failed &&
                           record.proposal.attempt < campaign.record.config.max_attempts &&
                           campaign.record.drain_reason != "stopped";
        if (nothing_used) {
            refund(record);
        }
        input = again ? Input::ResultReoffer : Input::ResultFailed;
    } else if (file == nullptr && working && result.outcome->kind == OutcomeKind::Abandoned) {
        input = Input::ResultAbandoned;
    }
    record.result = id;
    // As it would be judged: what teaches nothing takes nothing away, also while a file is read.
    const bool keeps_claim = !record.structures.empty() && record.claimed &&
                             teaches(*record.claimed) &&
                             !(result.outcome && teaches(*result.outcome));
    if (!keeps_claim) {
        record.claimed = result.outcome;
    }
    if (input != Input::Result) {
        record.outcome = input == Input::ResultReoffer ? std::nullopt : result.outcome;
        advance(record, input, details);
        return;
    }
    advance(record, input, details);
    if (file != nullptr) {
        const auto files = structures_in(result.blobs);
        record.structures.insert(record.structures.end(), files.begin(), files.end());
        request_structures(record.proposal.id);
    } else if (record.structures.empty()) {
        judge_claim(record, "");
    }  // else the structure that came before is still being read, and it wins over a claim
}

/// A broken instrument would go through the best candidates in a night.
void Core::note_execution(Campaign& campaign, const std::string& client, bool failed) {
    auto& failures = campaign.record.failures;
    const auto known = failures.find(client);
    if (!failed) {
        // What it had in hand when it was stopped proves nothing: a person lets it go on.
        if (known != failures.end() && known->second.alarm.empty()) {
            failures.erase(known);
            touch(campaign);
        }
        return;
    }
    const int most = campaign.record.config.max_failed;
    FailureRun& run = failures[client];
    ++run.count;
    if (most > 0 && run.count >= most && run.alarm.empty()) {
        run.alarm = raise_alarm(campaign.record.name,
                                std::to_string(run.count) + " executions of " + client +
                                    " failed in a row: it gets nothing more to claim until "
                                    "somebody has looked at it and acknowledges this alarm");
    }
    touch(campaign);
}

Json Core::handle(const ResultAmend& amend, const Command& command) {
    const Result& result = amend.result;
    ProposalRecord& record = find_proposal(result.proposal);
    const BlobRef* file = structure_file(result.blobs);
    if (!result.outcome && file == nullptr) {
        throw Refusal{ErrorCode::BadMessage, "an amendment needs an outcome or a structure file"};
    }
    if (try_next(record.proposal.state, Input::Amend) == nullptr) {
        throw Refusal{ErrorCode::IllegalState,
                      result.proposal + " is " + std::string(to_string(record.proposal.state)) +
                          ": there is no result to amend"};
    }
    check_blobs(result.blobs);
    record.label_gone = record.proposal.state == S::Labelled;
    const std::string id = store_result(result, command, false, result.proposal);
    advance(record,
            Input::Amend,
            {{"result", id},
             {"amends", record.result},
             {"client", command.client},
             {"report", result_json(result)}});
    withdraw_observations(record, {{"client", command.client}, {"reason", "amended"}});
    record.result = id;
    record.claimed = result.outcome;
    // What stood before does not count against a correction.
    record.outcome.reset();
    campaign_of(record).passed_over.clear();
    record.evidence = Evidence::None;
    if (file != nullptr) {
        record.structures = structures_in(result.blobs);
        request_structures(record.proposal.id);
    } else {
        judge_claim(record, "");
    }
    return {{"state", to_string(record.proposal.state)}, {"result", id}, {"held", false}};
}

Json Core::handle(const ResultRetract& retract, const Command& command) {
    if (!retract.result.empty()) {
        return retract_observation(retract, command);
    }
    ProposalRecord& record = find_proposal(retract.proposal);
    advance(record,
            Input::Retract,
            {{"client", command.client}, {"reason", retract.reason}, {"result", record.result}});
    record.outcome.reset();
    campaign_of(record).passed_over.clear();
    withdraw_observations(record, {{"client", command.client}, {"reason", retract.reason}});
    labels_changed(campaign_of(record));
    return {{"state", to_string(record.proposal.state)}};
}

Json Core::handle(const AcceptHeld& accept, const Command& command) {
    auto row = store_.result(accept.result);
    if (!row || !row->held) {
        throw Refusal{ErrorCode::IllegalState,
                      "no held result has the id \"" + accept.result + "\""};
    }
    if (proposals_.count(row->proposal) == 0) {
        return accept_stranger(*row, accept, command);
    }
    ProposalRecord& record = find_proposal(row->proposal);
    // An attempt that runs now does not end by what an older one found.
    const bool live =
        row->attempt == record.proposal.attempt &&
        (record.proposal.state == S::Started || record.proposal.state == S::Unknown ||
         record.proposal.state == S::CancelRequested || record.proposal.state == S::ResultIn ||
         record.proposal.state == S::Awaiting || record.proposal.state == S::Labelled);
    if (!live) {
        // Its own proposal has moved on: what was found there is knowledge of its own.
        const Result result = result_of(*row);
        if (structure_file(result.blobs) != nullptr) {
            // It decides, as it would have there; the claim counts if it cannot be read.
            observe_held(campaign_of(record), *row, accept, command);
        } else if (result.outcome) {
            add_observation(campaign_of(record),
                            row->id,
                            record.proposal.candidate,
                            claimed(*result.outcome),
                            Evidence::Claim,
                            {{"accepted_by", command.client}, {"reason", accept.reason}});
        } else {
            throw Refusal{ErrorCode::IllegalState,
                          "the proposal is " + std::string(to_string(record.proposal.state)) +
                              " and the held result says only how far it had come"};
        }
        mark_observed(*row);
    } else {
        take_result(record, result_of(*row), row->id, row->client, false);
    }
    row->held = false;
    put_result(*row);
    return {{"state", to_string(record.proposal.state)}, {"result", row->id}};
}

/// It counts as what was found, whatever becomes of its proposal.
void Core::observe_held(Campaign& campaign,
                        const ResultRow& row,
                        const AcceptHeld& accept,
                        const Command& command) {
    campaign.record.unread_observations.push_back(row.id);
    touch(campaign);
    emit(campaign.record.name,
         "RESULT_RECEIVED",
         "",
         {{"client", row.client},
          {"result", row.id},
          {"accepted_by", command.client},
          {"reason", accept.reason},
          {"report", result_json(result_of(row))}});
    request_observation(campaign.record.name, row.id);
}

/// The first campaign that its sender sees, one that goes on before one that is finished.
std::string Core::home_of_strangers() const {
    std::string home;
    for (const auto& [name, campaign] : campaigns_) {
        if (!sees(name)) {
            continue;
        }
        if (campaign.record.state != CampaignState::Finished) {
            return name;
        }
        home = home.empty() ? name : home;
    }
    if (home.empty()) {
        throw Refusal{ErrorCode::NoSuchProposal,
                      "nobody knows that proposal, and there is no campaign to hold its result"};
    }
    return home;
}

std::string Core::campaign_of_held(const ResultRow& row) const {
    const auto known = proposals_.find(row.proposal);
    return known != proposals_.end() ? known->second.proposal.campaign
                                     : Json::parse(row.record).at("campaign").get<std::string>();
}

/// Somebody made it, for a store that is gone: an older one was restored, or it is of another
/// daemon.
Json Core::hold_stranger(const Result& result, const Command& command) {
    const std::string id = store_result(result, command, true, result.proposal);
    emit(held_.at(id),
         "RESULT_HELD",
         result.proposal,
         {{"state", nullptr},
          {"attempt", nullptr},
          {"of_attempt", or_null(result.attempt)},
          {"result", id},
          {"client", command.client},
          {"reason",
           "nobody here knows that proposal: an older store was restored, or it is of another "
           "daemon"},
          {"report", result_json(result)}});
    return {{"state", nullptr}, {"result", id}, {"held", true}};
}

/// What was made is known from a structure alone.
Json Core::accept_stranger(ResultRow row, const AcceptHeld& accept, const Command& command) {
    Campaign& campaign = find_campaign(campaign_of_held(row));
    if (structure_file(result_of(row).blobs) == nullptr) {
        throw Refusal{ErrorCode::IllegalState,
                      "nobody here knows proposal " + row.proposal +
                          ", and no structure says what was made: say it by cupel observe, and "
                          "refuse this one"};
    }
    observe_held(campaign, row, accept, command);
    mark_observed(row);
    row.held = false;
    put_result(row);
    return {{"state", nullptr}, {"result", row.id}};
}

Json Core::handle(const RefuseHeld& refuse, const Command& command) {
    auto row = store_.result(refuse.result);
    if (!row || !row->held) {
        throw Refusal{ErrorCode::IllegalState,
                      "no held result has the id \"" + refuse.result + "\""};
    }
    const std::string campaign = campaign_of_held(*row);
    require_sight(campaign);
    Json stored = Json::parse(row->record);
    stored["refused_by"] = command.client;
    row->record = stored.dump();
    row->held = false;
    put_result(*row);
    Json body{{"state", nullptr},
              {"attempt", nullptr},
              {"result", row->id},
              {"client", command.client},
              {"reason", refuse.reason}};
    const auto known = proposals_.find(row->proposal);
    if (known != proposals_.end()) {
        body["state"] = to_string(known->second.proposal.state);
        body["attempt"] = known->second.proposal.attempt;
    }
    emit(campaign, "RESULT_REFUSED", row->proposal, std::move(body));
    return {{"result", row->id}};
}

/// What a person says became of it is a result like any other: stored, named, amendable.
void Core::settle_with_result(ProposalRecord& record,
                              const ResolveUnknown& resolve,
                              const Command& command,
                              Json details) {
    require_step(record.proposal, Input::ResolveResult);  // before anything is stored
    Result said;
    said.cmd_id = resolve.cmd_id;
    said.outcome = resolve.outcome;
    const std::string id = store_result(said, command, false, resolve.proposal);
    details["result"] = id;
    details["report"] = result_json(said);
    charge(record);
    advance(record, Input::ResolveResult, details);
    record.result = id;
    record.claimed = resolve.outcome;
    judge_claim(record, "");
}

Json Core::handle(const ResolveUnknown& resolve, const Command& command) {
    ProposalRecord& record = find_proposal(resolve.proposal);
    const Json details{{"client", command.client}, {"reason", resolve.reason}};
    switch (resolve.way) {
        case ResolveUnknown::Way::Reoffer:
            // Not refunded: nobody has said that nothing was consumed.
            advance(record, Input::ResolveReoffer, details);
            break;
        case ResolveUnknown::Way::Failed:
            advance(record, Input::ResolveFailed, details);
            record.outcome.reset();
            break;
        case ResolveUnknown::Way::Result:
            if (!resolve.outcome) {
                throw Refusal{ErrorCode::BadMessage, "outcome: expected one with \"result\""};
            }
            settle_with_result(record, resolve, command, details);
            break;
    }
    return {{"state", to_string(record.proposal.state)}};
}

}  // namespace cupel::controller
