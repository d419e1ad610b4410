// HTML by hand: a handful of elements, every text through escaped().
#include "board_page.hpp"

#include <algorithm>

#include <cupel/chemistry/ligand_picture.hpp>

#include "attention.hpp"
#include "id_match.hpp"
#include "printable.hpp"
#include "proposal_text.hpp"
#include "text_table.hpp"
#include "time_text.hpp"

namespace cupel::cli {
namespace {

using Json = nlohmann::json;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --line: #8884; --quiet: #777; --warm: #b4530a; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem 1.5rem 3rem; }
h1 { font-size: 1.25rem; margin: 0 0 .2rem; } h2 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; }
p { margin: .2rem 0; } .quiet { color: var(--quiet); font-size: .9rem; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; font-size: .85rem; color: var(--quiet); }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { font-variant-numeric: tabular-nums; }
code, .id { font: .92em ui-monospace, monospace; white-space: nowrap; }
ul.todo { list-style: none; padding: .5rem .9rem; margin: .3rem 0; border-left: 4px solid var(--warm); }
ul.todo li { margin: .25rem 0; overflow-wrap: anywhere; }
progress { width: 14rem; height: .8rem; vertical-align: middle; }
ol.history { padding-left: 0; list-style: none; font-size: .88rem; } ol.history li { padding: .1rem 0; overflow-wrap: anywhere; }
img { max-width: 100%; background: #fff; border-radius: 4px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; } dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
)";

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string text_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? escaped(found->get<std::string>()) : "";
}

/// `refresh`: whether the page loads itself again.
std::string page(const std::string& title, bool refresh, const std::string& body) {
    std::string head = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">";
    if (refresh) {
        head += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(kBoardRefresh) + "\">";
    }
    return head + "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
           escaped(title) + "</title><style>" + kStyle + "</style></head><body>\n" + body +
           "</body></html>\n";
}

std::string command(const std::string& text) {
    return "<code>" + escaped(text) + "</code>";
}

std::string to_do(const BoardView& view) {
    const auto lines = attention(view.status, view.proposals);
    if (lines.empty()) {
        return "<p>Nothing waits for a person.</p>\n";
    }
    std::string list = "<h2>To do</h2>\n<ul class=\"todo\">\n";
    for (const auto& line : lines) {
        list += "<li>" + escaped(line) + "</li>\n";
    }
    return list + "</ul>\n";
}

std::string campaign(const Json& one) {
    const auto budget = one.at("budget").get<long>();
    const auto spent = one.at("spent").get<long>();
    const auto reason = text_of(one, "reason");
    const auto model = text_of(one, "model");
    std::string states;
    for (const auto& [state, count] : one.at("proposals").items()) {
        states += (states.empty() ? "" : ", ") + count.dump() + " " + escaped(state);
    }
    return "<h2>" + text_of(one, "campaign") + " &middot; " + text_of(one, "state") +
           (reason.empty() ? "" : " (" + reason + ")") + "</h2>\n<p><progress max=\"" +
           std::to_string(std::max(budget, 1L)) + "\" value=\"" + std::to_string(spent) +
           "\"></progress> " + std::to_string(spent) + " of " + std::to_string(budget) +
           " experiments, " + number_of(one.at("labels").get<long>(), "label") + ", <strong>" +
           number_of(one.at("hits").get<long>(), "hit") + "</strong></p>\n<p class=\"quiet\">" +
           (states.empty() ? "no proposals yet" : states) + "; policy " + text_of(one, "policy") +
           ", model " + (model.empty() ? "none yet" : model.substr(0, 12)) +
           (one.at("training").get<bool>() ? ", training" : "") + "</p>\n";
}

std::string link(const Json& proposal) {
    const auto id = proposal.at("proposal").get<std::string>();
    return "<a class=\"id\" href=\"/p/" + escaped(id) + "\">" + escaped(short_id(id)) + "</a>";
}

/// A table of the proposals in any of `states`; with the state where there are several.
std::string table(const BoardView& view,
                  const std::string& title,
                  const std::vector<std::string>& states) {
    const bool several = states.size() > 1;
    std::string rows;
    for (const auto& state : states) {
        for (const auto& proposal : view.proposals) {
            if (proposal.at("state") == state) {
                rows += "<tr><td>" + link(proposal) + "</td>" +
                        (several ? "<td>" + escaped(state) + "</td>" : "") +
                        "<td class=\"number\">" + proposal_probability(proposal) + "</td><td>" +
                        escaped(proposal_name(proposal)) + "</td><td>" +
                        escaped(proposal_reason(proposal)) + "</td></tr>\n";
            }
        }
    }
    if (rows.empty()) {
        return "";
    }
    return "<h2>" + title + "</h2>\n<table><tr><th>id</th>" + (several ? "<th>state</th>" : "") +
           "<th>p</th><th>cluster</th><th>why</th></tr>\n" + rows + "</table>\n";
}

std::string history(const BoardView& view) {
    std::string lines;
    for (const auto& line : view.history) {
        lines += "<li>" + escaped(line) + "</li>\n";
    }
    return lines.empty() ? "" : "<h2>Lately</h2>\n<ol class=\"history\">\n" + lines + "</ol>\n";
}

/// A paper as a link where its source is a DOI or a web address.
std::string source_of(const Json& nearest) {
    const std::string source = text_of(nearest, "source");
    const bool doi = source.rfind("10.", 0) == 0;
    if (!doi && source.rfind("https://", 0) != 0 && source.rfind("http://", 0) != 0) {
        return source;
    }
    return "<a href=\"" + (doi ? "https://doi.org/" + source : source) + "\" rel=\"noreferrer\">" +
           source + "</a>";
}

