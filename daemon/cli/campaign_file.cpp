// Five questions and the TOML they become.
#include "campaign_file.hpp"

#include <charconv>
#include <functional>
#include <istream>
#include <ostream>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/domain/error.hpp>

#include "../src/campaign/campaign_config.hpp"

namespace cupel::cli {
namespace {

constexpr const char* kPool = "pool.jsonl";

std::string starter_table() {
    try {
        return (chemistry::data_dir() / "clusters.csv").string();
    } catch (const InputError&) {
        return "";
    }
}

std::optional<int> whole(const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool fits = error == std::errc() && end == text.data() + text.size() && value >= 1;
    return fits ? std::optional<int>(value) : std::nullopt;
}

std::optional<bool> yes_or_no(const std::string& text) {
    if (text == "y" || text == "yes") {
        return true;
    }
    return text == "n" || text == "no" ? std::optional<bool>(false) : std::nullopt;
}

/// One question; `read` gives nothing for an answer that cannot be.
template <typename T>
void ask(std::optional<T>& answer,
         const std::string& question,
         const std::string& fallback,
         const std::function<std::optional<T>(const std::string&)>& read,
         std::istream* in,
         std::ostream& out) {
    if (answer) {
        return;
    }
    while (in != nullptr && !answer) {
        out << question << " [" << fallback << "] " << std::flush;
        std::string line;
        if (!std::getline(*in, line)) {
            throw InputError("no_answer",
                             "no answer to \"" + question + "\"; --yes takes the defaults");
        }
        answer = read(line.empty() ? fallback : line);
    }
    if (!answer) {
        answer = read(fallback);
    }
}

/// TOML's basic strings escape as JSON's do.
std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump();
}

}  // namespace

void complete(CampaignAnswers& answers, std::istream* in, std::ostream& out) {
    const auto any = [](const std::string& text) { return std::optional<std::string>(text); };
    const auto name = [](const std::string& text) {
        return controller::is_campaign_name(text) ? std::optional<std::string>(text) : std::nullopt;
    };
    ask<std::string>(answers.name, "Name of the campaign?", "first", name, in, out);
    ask<std::string>(
        answers.pool, "File of candidates (cupel pool build makes one)?", kPool, any, in, out);
    ask<std::string>(
        answers.data, "Table of reported clusters to learn from?", starter_table(), any, in, out);
    ask<int>(answers.budget, "How many experiments?", "96", whole, in, out);
    ask<bool>(answers.review,
              "Must a person approve each proposal before it is offered (y/n)?",
              "n",
              yes_or_no,
              in,
              out);
}

std::string campaign_toml(const CampaignAnswers& answers) {
    std::string text =
        "# Configuration of cupeld, written by cupel campaign init. Every other key has its\n"
        "# default; configs/cupeld.toml shows them all. Relative paths are taken from this file's\n"
        "# folder. Look at it:  cupeld --config FILE --check\n\n"
        "[store]\n"
        "# Everything that happens, in one SQLite file.\n"
        "path = \"cupel.db\"\n\n";
    if (answers.data->empty()) {
        text +=
            "[learner]\n"
            "# The model needs a table of reported clusters (data, below); without one only "
            "counts\n"
            "# of what was tried here tell candidates apart.\n"
            "kind = \"popularity\"\n\n";
    }
    text += "[campaign.";
    text += quoted(*answers.name) + "]\n";
    text += "# Candidates, one a line.\npool = " + quoted(*answers.pool) + "\n";
    text +=
        "# Reported clusters that the first model learns from.\ndata = " + quoted(*answers.data) +
        "\n";
    text += "# How the next experiments are chosen.\npolicy = \"" +
            std::string(answers.data->empty() ? "popularity" : "ucb") + "\"\n";
    text += "# Experiments, counted when one starts.\nbudget = " + std::to_string(*answers.budget) +
            "\n";
    text += "# Does a person approve each proposal before it is offered?\nreview = " +
            std::string(*answers.review ? "true" : "false") + "\n";
    return text;
}

}  // namespace cupel::cli
