// cupel status, offers, why: what is there and why.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include <cupel/chemistry/ligand_picture.hpp>

#include "attention.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "id_match.hpp"
#include "proposal_text.hpp"
#include "text_table.hpp"
#include "unknown_causes.hpp"

namespace cupel::cli {
namespace {

struct ShowOptions {
    ConnectOptions connect;
    std::string campaign, proposal, svg;
    int limit = 100;
};

void offers(const ShowOptions& options) {
    Connection connection(options.connect);
    ListOffers wanted;
    if (!options.campaign.empty()) {
        wanted.campaign = options.campaign;
    }
    wanted.limit = options.limit;
    const Json result = connection.ask(wanted);
    TextTable table({"ID", "P", "CLUSTER", "WHY"});
    for (const auto& offer : result.at("offers")) {
        table.add({short_id(offer.at("proposal").get<std::string>()),
                   proposal_probability(offer),
                   proposal_name(offer),
                   proposal_reason(offer)});
    }
    const Json& all = result.at("offers");
    const std::string first =
        all.empty() ? "" : short_id(all.front().at("proposal").get<std::string>());
    const int withheld = result.value("withheld", 0);
    std::string text = all.empty() ? "nothing is on offer; cupel status says why\n"
                                   : table.text(terminal_width()) + "next: cupel claim " + first +
                                         "   (cupel why " + first + " tells more)\n";
    if (withheld > 0) {
        text += std::to_string(withheld) +
                " more require what you did not name as a capability (--capability, "
                "$CUPEL_CAPABILITIES)\n";
    }
    print(options.connect, result, text);
}

std::string counts(const Json& states) {
    std::string text;
    for (const auto& [state, count] : states.items()) {
        text += (text.empty() ? "" : ", ") + count.dump() + " " + state;
    }
    return text.empty() ? "no proposals yet" : text;
}

/// Picks drawn by lot are counted, and told apart.
std::string audit_words(const Json& campaign) {
    const int audits = campaign.value("audits", 0);
    return audits == 0 ? ""
                       : " (" + campaign.at("hits_without_audits").dump() + " without the " +
                             std::to_string(audits) + " audits)";
}

/// Empty where the campaign has no budget of costs.
std::string cost_words(const Json& campaign) {
    const auto budget = campaign.find("budget_cost");
    if (budget == campaign.end() || !budget->is_number()) {
        return "";
    }
    return " (cost " + fixed(campaign.value("spent_cost", 0.0), 1) + " of " +
           fixed(budget->get<double>(), 1) + ")";
}

std::string campaign_lines(const Json& campaign) {
    std::ostringstream text;
    const auto reason = campaign.at("reason").get<std::string>();
    const auto model = campaign.at("model").get<std::string>();
    text << campaign.at("campaign").get<std::string>() << "  "
         << campaign.at("state").get<std::string>() << (reason.empty() ? "" : " (" + reason + ")")
         << "  " << campaign.at("spent") << " of " << campaign.at("budget") << " experiments"
         << cost_words(campaign) << ", " << number_of(campaign.at("labels").get<long>(), "label")
         << ", " << number_of(campaign.at("hits").get<long>(), "hit") << audit_words(campaign)
         << "\n  " << counts(campaign.at("proposals")) << "\n  policy "
         << campaign.at("policy").get<std::string>() << ", model "
         << (model.empty() ? "none yet" : model.substr(0, 12))
         << (campaign.at("training").get<bool>() ? ", training" : "") << "\n";
    return text.str();
}

void status(const ShowOptions& options) {
    Connection connection(options.connect);
    const Json result = connection.ask(Status{});
    if (options.connect.json) {
        print(options.connect, result, "");
        return;
    }
    std::string text = result.at("server").get<std::string>() + " " +
                       result.at("version").get<std::string>() + " at " + options.connect.endpoint +
                       (result.at("authenticated").get<bool>()
                            ? "\n"
                            : ", not authenticated: everybody on this machine has every role\n");
    for (const auto& campaign : result.at("campaigns")) {
        text += campaign_lines(campaign);
    }
    if (result.at("campaigns").empty()) {
        text += "no campaigns: cupel campaign new makes one\n";
    }
    std::vector<Json> proposals = connection.proposals();
    tell_causes(connection, result, proposals);
    const auto lines = attention(result, proposals);
    text += lines.empty() ? "nothing waits for a person\n" : "to do:\n";
    for (const auto& line : lines) {
        text += "  " + line + "\n";
    }
    print(options.connect, result, text);
}

std::string probability_words(double p, double sd) {
    const double logit = std::log(p / (1.0 - p));
    const auto inverse = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
    std::string text = "p = " + fixed(p, 3) + " that exactly this is made";
    if (sd > 0.0 && std::isfinite(logit)) {
        text += ", likely between " + fixed(inverse(logit - sd), 2) + " and " +
                fixed(inverse(logit + sd), 2);
    }
    return text;
}

/// Was the stored number found again?
std::string recomputed_words(const Json& why) {
    const auto again = why.find("recomputed");
    if (again == why.end() || !again->is_object() || !again->value("p", Json()).is_number()) {
        return "these are the numbers stored when it was proposed, not recomputed: " +
               why.value("not_recomputed_because", "the learner gave no answer");
    }
    const double found = again->at("p").get<double>();
    if (!why.at("p").is_number()) {
        return "the model of today gives it p = " + fixed(found, 3);
    }
    const double stored = why.at("p").get<double>();
    const double apart = std::abs(stored - found);
    if (apart == 0.0) {
        return "recomputed: equal to the bit (" + again->value("kernel", "the same kernel") + ")";
    }
    char text[80];
    std::snprintf(text,
                  sizeof text,
                  "recomputed: p = %.6f, %s (%.1e apart)",
                  found,
                  apart <= 1e-5 ? "equal within 1e-5" : "ANOTHER VALUE",
                  apart);
    return text;
}

std::string nearest_words(const Json& nearest,
                          const std::string& title = "nearest reported clusters:") {
    std::string text;
    for (const auto& one : nearest) {
        const std::string source = one.value("source", "");
        text += "\n    " + fixed(one.value("similarity", 0.0), 2) + "  " +
                one.at("name").get<std::string>() + (source.empty() ? "" : "  " + source);
    }
    return text.empty() ? "no reported cluster is near" : title + text;
}

/// What stands behind the number, as far as the learner could say: both sides, parts, the way out.
std::string explanation_words(const Json& why) {
    const Json again = why.value("recomputed", Json());
    if (!again.is_object() || !again.contains("attributions")) {
        return "";
    }
    std::string text =
        "  " + nearest_words(again.at("nearest_cores"), "nearest by the core:") + "\n  " +
        nearest_words(again.at("nearest_ligands"), "nearest by the ligands:") + "\n  core:";
    for (const auto& part : again.at("attributions").at("core")) {
        const double weight = part.at("weight").get<double>();
        text += "  " + part.at("part").get<std::string>() + (weight < 0 ? " " : " +") +
                fixed(weight, 2);
    }
    for (const auto& ligand : again.at("attributions").at("ligands")) {
        double total = 0.0;
        double strongest = 0.0;
        std::size_t place = 0;
        for (std::size_t atom = 0; atom < ligand.at("atoms").size(); ++atom) {
            const double weight = ligand.at("atoms")[atom].get<double>();
            total += weight;
            if (std::abs(weight) > std::abs(strongest)) {
                strongest = weight;
                place = atom;
            }
        }
        text += "\n  ligand " + ligand.at("smiles").get<std::string>() + ": atoms " +
                fixed(total, 2) + " together, most atom " + std::to_string(place + 1) + " with " +
                fixed(strongest, 2);
    }
    const Json turn = again.value("counterfactual", Json());
    if (turn.is_object()) {
        text += std::string("\n  ") +
                (turn.at("crosses").get<bool>() ? "would turn it: "
                                                : "nothing tried turns it; nearest comes ") +
                turn.at("swap").get<std::string>() +
                ", p = " + fixed(turn.at("p").get<double>(), 2);
    }
    return text + "\n";
}

void write_picture(const std::string& file, const Json& why) {
    const Json again = why.value("recomputed", Json());
    if (!again.is_object() || !again.contains("attributions")) {
        throw Error("no picture was drawn: " +
                    why.value("not_recomputed_because", "the learner gave no attributions"));
    }
    std::vector<chemistry::WeightedLigand> ligands;
    for (const auto& ligand : again.at("attributions").at("ligands")) {
        ligands.push_back({ligand.at("smiles").get<std::string>(),
                           ligand.at("atoms").get<std::vector<double>>(),
                           ""});
    }
    std::ofstream out(file, std::ios::binary);
    out << chemistry::ligand_picture(ligands);
    if (!out.flush()) {
        throw InputError("cannot_write", file + ": cannot be written");
    }
}

void why(const ShowOptions& options) {
    Connection connection(options.connect);
    const std::string id = connection.proposal_id(options.proposal);
    const Json result = connection.ask(Why{id});
    const Json& proposal = connection.proposal(id);
    double sd = 0.0;
    for (const auto& [key, value] : result.at("uncertainty").items()) {
        sd = value.is_number() ? value.get<double>() : sd;
    }
    std::ostringstream text;
    text << short_id(id) << "  " << proposal_name(proposal) << "  "
         << proposal.at("state").get<std::string>() << "\n  ";
    if (!result.at("p").is_number()) {
        text << "a person chose it, no model did: " << result.at("text").get<std::string>()
             << "\n  " << recomputed_words(result) << "\n";
        print(options.connect, result, text.str());
        return;
    }
    text << probability_words(result.at("p").get<double>(), sd) << "\n  fit of core and ligands "
         << fixed(result.at("interaction").get<double>(), 2) << ", popularity of both "
         << fixed(result.at("popularity").get<double>(), 2) << " (logits), standard deviation "
         << fixed(sd, 2) << "\n  chosen by " << result.at("policy").get<std::string>() << ", score "
         << fixed(result.value("score", 0.0), 3) << ": " << result.at("text").get<std::string>()
         << "\n  " << nearest_words(result.at("nearest")) << "\n  model "
         << result.at("model").get<std::string>() << "\n  data "
         << result.at("data_snapshot").get<std::string>() << ", seed " << result.at("seed")
         << ", kernel " << result.value("kernel", "") << "\n"
         << explanation_words(result) << "  " << recomputed_words(result) << "\n";
    print(options.connect, result, text.str());
    if (!options.svg.empty()) {
        write_picture(options.svg, result);
    }
}

}  // namespace

void add_views(CLI::App& app) {
    auto all = std::make_shared<ShowOptions>();
    auto* command = app.add_subcommand("status", "campaigns, what is wrong and what to do");
    add_connect_options(*command, all->connect);
    command->footer("example: cupel status");
    command->callback([all] { status(*all); });

    auto open = std::make_shared<ShowOptions>();
    command = app.add_subcommand("offers", "what can be claimed now");
    command->add_option("--campaign", open->campaign, "of one campaign");
    command->add_option("--limit", open->limit, "how many at most (100)")
        ->check(CLI::Range(1, 1000));
    add_connect_options(*command, open->connect);
    command->footer("example: cupel offers --campaign gold");
    command->callback([open] { offers(*open); });

    auto asked = std::make_shared<ShowOptions>();
    command = app.add_subcommand("why", "why it was proposed, in words and numbers");
    command->add_option("proposal", asked->proposal, "id, or its end or beginning")->required();
    command->add_option(
        "--svg", asked->svg, "draw its ligands here, coloured by what each atom says");
    add_connect_options(*command, asked->connect);
    asked->connect.timeout_s = 60.0;  // the learner computes it again
    command->footer("example: cupel why K7Q2ZD --svg ligands.svg");
    command->callback([asked] { why(*asked); });
}

}  // namespace cupel::cli
