// One pass: what is held, less what was settled.
#include "held_results.hpp"

#include <algorithm>
#include <string>

namespace cupel::cli {

std::vector<nlohmann::json> held_results(const std::vector<nlohmann::json>& events) {
    std::vector<nlohmann::json> held;
    for (const auto& event : events) {
        const auto& body = event.at("body");
        const auto result = body.find("result");
        if (result == body.end() || !result->is_string()) {
            continue;
        }
        if (event.at("header").at("kind") != "RESULT_HELD") {
            // Accepted, it comes up again as a result or an observation; refused, it says so.
            held.erase(std::remove_if(held.begin(),
                                      held.end(),
                                      [&](const auto& one) { return one["result"] == *result; }),
                       held.end());
            continue;
        }
        const auto report = body.value("report", nlohmann::json::object());
        held.push_back({{"result", *result},
                        {"proposal", body.value("proposal", "")},
                        {"client", body.value("client", "")},
                        {"time", event.at("header").value("time", "")},
                        {"reason", body.value("reason", "")},
                        {"outcome", report.value("outcome", nlohmann::json())}});
    }
    return held;
}

}  // namespace cupel::cli
