// Records to and from the JSON text that the store keeps.
#include "records.hpp"

#include <cupel/domain/vocabulary.hpp>

#include "../ledger/json_bridge.hpp"

namespace cupel::controller {
namespace {

template <typename Enum>
Enum word(const Json& json, const char* what) {
    const auto value = try_parse<Enum>(json.get<std::string>());
    if (!value) {
        throw InputError("bad_record", std::string(what) + ": unknown word " + json.dump());
    }
    return *value;
}

Timestamp time_of(const Json& json) {
    return try_parse_rfc3339(json.get<std::string>()).value_or(Timestamp{});
}

Json outcome_or_null(const std::optional<Outcome>& outcome) {
    return outcome ? to_json(*outcome) : Json(nullptr);
}

std::optional<Outcome> try_outcome(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional<Outcome>(outcome_of(json));
}

Json lease_json(const Lease& lease) {
    return {{"lease", lease.id},
            {"fence", lease.fence},
            {"holder", lease.holder},
            {"class", to_string(lease.kind)},
            {"working", lease.working},
            {"ttl_s", lease.ttl.count()},
            {"deadline", to_rfc3339(lease.wall_deadline)},
            {"overdue", lease.overdue},
            {"warned", lease.warned}};
}

Lease lease_of(const Json& json) {
    Lease lease;
    lease.id = json.at("lease").get<std::string>();
    lease.fence = json.at("fence").get<std::int64_t>();
    lease.holder = json.at("holder").get<std::string>();
    lease.kind = word<LeaseClass>(json.at("class"), "class");
    lease.working = json.at("working").get<bool>();
    lease.ttl = Seconds(json.at("ttl_s").get<double>());
    lease.wall_deadline = time_of(json.at("deadline"));
    lease.overdue = json.at("overdue").get<int>();
    lease.warned = json.value("warned", false);  // a store from before the warning has none
    return lease;
}

Json structures_json(const std::vector<StructureFile>& files) {
    Json array = Json::array();
    for (const auto& file : files) {
        array.push_back({{"sha256", file.sha256}, {"name", file.name}});
    }
    return array;
}

std::vector<StructureFile> structures_of(const Json& record) {
    std::vector<StructureFile> files;
    if (!record.contains("structures")) {
        // From when there was one at a time.
        const auto sha256 = record.at("structure").get<std::string>();
        if (!sha256.empty()) {
            files.push_back({sha256, record.at("structure_name").get<std::string>()});
        }
        return files;
    }
    for (const auto& json : record.at("structures")) {
        files.push_back({json.at("sha256").get<std::string>(), json.at("name").get<std::string>()});
    }
    return files;
}

/// Runs `read` on the parsed text; damaged text becomes one clear line.
template <typename Read>
auto decode(const std::string& text, const char* what, Read&& read) {
    try {
        return read(Json::parse(text));
    } catch (const Json::exception& error) {
        throw InputError("bad_record",
                         std::string("the store holds a damaged ") + what + ": " + error.what());
    }
}

}  // namespace

Json record_json(const ProposalRecord& record) {
    Json json = record_json_around(record);
    json["proposal"] = to_stored_json(record.proposal);
    return json;
}

Json record_json_around(const ProposalRecord& record) {
    Json json{{"lease", record.lease ? lease_json(*record.lease) : Json(nullptr)},
              {"last_fence", record.last_fence},
              {"declined_by", record.declined_by},
              {"charged", record.charged},
              {"result", record.result},
              {"claimed", outcome_or_null(record.claimed)},
              {"outcome", outcome_or_null(record.outcome)},
              {"evidence", static_cast<int>(record.evidence)},
              {"structures", structures_json(record.structures)},
              {"verdict", record.verdict_json},
              {"offered_at", to_rfc3339(record.offered_at)}};
    if (record.may_return) {
        json["may_return"] = true;
    }
    if (record.insisted) {
        json["insisted"] = true;
    }
    if (record.label_gone) {
        json["label_gone"] = true;
    }
    if (record.cancel) {
        json["cancel"] = {{"client", record.cancel->client}, {"reason", record.cancel->reason}};
    }
    return json;
}

ProposalRecord decode_proposal_record(const std::string& text) {
    return decode(text, "proposal", [](const Json& json) {
        ProposalRecord record;
        record.proposal = stored_proposal_of(json.at("proposal"));
        if (!json.at("lease").is_null()) {
            record.lease = lease_of(json.at("lease"));
        }
        record.last_fence = json.at("last_fence").get<std::int64_t>();
        record.declined_by = json.at("declined_by").get<std::set<std::string>>();
        record.charged = json.at("charged").get<bool>();
        record.result = json.at("result").get<std::string>();
        record.claimed = try_outcome(json.at("claimed"));
        record.outcome = try_outcome(json.at("outcome"));
        record.evidence = static_cast<Evidence>(json.at("evidence").get<int>());
        record.structures = structures_of(json);
        record.verdict_json = json.at("verdict").get<std::string>();
        record.offered_at = time_of(json.at("offered_at"));
        record.may_return = json.value("may_return", false);
        record.insisted = json.value("insisted", false);
        record.label_gone = json.value("label_gone", false);
        if (json.contains("cancel")) {
            const Json& asked = json.at("cancel");
            record.cancel = CancelRequest{asked.at("client").get<std::string>(),
                                          asked.at("reason").get<std::string>()};
        }
        return record;
    });
}

namespace {

Json models_json(const std::vector<PromotedModel>& models) {
    Json array = Json::array();
    for (const auto& model : models) {
        array.push_back({{"model", model.model},
                         {"data_snapshot", model.data_snapshot},
                         {"since_batch", model.since_batch},
                         {"labels_until", model.labels_until}});
    }
    return array;
}

std::vector<PromotedModel> models_of(const Json& array) {
    std::vector<PromotedModel> models;
    for (const auto& json : array) {
        models.push_back({json.at("model").get<std::string>(),
                          json.at("data_snapshot").get<std::string>(),
                          json.at("since_batch").get<std::int64_t>(),
                          json.at("labels_until").get<std::string>()});
    }
    return models;
}

Json failures_json(const std::map<std::string, FailureRun>& failures) {
    Json object = Json::object();
    for (const auto& [client, run] : failures) {
        object[client] = {{"count", run.count}, {"alarm", run.alarm}};
    }
    return object;
}

std::map<std::string, FailureRun> failures_of(const Json& object) {
    std::map<std::string, FailureRun> failures;
    for (const auto& [client, json] : object.items()) {
        failures[client] = {json.at("count").get<int>(), json.at("alarm").get<std::string>()};
    }
    return failures;
}

}  // namespace

Json record_json(const CampaignRecord& record) {
    Json json{{"name", record.name},
              {"config", Json::parse(encode_campaign_config(record.config))},
              {"state", to_string(record.state)},
              {"drain_reason", record.drain_reason},
              {"spent", record.spent},
              {"spent_cost", record.spent_cost},
              {"batches", record.batches},
              {"labels_since_training", record.labels_since_training},
              {"model", record.model},
              {"data_snapshot", record.data_snapshot},
              {"promoted", record.promoted},
              {"models", models_json(record.models)},
              {"suspects",
               {{"after", record.suspects.after},
                {"until", record.suspects.until},
                {"alarm", record.suspects.alarm}}},
              {"watched_until", record.watched_until},
              {"labels_since_full", record.labels_since_full},
              {"rows_at_full", record.rows_at_full},
              {"anchor_falls", record.anchor_falls},
              {"last_full", to_rfc3339(record.last_full)},
              {"restored_unknowns", record.restored_unknowns},
              {"unread_observations", record.unread_observations}};
    if (!record.failures.empty()) {
        json["failures"] = failures_json(record.failures);
    }
    if (record.before_restore) {
        json["before_restore"] = to_string(*record.before_restore);
    }
    return json;
}

CampaignRecord decode_campaign_record(const std::string& text) {
    return decode(text, "campaign", [](const Json& json) {
        CampaignRecord record;
        record.name = json.at("name").get<std::string>();
        record.config = stored_campaign_config(json.at("config").dump());
        record.state = word<CampaignState>(json.at("state"), "state");
        record.drain_reason = json.at("drain_reason").get<std::string>();
        record.spent = json.at("spent").get<int>();
        record.spent_cost = json.at("spent_cost").get<double>();
        record.batches = json.at("batches").get<std::int64_t>();
        record.labels_since_training = json.at("labels_since_training").get<int>();
        record.model = json.at("model").get<std::string>();
        record.data_snapshot = json.at("data_snapshot").get<std::string>();
        record.promoted = json.value("promoted", "");
        // A store from before models could be rolled back has none of these.
        record.models = models_of(json.value("models", Json::array()));
        const Json suspects = json.value("suspects", Json::object());
        record.suspects = {
            suspects.value("after", ""), suspects.value("until", ""), suspects.value("alarm", "")};
        record.watched_until = json.value("watched_until", "");
        record.labels_since_full = json.value("labels_since_full", 0);
        record.rows_at_full = json.value("rows_at_full", 0);
        record.anchor_falls = json.value("anchor_falls", 0);
        if (json.contains("last_full")) {
            record.last_full = time_of(json.at("last_full"));
        }
        record.restored_unknowns = json.value("restored_unknowns", false);
        record.failures = failures_of(json.value("failures", Json::object()));
        if (json.contains("before_restore")) {
            record.before_restore = word<CampaignState>(json.at("before_restore"), "state");
        }
        record.unread_observations = json.at("unread_observations").get<std::vector<std::string>>();
        return record;
    });
}

std::string encode_record(const ObservationRecord& record) {
    Json json{{"id", record.id},
              {"campaign", record.campaign},
              {"result", record.result},
              {"candidate", to_json(record.candidate)},
              {"outcome", to_json(record.outcome)},
              {"identity_key", record.identity_key},
              {"learning_key", record.learning_key},
              {"evidence", static_cast<int>(record.evidence)}};
    if (record.withdrawn) {
        json["withdrawn"] = true;
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ObservationRecord decode_observation_record(const std::string& text) {
    return decode(text, "observation", [](const Json& json) {
        ObservationRecord record;
        record.id = json.at("id").get<std::string>();
        record.campaign = json.at("campaign").get<std::string>();
        record.result = json.at("result").get<std::string>();
        record.candidate = candidate_of(json.at("candidate"));
        record.outcome = outcome_of(json.at("outcome"));
        record.identity_key = json.at("identity_key").get<std::string>();
        record.learning_key = json.at("learning_key").get<std::string>();
        record.evidence = static_cast<Evidence>(json.at("evidence").get<int>());
        record.withdrawn = json.value("withdrawn", false);
        return record;
    });
}

}  // namespace cupel::controller
