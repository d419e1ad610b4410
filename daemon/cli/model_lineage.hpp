// The models of a campaign and what became of them, as its history tells it.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cupel::cli {

struct ModelEntry {
    std::string model, parent;
    std::string kind;  ///< "base", "warm", "full", or "instant": labels taken in by the head alone
    std::string data_snapshot;
    int labels = -1;      ///< it was trained on; -1 = not known
    nlohmann::json gate;  ///< the figures it was judged by; null without a gate
    std::string fate;     ///< "serving", "superseded", "refused", "rolled back"
    std::string reason;   ///< of a refusal or a rollback
    std::string time;     ///< when it was trained, or first proposed something; "": not yet
    int proposals = 0;    ///< that it made
};

/// `events`: {"header", "body"} of one campaign in order. Oldest first. A model that serves again
/// after a rollback is "serving"; an instant one is superseded as soon as another one proposes.
std::vector<ModelEntry> model_lineage(const std::vector<nlohmann::json>& events);

/// Adds the model that proposes now, as STATUS names it, where no event told of it yet: it took in
/// labels since the last proposal.
void add_current(std::vector<ModelEntry>& line, const std::string& model);

nlohmann::json to_json(const ModelEntry& entry);

}  // namespace cupel::cli
