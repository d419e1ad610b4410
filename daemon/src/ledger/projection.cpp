// Applies what each event says it changed.
#include "projection.hpp"

#include <cstdlib>

#include <cupel/codec/proposal_codec.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/records.hpp"
#include "changes.hpp"

namespace cupel::controller {
namespace {

constexpr std::size_t kInMemory = 4096;  ///< records, some kilobytes each

void write_proposal(Store& out, const std::string& id, nlohmann::json whole) {
    try {
        const Proposal proposal = decode_proposal_record(whole.dump()).proposal;
        const std::string record = dump_stored(whole["proposal"]);
        whole.erase("proposal");
        out.put_proposal({id,
                          proposal.campaign,
                          std::string(to_string(proposal.state)),
                          codec::encode(proposal),
                          record,
                          dump_stored(whole)});
    } catch (const InputError& error) {
        throw StoreError("proposal " + id + ": " + error.what());
    }
}

}  // namespace

const std::vector<std::string>& projected_tables() {
    static const std::vector<std::string> all{
        "alarm", "campaign", "observation", "proposal", "result", "work"};
    return all;
}

const std::vector<std::string>& kept_tables() {
    static const std::vector<std::string> all{
        "audit", "baseline", "blob", "command", "event", "meta"};
    return all;
}

void Projection::begin_with(const std::string& kind,
                            const std::string& id,
                            const std::string& row) {
    const Json told = Json::parse(row);
    if (kind == "proposal") {
        write_proposal(out_, id, Json::parse(told.at("record").get<std::string>()));
    } else if (kind == "campaign") {
        out_.put_campaign(id, told.at("record").get<std::string>());
    } else if (kind == "result") {
        out_.put_result(result_row_of(told));
    } else if (kind == "observation") {
        out_.put_observation(projection_row_of(told));
    } else {
        out_.put_alarm(alarm_row_of(told));
    }
}

void Projection::take_baseline(Store& from) {
    const auto until = from.meta("baseline");
    if (!until) {
        return;
    }
    from_ = std::strtoll(until->c_str(), nullptr, 10);
    for (const auto& row : from.baseline()) {
        try {
            begin_with(row.kind, row.id, row.row);
        } catch (const Json::exception& error) {
            throw StoreError("baseline of " + row.kind + " " + row.id + ": " + error.what());
        }
    }
}

void Projection::change_records(const Json& changes, const char* table, Records& records) {
    const bool proposals = table == std::string_view("proposal");
    const auto told = changes.find(table);
    if (told == changes.end()) {
        return;
    }
    for (const auto& [id, operations] : told->items()) {
        auto known = records.find(id);
        if (known == records.end()) {
            const auto stored = proposals ? out_.proposal_record(id) : out_.campaign_record(id);
            known = records.emplace(id, stored ? Json::parse(*stored) : Json()).first;
        }
        known->second = known->second.patch(operations);
    }
}

void Projection::apply(const Json& changes) {
    change_records(changes, "proposal", proposals_);
    change_records(changes, "campaign", campaigns_);
    const auto rows = [&](const char* table) {
        const auto told = changes.find(table);
        return told == changes.end() ? Json::array() : *told;
    };
    for (const auto& row : rows("result")) {
        out_.put_result(result_row_of(row));
    }
    for (const auto& row : rows("observation")) {
        out_.put_observation(projection_row_of(row));
    }
    for (const auto& row : rows("alarm")) {
        out_.put_alarm(alarm_row_of(row));
    }
}

void Projection::hear(const Event& event) {
    if (event.gseq <= from_) {
        return;
    }
    try {
        if (event.kind == "PROPOSED") {
            proposals_[event.proposal] = Json::parse(event.body_json).at("record");
        }
        if (!event.changes_json.empty()) {
            apply(Json::parse(event.changes_json));
        }
    } catch (const Json::exception& error) {
        throw StoreError("event " + std::to_string(event.gseq) +
                         ": its changes do not fit what stands before it: " + error.what());
    }
    if (proposals_.size() >= kInMemory) {
        finish();
    }
}

void Projection::finish() {
    for (const auto& [id, record] : proposals_) {
        write_proposal(out_, id, record);
    }
    for (const auto& [name, record] : campaigns_) {
        out_.put_campaign(name, dump_stored(record));
    }
    proposals_.clear();
    campaigns_.clear();
}

void project(Store& from, Store& out) {
    Projection projection(out);
    out.begin();
    projection.take_baseline(from);
    from.for_each_event([&](const Event& event) { projection.hear(event); });
    projection.finish();
    out.commit();
}

}  // namespace cupel::controller
