// One pass over the history.
#include "model_lineage.hpp"

#include <algorithm>

namespace cupel::cli {
namespace {

using Json = nlohmann::json;

class Lineage {
  public:
    void hear(const std::string& kind, const std::string& time, const Json& body) {
        if (kind == "MODEL_TRAINED") {
            trained(time, body);
        } else if (kind == "MODEL_PROMOTED") {
            serve(body.at("model").get<std::string>());
        } else if (kind == "MODEL_REFUSED") {
            refused(body);
        } else if (kind == "MODEL_ROLLED_BACK") {
            rolled_back(body);
        } else if (kind == "PROPOSED") {
            proposed(time, body);
        }
    }
    std::vector<ModelEntry> take() { return std::move(entries_); }

  private:
    ModelEntry* find(const std::string& model) {
        const auto found = std::find_if(entries_.rbegin(),
                                        entries_.rend(),
                                        [&](const ModelEntry& e) { return e.model == model; });
        return found == entries_.rend() ? nullptr : &*found;
    }

    void trained(const std::string& time, const Json& body) {
        ModelEntry entry;
        entry.model = body.at("model").get<std::string>();
        const auto parent = body.value("parent", "");
        entry.parent = parent == entry.model ? "" : parent;  // a training that changed nothing
        entry.kind = body.at("kind").get<std::string>();
        entry.data_snapshot = body.at("data_snapshot").get<std::string>();
        entry.labels = body.value("labels", entry.kind == "base" ? 0 : -1);
        const Json& details = body.at("details");
        entry.gate = details.is_object() ? details.value("gate", Json()) : Json();
        entry.fate = "superseded";
        entry.time = time;
        entries_.push_back(std::move(entry));
    }

    void serve(const std::string& model) {
        for (auto& entry : entries_) {
            if (entry.fate == "serving") {
                entry.fate = "superseded";
            }
        }
        if (ModelEntry* entry = find(model)) {
            entry->fate = "serving";
        }
        serving_ = model;
    }

    void refused(const Json& body) {
        if (ModelEntry* entry = find(body.at("model").get<std::string>())) {
            const Json gate = entry->gate.is_object() ? entry->gate : Json::object();
            entry->fate = "refused";
            entry->reason = gate.value("text", "");
        }
    }

    /// Everything since the model that serves again is taken back with the one that served.
    void rolled_back(const Json& body) {
        const auto back = body.at("model").get<std::string>();
        const auto reason = body.at("reason").get<std::string>();
        bool later = false;
        for (auto& entry : entries_) {
            if (later && (entry.fate == "serving" || entry.fate == "superseded")) {
                entry.fate = "rolled back";
                entry.reason = reason;
            }
            later = later || entry.model == back;
        }
        serve(back);
    }

    void proposed(const std::string& time, const Json& body) {
        const Json& offer = body.at("offer");
        const auto model = offer.value("model", "");
        if (model.empty()) {
            return;
        }
        ModelEntry* entry = find(model);
        if (entry == nullptr) {
            ModelEntry instant;
            instant.model = model;
            instant.parent = serving_ == model ? "" : serving_;
            instant.kind = "instant";
            instant.data_snapshot = snapshot_of(body);
            instant.time = time;
            instant.fate = "superseded";
            entries_.push_back(std::move(instant));
            entry = &entries_.back();
        }
        ++entry->proposals;
    }

    static std::string snapshot_of(const Json& body) {
        const Json record = body.value("record", Json::object());
        const Json proposal = record.value("proposal", Json::object());
        if (proposal.contains("data_snapshot")) {
            return proposal.value("data_snapshot", "");
        }
        return proposal.value("provenance", Json::object()).value("data_snapshot", "");
    }

    std::vector<ModelEntry> entries_;
    std::string serving_;
};

}  // namespace

std::vector<ModelEntry> model_lineage(const std::vector<Json>& events) {
    Lineage lineage;
    for (const auto& event : events) {
        lineage.hear(event.at("header").at("kind").get<std::string>(),
                     event.at("header").at("time").get<std::string>(),
                     event.at("body"));
    }
    return lineage.take();
}

void add_current(std::vector<ModelEntry>& line, const std::string& model) {
    const auto is_it = [&](const ModelEntry& entry) { return entry.model == model; };
    if (model.empty() || std::any_of(line.begin(), line.end(), is_it)) {
        return;
    }
    ModelEntry current;
    current.model = model;
    for (const auto& entry : line) {
        if (entry.fate == "serving") {
            current.parent = entry.model;
        }
    }
    current.kind = "instant";
    current.fate = "serving";
    line.push_back(std::move(current));
}

Json to_json(const ModelEntry& entry) {
    return {{"model", entry.model},
            {"parent", entry.parent.empty() ? Json() : Json(entry.parent)},
            {"kind", entry.kind},
            {"data_snapshot", entry.data_snapshot},
            {"labels", entry.labels < 0 ? Json() : Json(entry.labels)},
            {"gate", entry.gate},
            {"fate", entry.fate},
            {"reason", entry.reason},
            {"time", entry.time},
            {"proposals", entry.proposals}};
}

}  // namespace cupel::cli