std::string charge_of(const Json& candidate) {
    const Json& charge = candidate.at("charge");
    return charge.is_number() ? (charge.get<int>() > 0 ? "+" : "") + charge.dump() : "unknown";
}

/// What its holder or a person may type now.
std::vector<std::string> commands(const Json& proposal) {
    const std::string id = short_id(proposal.at("proposal").get<std::string>());
    const auto state = proposal.at("state").get<std::string>();
    std::vector<std::string> all{"cupel why " + id};
    const auto add = [&](std::initializer_list<const char*> words) {
        for (const std::string word : words) {
            const auto blank = word.find(' ');
            all.push_back("cupel " + word.substr(0, blank) + " " + id +
                          (blank == std::string::npos ? "" : word.substr(blank)));
        }
    };
    if (state == "OFFERED") {
        add({"claim", "decline --reason \"...\"", "withdraw --reason \"...\""});
    } else if (state == "IN_REVIEW") {
        add({"approve", "edit --target FORMULA", "reject --reason \"...\""});
    } else if (state == "CLAIMED") {
        add({"start --expected 3d", "release"});
    } else if (state == "STARTED") {
        add({"progress --stage STAGE", "result --cif FILE", "result --outcome OUTCOME"});
    } else if (state == "CANCEL_REQUESTED") {
        add({"cancel-ack --stopped", "cancel-ack --too-late"});
    } else if (state == "UNKNOWN") {
        add({"resolve --result OUTCOME", "resolve --reoffer", "resolve --failed"});
    } else if (state == "AWAITING" || state == "LABELLED") {
        add({"amend --cif FILE", "overrule --outcome OUTCOME --reason \"...\""});
    }
    return all;
}

}  // namespace

std::string board_page(const BoardView& view) {
    const Json& status = view.status;
    std::string body = "<h1>Cupel</h1>\n<p class=\"quiet\">" + text_of(status, "server") + " " +
                       text_of(status, "version") + " at " + escaped(view.endpoint) + ", " +
                       escaped(local_text(status.at("time").get<std::string>())) +
                       (status.at("authenticated").get<bool>()
                            ? ""
                            : "; not authenticated: everybody on this machine has every role") +
                       "</p>\n" + to_do(view);
    for (const auto& one : status.at("campaigns")) {
        body += campaign(one);
    }
    if (status.at("campaigns").empty()) {
        body += "<p>No campaigns: " + command("cupel campaign new") + " makes one.</p>\n";
    }
    body += table(view, "On offer", {"OFFERED"}) +
            table(view, "In work", {"CLAIMED", "STARTED", "CANCEL_REQUESTED"}) +
            table(view, "Waiting", {"UNKNOWN", "IN_REVIEW", "RESULT_IN", "AWAITING"}) +
            history(view);
    return page("Cupel", true, body);
}

std::string proposal_page(const Json& proposal, const std::string& picture) {
    const std::string id = short_id(proposal.at("proposal").get<std::string>());
    const std::string name = proposal_name(proposal);
    const Json& candidate = proposal.at("candidate");
    std::string body = "<p><a href=\"/\">all proposals</a></p>\n<h1>" + escaped(name) +
                       "</h1>\n<p><span class=\"id\">" + escaped(id) + "</span> " +
                       text_of(proposal, "state") + " in " + text_of(proposal, "campaign") +
                       "</p>\n<p><img src=\"" + escaped(picture) +
                       "\" alt=\"its ligands\"></p>\n<dl>";
    const auto say = [&](const std::string& what, const std::string& html) {
        if (!html.empty()) {
            body += "<dt>" + what + "</dt><dd>" + html + "</dd>\n";
        }
    };
    say("core", text_of(candidate.at("core"), "formula"));
    std::string ligands;
    for (const auto& ligand : candidate.at("ligands")) {
        ligands += (ligands.empty() ? "" : "<br>") + ligand.at("count").dump() + " &times; " +
                   command(ligand.at("smiles").get<std::string>()) + " " +
                   text_of(ligand, "donor_class");
    }
    say("ligands", ligands);
    say("charge", charge_of(candidate));
    std::string conditions;
    const Json given = candidate.value("conditions", Json::object());
    for (const auto& [key, value] : given.items()) {
        conditions += (conditions.empty() ? "" : ", ") + escaped(key) + " " +
                      escaped(value.is_string() ? value.get<std::string>() : value.dump());
    }
    say("conditions", conditions);
    say("p", proposal_probability(proposal));
    say("why", escaped(proposal_reason(proposal)));
    std::string nearest;
    for (const auto& one : proposal.at("reason").value("nearest", Json::array())) {
        nearest += (nearest.empty() ? "" : "<br>") + fixed(one.value("similarity", 0.0), 2) + " " +
                   text_of(one, "name") + " " + source_of(one);
    }
    say("nearest reported", nearest);
    say("model", text_of(proposal, "model").substr(0, 12));
    say("proposed", escaped(local_text(proposal.at("created").get<std::string>())));
    std::string typed;
    for (const auto& line : commands(proposal)) {
        typed += (typed.empty() ? "" : "<br>") + command(line);
    }
    say("type", typed);
    return page(name, false, body + "</dl>\n");
}

std::string trouble_page(const std::string& text) {
    return page(
        "Cupel", true, "<h1>Cupel</h1>\n<ul class=\"todo\"><li>" + escaped(text) + "</li></ul>\n");
}

std::string ligands_picture(const Json& proposal) {
    std::vector<chemistry::WeightedLigand> ligands;
    for (const auto& ligand : proposal.at("candidate").at("ligands")) {
        ligands.push_back(
            {ligand.at("smiles").get<std::string>(), {}, ligand.at("count").dump() + " x"});
    }
    return chemistry::ligand_picture(ligands);
}

}  // namespace cupel::cli
