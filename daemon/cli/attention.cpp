// Alarms, proposals that wait for a person, campaigns that stand still.
#include "attention.hpp"

#include <algorithm>
#include <cstdio>

#include "id_match.hpp"
#include "time_text.hpp"

namespace cupel::cli {
namespace {

using Json = nlohmann::json;

constexpr double kLowDisk = 1073741824.0;  ///< bytes; on small disks a share of them
constexpr double kLowShare = 0.05;
constexpr double kLag = 1000.0;  ///< events; the daemon raises an alarm then

std::string text_of(const Json& object, const char* key) {
    return object.at(key).get<std::string>();
}

std::string why_unknown(const std::string& cause) {
    return cause == "restored"  ? "an older copy of the store does not know what became of it"
           : cause == "silence" ? "its worker fell silent"
                                : "nobody said what became of it";
}

/// What a person does about a proposal in `state`; empty when nothing. `cause` is of an UNKNOWN.
std::string remedy(const std::string& state, const std::string& id, const std::string& cause) {
    if (state == "UNKNOWN") {
        return why_unknown(cause) + ": cupel resolve " + id +
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

/// A count without decimals.
std::string count_text(double count) {
    return std::to_string(static_cast<long long>(count));
}

double unknowns(const Json& campaign) {
    const auto states = campaign.find("proposals");
    return states == campaign.end() ? 0.0 : states->value("UNKNOWN", 0.0);
}

std::string size_text(double bytes) {
    const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    for (; bytes >= 1024.0 && unit < 4; ++unit) {
        bytes /= 1024.0;
    }
    char text[32];
    std::snprintf(
        text, sizeof text, bytes < 10.0 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return text;
}

/// A daemon of an earlier version says less about itself: every figure may be missing.
double number(const Json& object, const char* key, double otherwise) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>() : otherwise;
}

void say_disk(std::vector<std::string>& lines, const Json& store) {
    const double free = number(store, "free_bytes", 1e300);
    const double whole = number(store, "disk_bytes", 0.0);
    if (free < std::min(kLowDisk, kLowShare * whole)) {
        lines.push_back("the disk of the store has " + size_text(free) + " of " + size_text(whole) +
                        " left: make room before it is full, nothing can be written then");
    }
}

void say_learner(std::vector<std::string>& lines, const Json& learner) {
    if (learner.value("state", "") == "away") {
        lines.push_back("the learner is away (" + learner.value("problem", "") +
                        ") and started again by itself; no new proposals until it answers: the " +
                        "log of cupeld says more");
    }
}

void say_clients(std::vector<std::string>& lines, const Json& clients) {
    for (const auto& client : clients) {
        const double lag = number(client, "subscriber_lag", 0.0);
        if (lag > kLag && !client.value("subscriber_silent", false)) {
            lines.push_back(client.value("client", "") + " is " + count_text(lag) +
                            " events behind: it is too slow; events are kept, it may REPLAY");
        }
    }
}

void say_campaign(std::vector<std::string>& lines, const Json& campaign) {
    const std::string name = text_of(campaign, "campaign");
    const std::string state = text_of(campaign, "state");
    if (const double held = number(campaign, "held", 0.0); held > 0.0) {
        lines.push_back(name + " holds back " + count_text(held) +
                        (held == 1.0 ? " result" : " results") +
                        " that came too late or without a lease: cupel held list");
    }
    if (state == "PAUSED" || state == "DRAFT") {
        lines.push_back(name + " is " + state + ": cupel campaign resume " + name);
    } else if (state == "RESTORED") {
        lines.push_back(
            name + " comes from an older copy of the store: settle its UNKNOWN " +
            "proposals, and it goes on, unless an alarm says why not; or cupel campaign "
            "resume " +
            name + " lets it go on at once");
    } else if (state == "RUNNING" && unknowns(campaign) >= number(campaign, "max_unknown", 1e9)) {
        lines.push_back(name + " makes no new proposals: " + count_text(unknowns(campaign)) +
                        " are UNKNOWN; settle them with cupel resolve");
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
                lines.push_back(id + " " + state + "  " +
                                remedy(state, id, proposal.value("cause", "")));
            }
        }
    }
    for (const auto& campaign : status.at("campaigns")) {
        say_campaign(lines, campaign);
    }
    say_learner(lines, status.value("learner", Json::object()));
    say_disk(lines, status.value("store", Json::object()));
    say_clients(lines, status.value("clients", Json::array()));
    return lines;
}

}  // namespace cupel::cli
