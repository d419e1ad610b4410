// What stands in a body, said in the order people want it.
#include "event_text.hpp"

#include <cupel/domain/timestamp.hpp>

#include "cluster_text.hpp"
#include "id_match.hpp"
#include "printable.hpp"
#include "time_text.hpp"

namespace cupel::cli {
namespace {

using Json = nlohmann::json;

std::string word(const Json& body, const char* key) {
    const auto found = body.find(key);
    return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Adds "lead value" when there is a value.
void say(std::string& line, const std::string& lead, const std::string& value) {
    if (!value.empty()) {
        line += (line.empty() ? "" : ", ") + lead + value;
    }
}

std::string outcome_word(const Json& body) {
    const auto found = body.find("outcome");
    if (found == body.end()) {
        return "";
    }
    return found->is_string() ? found->get<std::string>()
                              : (found->is_object() ? word(*found, "kind") : "");
}

std::string label_words(const Json& body) {
    const auto found = body.find("label");
    if (found == body.end() || !found->is_object() || !found->value("target", Json()).is_number()) {
        return "";
    }
    const double target = found->at("target").get<double>();
    char text[32];
    std::snprintf(text, sizeof text, "target %.2f", target);
    return text;
}

void say_number(std::string& line, const Json& body, const char* key, const char* lead) {
    const auto found = body.find(key);
    if (found != body.end() && found->is_number()) {
        say(line, lead, found->dump());
    }
}

std::string details(const Json& body) {
    std::string line;
    const Json empty = Json::object();
    const Json& offer = body.contains("offer") ? body["offer"] : empty;
    const Json& report = body.contains("report") ? body["report"] : empty;
    const Json& verdict =
        body.contains("verdict") && body["verdict"].is_object() ? body["verdict"] : empty;
    if (offer.contains("candidate")) {
        say(line, "", short_cluster_name(offer["candidate"], word(offer, "name")));
    }
    say(line, "by ", word(body, "client"));
    say(line, "as ", word(body, "lease_class"));
    say(line, "from ", word(body, "holder"));
    say(line, "", word(body, "stage"));
    say(line, "", word(body, "name"));
    say(line, "says ", outcome_word(report));
    say(line, "", outcome_word(body));
    say(line, "", label_words(body));
    say(line, "", word(verdict, "text"));
    say(line, "", word(body, "difference"));
    say(line, "model ", word(body, "model").substr(0, 12));
    say(line, "", word(body, "text"));
    say(line, "", word(report, "note"));
    say(line, "", word(body, "note"));
    say(line, "", word(body, "reason"));
    say(line, "cause: ", word(body, "cause"));
    say_number(line, body, "labels", "labels ");
    say_number(line, body, "spent", "spent ");
    return line;
}

}  // namespace

std::string event_text(const std::string& campaign, const Json& event) {
    const Json& header = event.at("header");
    const Json& body = event.at("body");
    const std::string proposal = word(body, "proposal");
    const int attempt = body.value("attempt", 1);
    std::string line = local_text(word(header, "time")) + "  " + campaign + " #" +
                       std::to_string(header.value("seq", 0)) + "  " + word(header, "kind");
    if (!proposal.empty()) {
        line += " " + short_id(proposal);
    }
    if (attempt > 1) {
        line += " (attempt " + std::to_string(attempt) + ")";
    }
    const std::string more = details(body);
    return printable(line + (more.empty() ? "" : "  " + more));
}

}  // namespace cupel::cli
