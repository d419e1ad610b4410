// One JSON object in the table meta.
#include "started_since.hpp"

#include "changes.hpp"
#include "json_bridge.hpp"

namespace cupel::controller {
namespace {

constexpr const char* kKey = "started_since";

}  // namespace

std::optional<StartedSince> started_since(Store& restored) {
    const Json told = parsed_or_null(restored.meta(kKey).value_or(""));
    if (!told.is_object()) {
        return std::nullopt;
    }
    StartedSince since;
    since.in_backup = told.at("in_backup").get<std::set<std::string>>();
    for (const auto& record : told.at("proposals")) {
        since.proposals.push_back(decode_proposal_record(record.dump()));
    }
    for (const auto& record : told.at("campaigns")) {
        since.campaigns.push_back(decode_campaign_record(record.dump()));
    }
    return since;
}

void put_started_since(Store& restored, const StartedSince& since) {
    Json proposals = Json::array(), campaigns = Json::array();
    for (const auto& record : since.proposals) {
        proposals.push_back(record_json(record));
    }
    for (const auto& record : since.campaigns) {
        campaigns.push_back(record_json(record));
    }
    restored.set_meta(
        kKey,
        dump_stored(
            {{"in_backup", since.in_backup}, {"proposals", proposals}, {"campaigns", campaigns}}));
}

void drop_started_since(Store& restored) {
    restored.drop_meta(kKey);
}

}  // namespace cupel::controller
