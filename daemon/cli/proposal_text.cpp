// Name, reason and promise of a proposal in words.
#include "proposal_text.hpp"

#include <cstdio>

#include "cluster_text.hpp"

namespace cupel::cli {

using Json = nlohmann::json;

std::string proposal_name(const Json& proposal) {
    return short_cluster_name(proposal.at("candidate"), proposal.at("name").get<std::string>());
}

std::string proposal_reason(const Json& proposal) {
    std::string text;
    const auto edit = proposal.at("candidate").find("edit");
    if (edit != proposal.at("candidate").end() && edit->is_object()) {
        for (const auto& step : edit->at("steps")) {
            text += (text.empty() ? "" : ", ") + step.get<std::string>();
        }
        text += "; ";
    }
    const int attempt = proposal.at("attempt").get<int>();
    if (attempt > 1) {
        text += "attempt " + std::to_string(attempt) + "; ";
    }
    return text + proposal.at("reason").at("text").get<std::string>();
}

std::string proposal_probability(const Json& proposal) {
    const Json& p = proposal.at("p");
    return p.is_number() ? fixed(p.get<double>(), 2) : "?";
}

std::string fixed(double value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

}  // namespace cupel::cli
