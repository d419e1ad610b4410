// Writes the report: figures first, then what was found, then how it was measured.
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include <cupel/domain/vocabulary.hpp>

#include "plots.hpp"
#include "report_style.hpp"

namespace cupel::simulator {
namespace {

std::string number_of(long count, const char* one, const char* many) {
    return std::to_string(count) + (count == 1 ? one : many);
}

std::string figure(double value, int digits = 1) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string tag(const std::string& name, const std::string& text, const std::string& css = "") {
    const std::string attribute = css.empty() ? "" : " class=\"" + css + "\"";
    return "<" + name + attribute + ">" + text + "</" + name + ">";
}

/// "Au25 · 18 C8H9S": metals and anions with digits lowered.
std::string chemical(const std::string& formula) {
    std::string out;
    bool after_letter = false;
    for (const char c : formula) {
        const bool digit = c >= '0' && c <= '9';
        if (digit && after_letter) {
            out += std::string("<sub>") + c + "</sub>";
            continue;
        }
        out += escaped(std::string(1, c));
        after_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ')' || c == ']';
    }
    std::string merged = out;  // <sub>2</sub><sub>5</sub> reads better as one
    for (std::size_t at; (at = merged.find("</sub><sub>")) != std::string::npos;) {
        merged.erase(at, 11);
    }
    return merged;
}

std::string link(const std::string& source) {
    std::string target = source;
    if (target.rfind("10.", 0) == 0) {
        target = "https://doi.org/" + target;
    }
    if (target.rfind("http", 0) != 0) {
        return escaped(source);
    }
    std::string shown = target.substr(target.find("//") + 2);
    shown = shown.rfind("doi.org/", 0) == 0 ? shown.substr(8) : shown;
    constexpr std::size_t kShown = 44;
    shown = shown.size() > kShown ? shown.substr(0, kShown) + "…" : shown;
    return "<a href=\"" + escaped(target) + "\">" + escaped(shown) + "</a>";
}

double at_budget(const PolicyCurve* curve, int budget) {
    if (curve == nullptr || curve->mean.empty()) {
        return 0.0;
    }
    return curve->mean[std::min(curve->mean.size(), static_cast<std::size_t>(budget)) - 1];
}

double chance_of_hit(const ReportInput& input) {
    const int candidates = input.files.true_pairs + input.files.decoys;
    return static_cast<double>(input.files.true_pairs) / std::max(1, candidates);
}

std::string numbers_row(const ReportInput& input) {
    const auto cell = [](const std::string& value, const std::string& words) {
        return "<div><b>" + value + "</b><span>" + words + "</span></div>";
    };
    const Story& story = input.story;
    const double chance = chance_of_hit(input) * story.experiments;
    std::string html = "<section class=\"numbers\">";
    html += cell(std::to_string(story.hits),
                 "of " + std::to_string(story.experiments) + " experiments hit a pair that forms");
    html += cell(figure(chance), "hits expected by chance");
    const PolicyCurve* popularity = input.replay.find("popularity");
    if (popularity != nullptr) {
        html += cell(figure(at_budget(popularity, input.budget)),
                     "hits of popularity, mean of " + std::to_string(popularity->seeds) + " seeds");
    }
    html += cell(std::to_string(story.confirmed), "structures confirmed from their atoms");
    return html + "</section>\n";
}

std::string hits_section(const ReportInput& input) {
    std::vector<Curve> curves;
    const auto policy_curve = [&](const char* name, const char* label, const char* css) {
        const PolicyCurve* policy = input.replay.find(name);
        if (policy == nullptr) {
            return;
        }
        Curve curve{label, css, {0.0}, {0.0}, {0.0}};
        for (std::size_t i = 0; i < policy->mean.size(); ++i) {
            curve.x.push_back(static_cast<double>(i + 1));
            curve.y.push_back(policy->mean[i]);
            curve.band.push_back(policy->se[i]);
        }
        curves.push_back(std::move(curve));
    };
    policy_curve("random", "random (chance)", "faint");
    if (curves.empty() && input.story.experiments > 0) {
        const double rate = chance_of_hit(input);
        const double end = input.story.experiments;
        curves.push_back({"chance", "faint", {0.0, end}, {0.0, rate * end}, {}});
    }
    policy_curve("popularity", "popularity", "grey");
    policy_curve("model", "model, 20 seeds", "soft");
    Curve run{"this run", "accent", {0.0}, {0.0}, {}};
    for (std::size_t i = 0; i < input.story.curve.size(); ++i) {
        run.x.push_back(static_cast<double>(i + 1));
        run.y.push_back(input.story.curve[i]);
    }
    curves.push_back(std::move(run));
    std::string caption =
        "Hits against experiments. A hit is an experiment on a core and ligand set that the "
        "held-back table reports, whatever its outcome. <b>This run</b>: the daemon with policy " +
        escaped(input.policy) + ", seed " + std::to_string(input.seed) + ".";
    const PolicyCurve* model = input.replay.find("model");
    if (model != nullptr) {
        caption += " The other lines replay the same pool offline: means of " +
                   std::to_string(model->seeds) + " seeds (" +
                   std::to_string(input.replay.first_seed) +
                   " on), bands ± 1 standard error; each "
                   "seed leaves out a random tenth of the pool, the same for every policy, and "
                   "experiments answer without error, so the replay is not the run repeated. The "
                   "model's runs share one base model.";
    }
    return "<h2>What the campaign found, against chance and popularity</h2>\n<figure>" +
           line_figure(curves, "experiments", "hits") + tag("figcaption", caption) + "</figure>\n";
}

std::string nearest_cell(const ProposalStory& proposal) {
    if (proposal.nearest.empty()) {
        return "none";
    }
    const Neighbour& near = proposal.nearest.front();
    return chemical(near.name) + "<br>" + link(near.source) + " <small>similarity " +
           figure(near.similarity, 2) + "</small>";
}

std::string found_section(const Story& story) {
    std::vector<const ProposalStory*> confirmed;
    for (const auto& proposal : story.proposals) {
        if (proposal.outcome == "confirmed") {
            confirmed.push_back(&proposal);
        }
    }
    std::sort(confirmed.begin(), confirmed.end(), [](const auto* a, const auto* b) {
        return a->experiment < b->experiment;
    });
    std::string html = "<h2>Confirmed clusters</h2>\n";
    if (confirmed.empty()) {
        return html + "<p>None in this run.</p>\n";
    }
    html +=
        "<div class=\"scroll\"><table><thead><tr><th>exp.</th><th>cluster</th><th>p</th>"
        "<th>nearest reported cluster the learner knew</th></tr></thead><tbody>\n";
    for (const auto* proposal : confirmed) {
        html += "<tr><td>" + std::to_string(proposal->experiment) + "</td><td>" +
                chemical(proposal->name) + "</td><td class=\"n\">" +
                (proposal->p ? figure(*proposal->p, 2) : "–") + "</td><td>" +
                nearest_cell(*proposal) + "</td></tr>\n";
    }
    return html +
           "</tbody></table></div>\n<p class=\"caption\">Each was decided by reading a CIF: "
           "metals, anions, ligands and their counts equal the target. p is the probability "
           "the model gave when it proposed it.</p>\n";
}

std::string outcomes_section(const Story& story) {
    int largest = 1;
    for (const auto& [outcome, count] : story.outcomes) {
        largest = std::max(largest, count);
    }
    std::vector<std::pair<std::string, int>> sorted(story.outcomes.begin(), story.outcomes.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.second > b.second;
    });
    std::string html = "<h2>Outcomes</h2>\n<div class=\"bars\">\n";
    for (const auto& [outcome, count] : sorted) {
        std::string words = outcome;
        std::replace(words.begin(), words.end(), '_', ' ');
        html += "<span>" + escaped(words) +
                "</span><i style=\"width:" + figure(100.0 * count / largest) + "%\"" +
                (outcome == "confirmed" ? " class=\"accent\"" : "") + "></i><b>" +
                std::to_string(count) + "</b>\n";
    }
    return html +
           "</div>\n<p class=\"caption\">Results by outcome. Execution failures are no "
           "chemistry: they train nothing, and what consumed nothing was offered again (" +
           number_of(story.reoffers, " time", " times") + "). " +
           number_of(story.overruled, " verdict was", " verdicts were") +
           " settled by the person, " +
           number_of(story.observations, " cluster was", " clusters were") +
           " observed that nobody had proposed.</p>\n";
}

const char* agreement_class(Agreement agreement) {
    switch (agreement) {
        case Agreement::Yes:
            return "yes";
        case Agreement::No:
            return "no";
        case Agreement::NotDetermined:
            return "open";
    }
    return "";
}

std::string verdict_table(const ProposalStory& proposal) {
    std::string html =
        "<article><h3>" + std::string(proposal.verdict->confirmed ? "Confirmed" : "Analogue") +
        ", experiment " + std::to_string(proposal.experiment) + "</h3><p>asked " +
        chemical(proposal.name) + "<br>found " + chemical(proposal.found) + "</p><table><tbody>";
    for (const auto& field : proposal.verdict->fields) {
        std::string words = field.field;
        std::replace(words.begin(), words.end(), '_', ' ');
        html += "<tr><td>" + escaped(words) + "</td><td class=\"" +
                agreement_class(field.agreement) + "\">" +
                escaped(std::string(to_string(field.agreement))) + "</td><td>" +
                escaped(field.text) + "</td></tr>";
    }
    return html + "</tbody></table><p class=\"caption\">" + escaped(proposal.verdict->text) +
           "</p></article>\n";
}

std::string verdict_section(const Story& story) {
    const ProposalStory* confirmed = nullptr;
    const ProposalStory* analogue = nullptr;
    for (const auto& proposal : story.proposals) {
        if (proposal.verdict) {
            const ProposalStory*& slot = proposal.verdict->confirmed ? confirmed : analogue;
            slot = slot == nullptr ? &proposal : slot;
        }
    }
    std::string html = "<h2>Two verdicts, read from atoms</h2>\n<div class=\"pair\">\n";
    for (const auto* proposal : {confirmed, analogue}) {
        html += proposal == nullptr ? "" : verdict_table(*proposal);
    }
    return html + "</div>\n";
}

std::string timeline_section(const Story& story) {
    struct Group {
        const char* label;
        const char* css;
        std::vector<std::string> states;
    };
    const std::vector<Group> groups{
        {"labelled", "l1", {"LABELLED"}},
        {"result in, awaiting", "l2", {"RESULT_IN", "AWAITING"}},
        {"started", "l3", {"STARTED", "CANCEL_REQUESTED", "UNKNOWN"}},
        {"claimed", "l4", {"CLAIMED"}},
        {"offered", "l5", {"PROPOSED", "IN_REVIEW", "OFFERED"}},
        {"withdrawn, failed",
         "l6",
         {"WITHDRAWN", "FAILED", "REJECTED", "EXPIRED", "CANCELLED", "ABANDONED", "RETRACTED"}}};
    std::vector<double> x;
    std::vector<Layer> layers;
    for (const auto& group : groups) {
        layers.push_back({group.label, group.css, {}});
    }
    for (const auto& sample : story.timeline) {
        x.push_back(sample.seconds);
        for (std::size_t g = 0; g < groups.size(); ++g) {
            double sum = 0.0;
            for (const auto& state : groups[g].states) {
                const auto found = sample.count.find(state);
                sum += found == sample.count.end() ? 0 : found->second;
            }
            layers[g].y.push_back(sum);
        }
    }
    return "<h2>Where the proposals stood</h2>\n<figure>" +
           stacked_figure(x, layers, "seconds since the first event", "proposals") +
           tag("figcaption",
               "Every proposal by state, from the " + std::to_string(story.events) +
                   " events of the log. The first stretch is the training of the base model; " +
                   std::to_string(story.models) + " models were trained in all.") +
           "</figure>\n";
}

/// Bins of equal size over the experiments with a pair label.
std::vector<ReliabilityBin> reliability(const Story& story, std::size_t bins) {
    std::vector<std::pair<double, double>> points;
    for (const auto& proposal : story.proposals) {
        if (proposal.experiment > 0 && proposal.p) {
            points.emplace_back(*proposal.p, proposal.forms ? 1.0 : 0.0);
        }
    }
    std::sort(points.begin(), points.end());
    std::vector<ReliabilityBin> result;
    for (std::size_t b = 0; b < bins; ++b) {
        const std::size_t from = b * points.size() / bins;
        const std::size_t to = (b + 1) * points.size() / bins;
        ReliabilityBin bin;
        bin.count = static_cast<int>(to - from);
        for (std::size_t i = from; i < to; ++i) {
            bin.predicted += points[i].first / bin.count;
            bin.observed += points[i].second / bin.count;
        }
        if (bin.count > 0) {
            bin.se = std::sqrt(bin.observed * (1.0 - bin.observed) / bin.count);
            result.push_back(bin);
        }
    }
    return result;
}

std::string calibration_section(const Story& story) {
    const auto bins = reliability(story, 5);
    if (bins.empty()) {
        return "";
    }
    double predicted = 0.0;
    double variance = 0.0;
    for (const auto& bin : bins) {
        predicted += bin.predicted * bin.count;
        variance += bin.predicted * (1.0 - bin.predicted) * bin.count;
    }
    // Beyond two standard deviations of what honest probabilities would give.
    const double excess = predicted - story.hits;
    const double margin = 2.0 * std::sqrt(variance);
    const std::string judgement = excess > margin ? "<b>More was promised than came:</b> "
                                  : excess < -margin
                                      ? "<b>Less was promised than came:</b> "
                                      : "Promise and result agree within two standard deviations: ";
    return "<h2>Were the probabilities honest?</h2>\n<figure>" + reliability_figure(bins) +
           tag("figcaption",
               "Share of experiments whose pair forms, against the probability given at proposal; "
               "five bins with equal numbers, bars ± 1 standard error, the line is perfect "
               "calibration. Only chosen candidates are shown, so a slope below the line is "
               "partly the price of choosing the best. " +
                   judgement + "the probabilities add up to " + figure(predicted) +
                   " hits, there were " + std::to_string(story.hits) + ".") +
           "</figure>\n";
}

/// What came of a proposal, in a few words.
std::string result_cell(const ProposalStory& proposal) {
    std::string words = proposal.outcome.empty() ? proposal.state : proposal.outcome;
    std::replace(words.begin(), words.end(), '_', ' ');
    const bool confirmed = proposal.outcome == "confirmed";
    std::string html = tag("span", escaped(words), confirmed ? "yes" : "");
    if (proposal.overruled) {
        html += " <small>settled by the person</small>";
    }
    if (proposal.attempts > 1) {
        html += " <small>attempt " + std::to_string(proposal.attempts) + "</small>";
    }
    if (!proposal.note.empty()) {
        html += "<br><small>" + escaped(proposal.note) + "</small>";
    }
    return html;
}

/// The metals, anions and ligands that the CIF held, where one was read.
std::string cif_cell(const ProposalStory& proposal) {
    if (!proposal.verdict) {
        return "<small>no CIF</small>";
    }
    return chemical(proposal.found) + "<br><small>" + escaped(proposal.verdict->text) + "</small>";
}

std::string proposals_section(const Story& story) {
    std::string html = "<h2>Every proposal</h2>\n<details><summary>" +
                       std::to_string(story.proposals.size()) +
                       " proposals in order, with the reason given at the time and what came of "
                       "them</summary>\n<div class=\"scroll wide\"><table class=\"all\"><thead><tr>"
                       "<th>exp.</th><th>asked for</th><th>p</th><th>pair forms</th><th>result</th>"
                       "<th>what the CIF held</th></tr></thead><tbody>\n";
    for (const auto& proposal : story.proposals) {
        html += "<tr><td>" + (proposal.experiment > 0 ? std::to_string(proposal.experiment) : "–") +
                "</td><td>" + chemical(proposal.name) + "<br><small>" + escaped(proposal.reason) +
                "</small></td><td class=\"n\">" + (proposal.p ? figure(*proposal.p, 2) : "–") +
                "</td><td class=\"" + (proposal.forms ? "yes\">yes" : "\">no") + "</td><td>" +
                result_cell(proposal) + "</td><td>" + cif_cell(proposal) + "</td></tr>\n";
    }
    return html +
           "</tbody></table></div></details>\n<p class=\"caption\">Without an experiment number "
           "nothing was charged: the proposal was withdrawn, or its only attempts consumed "
           "nothing. \"pair forms\" is the laboratory's secret, shown here for the first "
           "time.</p>\n";
}

std::string conditions_section(const std::vector<Condition>& conditions) {
    std::string html = "<h2>Did the loop do what it should?</h2>\n<ul class=\"checks\">\n";
    for (const auto& condition : conditions) {
        html +=
            std::string("<li class=\"") + (condition.met ? "met" : "unmet") + "\">" +
            escaped(condition.text) +
            (condition.detail.empty() ? "" : " <small>" + escaped(condition.detail) + "</small>") +
            "</li>\n";
    }
    return html + "</ul>\n";
}

std::string method_section(const ReportInput& input) {
    const auto& files = input.files;
    std::string html =
        "<h2>How this was made</h2>\n<p>This is a <b>virtual laboratory</b>: no "
        "flask was used. The table of reported clusters was divided by core, with "
        "near-relatives on one side: " +
        std::to_string(files.train_rows) + " rows were given to the learner, " +
        std::to_string(files.truth_rows) +
        " were held back for the simulated robots. The pool holds " +
        std::to_string(files.true_pairs) + " held-back pairs and " + std::to_string(files.decoys) +
        " decoys, the same ligand sets on each other's cores; pairs that are not in "
        "the table are <i>taken</i> as not forming, which nobody has tested. "
        "Structures are packed metals and ligand conformers; every verdict on them "
        "was earned by reading the CIF back.</p>\n";
    html +=
        "<p>Seed " + std::to_string(input.seed) + ", budget " + std::to_string(input.budget) +
        ", batches of " + std::to_string(input.batch) + ", policy " + escaped(input.policy) +
        ". Begun " + escaped(input.started) + ", " + figure(input.wall_seconds, 0) +
        " s in all. The seed fixes the laboratory, its luck and the comparison over seeds; the "
        "workers are processes side by side, so the order of results, and with it the course "
        "of this run, differs a little from one start to the next.</p>\n<h2>To go on</h2>\n<pre>";
    for (const auto& command : input.commands) {
        html += escaped(command) + "\n";
    }
    return html + "</pre>\n";
}

}  // namespace

std::string report_html(const ReportInput& input) {
    std::string html =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<title>Cupel: a campaign in the virtual laboratory</title>\n<style>" +
        std::string(kReportStyle) + "</style></head>\n<body><main>\n";
    html +=
        "<header><p class=\"over\">Cupel · virtual laboratory</p>"
        "<h1>A closed-loop campaign, end to end</h1>"
        "<p class=\"lead\">A daemon trained a model on reported clusters, proposed " +
        std::to_string(input.story.proposals.size()) +
        " targets, simulated robots and a person made them, and every outcome taught the next "
        "choice.</p></header>\n";
    html += numbers_row(input);
    html += hits_section(input);
    html += found_section(input.story);
    html += outcomes_section(input.story);
    html += verdict_section(input.story);
    html += timeline_section(input.story);
    html += calibration_section(input.story);
    html += proposals_section(input.story);
    html += conditions_section(input.conditions);
    html += method_section(input);
    return html + "</main></body></html>\n";
}

}  // namespace cupel::simulator
