// cupel models: the line of a campaign's models and what became of each.
#include <map>
#include <memory>

#include "commands.hpp"
#include "connection.hpp"
#include "model_lineage.hpp"
#include "text_table.hpp"
#include "time_text.hpp"

namespace cupel::cli {
namespace {

struct ModelsOptions {
    ConnectOptions connect;
    std::string campaign;
    bool instant = false;
};

std::string short_hash(const std::string& hash) {
    return hash.substr(0, 10);
}

std::string gate_words(const ModelEntry& entry) {
    if (!entry.reason.empty()) {
        return entry.reason;
    }
    return entry.gate.is_object() ? entry.gate.value("text", "") : "";
}

void models(const ModelsOptions& options) {
    Connection connection(options.connect);
    Json result{{"campaigns", Json::array()}};
    std::string text;
    std::map<std::string, std::string> current;  // model by campaign
    const Json status = connection.ask(Status{});
    for (const auto& campaign : status.at("campaigns")) {
        const auto name = campaign.at("campaign").get<std::string>();
        if (options.campaign.empty() || options.campaign == name) {
            current[name] = campaign.at("model").get<std::string>();
        }
    }
    if (!options.campaign.empty() && current.empty()) {
        throw no_campaign(options.campaign);
    }
    for (const auto& [name, model] : current) {
        TextTable table({"MODEL", "PARENT", "KIND", "FATE", "LABELS", "MADE", "WHEN", "GATE"});
        Json lines = Json::array();
        auto line = model_lineage(connection.history(name));
        add_current(line, model);
        for (const auto& entry : line) {
            lines.push_back(to_json(entry));
            // The one that cupel status names is always shown.
            if (entry.kind == "instant" && !options.instant && entry.model != model) {
                continue;
            }
            table.add({short_hash(entry.model),
                       short_hash(entry.parent),
                       entry.kind,
                       entry.fate,
                       entry.labels < 0 ? "" : std::to_string(entry.labels),
                       std::to_string(entry.proposals),
                       entry.time.empty() ? "now" : local_text(entry.time),
                       gate_words(entry)});
        }
        text += name + (lines.empty() ? ": no model yet\n" : "\n" + table.text(terminal_width()));
        result["campaigns"].push_back({{"campaign", name}, {"models", std::move(lines)}});
    }
    print(options.connect, result, text.empty() ? "no campaigns\n" : text);
}

}  // namespace

void add_models(CLI::App& app) {
    auto options = std::make_shared<ModelsOptions>();
    auto* command = app.add_subcommand("models", "the models of a campaign and their fates");
    command->add_option("campaign", options->campaign, "only this one");
    command->add_flag(
        "--instant", options->instant, "also those that took in labels between two trainings");
    add_connect_options(*command, options->connect);
    command->footer("example: cupel models gold");
    command->callback([options] { models(*options); });
}

}  // namespace cupel::cli
