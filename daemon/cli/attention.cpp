// Alarms, proposals that wait for a person, campaigns that stand still.
#include "attention.hpp"

#include "id_match.hpp"
#include "time_text.hpp"

namespace cupel::cli {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
    return object.at(key).get<std::string>();
}

/// What a person does about a proposal in `state`; empty when nothing.
std::string remedy(const std::string& state, const std::string& id) {
    if (state == "UNKNOWN") {
        return "its worker fell silent: cupel resolve " + id +
               " --failed, --reoffer or --result OUTCOME";
    }
    if (state == "IN_REVIEW") {
        return "waits for a reviewer: cupel approve " + id + ", cupel edit or cupel reject";
    }
    if (state == "AWAITING") {
        return "its result gives no label: cupel overrule " + id +
               " --outcome ... --reason ..., or another cupel result";
    }
    if (state == "CANCEL_REQUESTED") {
        return "its worker was asked to stop: cupel cancel-ack " + id + " --stopped or --too-late";
    }
    return "";
}

void say_campaign(std::vector<std::string>& lines, const Json& campaign) {
    const std::string name = text_of(campaign, "campaign");
    const std::string state = text_of(campaign, "state");
    if (state == "PAUSED" || state == "DRAFT") {
        lines.push_back(name + " is " + state + ": cupel campaign resume " + name);
    } else if (state == "RESTORED") {
        lines.push_back(name + " comes from an older copy of the store: settle its UNKNOWN " +
                        "proposals, then cupel campaign resume " + name);
    } else if (state == "RUNNING" && !campaign.at("learner_ready").get<bool>()) {
        lines.push_back(name + " has no model yet: the learner is being prepared; if an alarm " +
                        "stands above, it failed");
    }
}

}  // namespace

std::vector<std::string> attention(const Json& status, const std::vector<Json>& proposals) {
    std::vector<std::string> lines;
    for (const auto& alarm : status.at("alarms")) {
        lines.push_back("ALARM " + local_text(text_of(alarm, "time")) + "  " +
                        text_of(alarm, "campaign") + ": " + text_of(alarm, "text") +
                        "  (cupel ack " + short_id(text_of(alarm, "alarm")) + ")");
    }
    for (const char* state : {"UNKNOWN", "IN_REVIEW", "AWAITING", "CANCEL_REQUESTED"}) {
        for (const auto& proposal : proposals) {
            const std::string id = short_id(text_of(proposal, "proposal"));
            if (proposal.at("state") == state) {
                lines.push_back(id + " " + state + "  " + remedy(state, id));
            }
        }
    }
    for (const auto& campaign : status.at("campaigns")) {
        say_campaign(lines, campaign);
    }
    return lines;
}

}  // namespace cupel::cli
