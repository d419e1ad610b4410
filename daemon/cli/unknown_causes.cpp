// From the head of the history backwards, page by page.
#include "unknown_causes.hpp"

#include <algorithm>
#include <map>

namespace cupel::cli {
namespace {

constexpr int kPage = 500;
constexpr int kPages = 8;  ///< a board asks again and again: the whole history is too long for it

using Waiting = std::map<std::string, Json*>;  ///< UNKNOWN proposals of one campaign, by id

void look_back(Connection& connection,
               const std::string& campaign,
               std::int64_t head,
               Waiting& waiting) {
    for (int page = 0; page < kPages && head > 0 && !waiting.empty(); ++page, head -= kPage) {
        const std::int64_t from = std::max<std::int64_t>(1, head - kPage + 1);
        const std::vector<Json> events = connection.history(campaign, from, head);
        for (auto event = events.rbegin(); event != events.rend(); ++event) {
            if (event->at("header").at("kind") != "UNKNOWN_RAISED") {
                continue;
            }
            const Json& body = event->at("body");
            const auto found = waiting.find(body.value("proposal", ""));
            if (found != waiting.end()) {
                (*found->second)["cause"] =
                    body.value("cause", "") == "restored" ? "restored" : "silence";
                waiting.erase(found);
            }
        }
    }
}

}  // namespace

void tell_causes(Connection& connection, const Json& status, std::vector<Json>& proposals) {
    std::map<std::string, Waiting> campaigns;
    for (auto& proposal : proposals) {
        if (proposal.at("state") == "UNKNOWN") {
            campaigns[proposal.value("campaign", "")][proposal.at("proposal").get<std::string>()] =
                &proposal;
        }
    }
    for (const auto& campaign : status.at("campaigns")) {
        const auto found = campaigns.find(campaign.at("campaign").get<std::string>());
        if (found != campaigns.end()) {
            look_back(
                connection, found->first, campaign.at("seq").get<std::int64_t>(), found->second);
        }
    }
}

}  // namespace cupel::cli
