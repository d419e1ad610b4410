// What a history must look like after anything that happened to the daemon.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "ledger/store.hpp"

namespace cupel::test {

inline std::vector<Event> read_history(const std::filesystem::path& store,
                                       const std::string& campaign = "c") {
    return controller::Store(store, controller::Store::Mode::Read)
        .events(campaign, 1, std::nullopt, 10'000'000);
}

/// Proposal -> state, as the events up to `seq` tell it.
inline std::map<std::string, std::string> states_told(const std::vector<Event>& events,
                                                      std::int64_t seq = INT64_MAX) {
    std::map<std::string, std::string> states;
    for (const auto& event : events) {
        const auto body = nlohmann::json::parse(event.body_json);
        if (event.seq <= seq && !event.proposal.empty() && body.contains("state")) {
            states[event.proposal] = body["state"].get<std::string>();
        }
    }
    return states;
}

/// Proposal -> state, as the table of proposals has it.
inline std::map<std::string, std::string> states_stored(const std::filesystem::path& store) {
    std::map<std::string, std::string> states;
    for (const auto& row :
         controller::Store(store, controller::Store::Mode::Read).proposal_states()) {
        states[row.id] = row.state;
    }
    return states;
}

/// Empty when nothing was lost, renumbered or started twice.
inline std::string breach_of_history(const std::filesystem::path& store,
                                     const std::string& campaign = "c") {
    const auto report = controller::Store(store, controller::Store::Mode::Read).verify();
    if (!report.ok()) {
        return "verify: " + report.problems.front();
    }
    std::map<std::pair<std::string, int>, int> starts;
    std::int64_t expected = 0;
    for (const auto& event : read_history(store, campaign)) {
        if (event.seq != ++expected) {
            return "a gap before seq " + std::to_string(event.seq);
        }
        if (event.kind == "STARTED") {
            const auto body = nlohmann::json::parse(event.body_json);
            if (++starts[{event.proposal, body.value("attempt", 1)}] > 1) {
                return event.proposal + " was started twice";
            }
        }
    }
    return "";
}

}  // namespace cupel::test
