// Differences of records and whole rows, put into the events that brought them about.
#include "changes.hpp"

#include <algorithm>
#include <utility>

#include <cupel/codec/json_text.hpp>

namespace cupel::controller {
namespace {

using Json = nlohmann::json;

/// The last event of the proposal, else of the campaign, else the last one.
Event& teller(std::vector<Event>& events,
              const std::string& proposal,
              const std::string& campaign) {
    const auto last = [&](const auto& fits) -> Event* {
        const auto found = std::find_if(events.rbegin(), events.rend(), fits);
        return found == events.rend() ? nullptr : &*found;
    };
    Event* event =
        proposal.empty() ? nullptr : last([&](const Event& e) { return e.proposal == proposal; });
    if (event == nullptr) {
        event = last([&](const Event& e) { return e.campaign == campaign; });
    }
    return event == nullptr ? events.back() : *event;
}

/// As Json::dump writes it, which makes half a kilobyte of blanks first, each time.
void append_stored(std::string& text, const Json& json) {
    const char* between = "";
    switch (json.type()) {
        case Json::value_t::object:
            text += '{';
            for (auto member = json.begin(); member != json.end(); ++member) {
                text += std::exchange(between, ",");
                codec::append_json_text(text, member.key());
                text += ':';
                append_stored(text, member.value());
            }
            text += '}';
            return;
        case Json::value_t::array:
            text += '[';
            for (const Json& item : json) {
                text += std::exchange(between, ",");
                append_stored(text, item);
            }
            text += ']';
            return;
        case Json::value_t::string:
            codec::append_json_text(text, json.get_ref<const std::string&>());
            return;
        case Json::value_t::number_integer:
            text += std::to_string(json.get<std::int64_t>());
            return;
        case Json::value_t::number_unsigned:
            text += std::to_string(json.get<std::uint64_t>());
            return;
        case Json::value_t::null:
            text += "null";
            return;
        case Json::value_t::boolean:
            text += json.get<bool>() ? "true" : "false";
            return;
        case Json::value_t::number_float:
        case Json::value_t::binary:
        case Json::value_t::discarded:
            text += json.dump(-1, ' ', false, Json::error_handler_t::replace);
            return;
    }
}

}  // namespace

std::string dump_stored(const Json& json) {
    std::string text;
    text.reserve(384);  // most events and replies
    append_stored(text, json);
    return text;
}

void Changes::record(const char* table,
                     const std::string& id,
                     const std::string& campaign,
                     const Json& before,
                     const Json& after) {
    Json operations = Json::diff(before, after);
    if (!operations.empty()) {
        told_.push_back({table,
                         id,
                         table == std::string_view("proposal") ? id : "",
                         campaign,
                         std::move(operations),
                         false});
    }
}

void Changes::row(const ResultRow& row) {
    told_.push_back({"result", row.id, row.proposal, "", to_change(row), true});
}

void Changes::row(const ProjectionRow& observation) {
    told_.push_back(
        {"observation", observation.id, "", observation.campaign, to_change(observation), true});
}

void Changes::row(const AlarmRow& row) {
    told_.push_back({"alarm", row.id, "", row.campaign, to_change(row), true});
}

void Changes::tell(std::vector<Event>& events) {
    std::map<Event*, Json> by_event;
    for (auto& told : told_) {
        Json& changes = by_event[&teller(events, told.proposal, told.campaign)];
        if (told.whole) {
            changes[told.table].push_back(std::move(told.what));
        } else {
            changes[told.table][told.id] = std::move(told.what);
        }
    }
    for (auto& [event, changes] : by_event) {
        event->changes_json = dump_stored(changes);
    }
    told_.clear();
}

Json to_change(const ResultRow& row) {
    return {{"id", row.id},
            {"proposal", row.proposal},
            {"attempt", row.attempt},
            {"client", row.client},
            {"cmd_id", row.cmd_id},
            {"held", row.held},
            {"record", row.record},
            {"time", row.time}};
}

Json to_change(const ProjectionRow& observation) {
    return {
        {"id", observation.id}, {"campaign", observation.campaign}, {"record", observation.record}};
}

Json to_change(const AlarmRow& row) {
    return {{"id", row.id},
            {"campaign", row.campaign},
            {"text", row.text},
            {"time", row.time},
            {"acked_by", row.acked_by}};
}

ResultRow result_row_of(const Json& change) {
    ResultRow row;
    change.at("id").get_to(row.id);
    change.at("proposal").get_to(row.proposal);
    change.at("attempt").get_to(row.attempt);
    change.at("client").get_to(row.client);
    change.at("cmd_id").get_to(row.cmd_id);
    // SQLite's json_object writes a boolean column as a number.
    const Json& held = change.at("held");
    row.held = held.is_boolean() ? held.get<bool>() : held.get<int>() != 0;
    change.at("record").get_to(row.record);
    change.at("time").get_to(row.time);
    return row;
}

ProjectionRow projection_row_of(const Json& change) {
    return {change.at("id").get<std::string>(),
            change.at("campaign").get<std::string>(),
            change.at("record").get<std::string>()};
}

AlarmRow alarm_row_of(const Json& change) {
    return {change.at("id").get<std::string>(),
            change.at("campaign").get<std::string>(),
            change.at("text").get<std::string>(),
            change.at("time").get<std::string>(),
            change.at("acked_by").get<std::string>()};
}

}  // namespace cupel::controller
