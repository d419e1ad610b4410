// From events to a story; the only place of the demo that knows their bodies.
#include "story.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/structure_codec.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/timestamp.hpp>

namespace cupel::simulator {
namespace {

using Json = nlohmann::json;

std::string text_or(const Json& object, const char* key, const std::string& otherwise = "") {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

Json object_or_empty(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_object() ? *found : Json::object();
}

double seconds_of(const Json& header) {
    const auto time = try_parse_rfc3339(text_or(header, "time"));
    return time ? std::chrono::duration<double>(time->time_since_epoch()).count() : 0.0;
}

ProposalStory read_offer(const Json& offer, const Truth& truth) {
    ProposalStory proposal;
    proposal.id = text_or(offer, "proposal");
    proposal.candidate = codec::decode_candidate(offer.at("candidate").dump());
    proposal.forms = truth.find(proposal.candidate) != nullptr;
    if (const auto p = offer.find("p"); p != offer.end() && p->is_number()) {
        proposal.p = p->get<double>();
    }
    const Json reason = object_or_empty(offer, "reason");
    proposal.reason = text_or(reason, "text");
    for (const auto& near : reason.value("nearest", Json::array())) {
        proposal.nearest.push_back(
            {text_or(near, "name"), text_or(near, "source"), near.value("similarity", 0.0)});
    }
    return proposal;
}

bool is_chemical_failure(const std::string& outcome) {
    return outcome == "amorphous" || outcome == "no_reaction" || outcome == "decomposed" ||
           outcome == "mixture";
}

/// "confirmed" of either the word or the object that outcomes are written as.
std::string outcome_word(const Json& body) {
    const auto found = body.find("outcome");
    if (found == body.end() || found->is_null()) {
        return "";
    }
    return found->is_string() ? found->get<std::string>() : text_or(*found, "kind");
}

void read_verdict(ProposalStory& proposal, const Json& body) {
    proposal.outcome = outcome_word(body);
    const Json label = object_or_empty(body, "label");
    proposal.pair_label.reset();
    if (label.contains("pair") && label["pair"].is_number()) {
        proposal.pair_label = label["pair"].get<double>();
    }
    const auto verdict = body.find("verdict");
    if (verdict != body.end() && verdict->is_object()) {
        proposal.verdict = codec::decode_verdict(verdict->dump());
        proposal.found = text_or(object_or_empty(body, "structure"), "found");
    }
}

}  // namespace

StoryTeller::StoryTeller(const Truth& truth) : truth_(truth) {}

void StoryTeller::hear(const std::string& header_json, const std::string& body_json) {
    const Json header = Json::parse(header_json, nullptr, false);
    const Json body = Json::parse(body_json, nullptr, false);
    if (!header.is_object() || !body.is_object()) {
        throw InputError("bad_message", "an event is not a JSON object");
    }
    const std::string kind = text_or(header, "kind");
    const std::string id = text_or(body, "proposal");
    const double time = seconds_of(header);
    first_time_ = first_time_ < 0.0 ? time : first_time_;
    story_.seconds = time - first_time_;
    ++story_.events;
    if (kind.rfind("CAMPAIGN_", 0) == 0) {
        story_.last_campaign_state = kind.substr(9);
    }
    story_.models += kind == "MODEL_TRAINED" ? 1 : 0;
    if (kind == "MODEL_TRAINED" && text_or(body, "kind") == "base") {
        const Json details = object_or_empty(body, "details");
        for (const auto& key : details.value("data_keys", Json::array())) {
            story_.data_keys.push_back(key.get<std::string>());
        }
    }
    story_.observations += kind == "OBSERVED" ? 1 : 0;
    if (kind == "PROPOSED" && body.contains("offer")) {
        index_[id] = story_.proposals.size();
        story_.proposals.push_back(read_offer(body["offer"], truth_));
        story_.proposals.back().name =
            chemistry::short_name(story_.proposals.back().candidate, abbreviations_);
    }
    const auto found = index_.find(id);
    if (id.empty() || found == index_.end()) {
        return;
    }
    ProposalStory& proposal = story_.proposals[found->second];
    proposal.state = text_or(body, "state", proposal.state);
    const int attempt = body.value("attempt", proposal.attempts);
    const Json report = object_or_empty(body, "report");
    if (!report.empty()) {
        proposal.note = text_or(report, "note", proposal.note);
        // The event of what follows (OFFERED, FAILED) repeats the report.
        if (kind == "RESULT_RECEIVED" && outcome_word(report) == "execution_failed") {
            ++story_.execution_failures;
            ++story_.outcomes["execution_failed"];
            proposal.outcome = "execution_failed";
            const auto consumed = report.find("consumed");
            if (consumed != report.end() && consumed->is_boolean() && !consumed->get<bool>()) {
                charged_.erase(std::remove(charged_.begin(), charged_.end(), id), charged_.end());
            }
        }
    }
    if (kind == "OFFERED") {
        int& offered = offered_[id];
        story_.reoffers += offered > 0 && attempt > offered ? 1 : 0;
        if (attempt > offered && offered > 0) {
            proposal.outcome.clear();
        }
        offered = attempt;
    }
    proposal.attempts = attempt;
    if (kind == "CLAIMED") {
        proposal.worker = text_or(body, "client", text_or(body, "holder"));
    }
    if (kind == "STARTED") {
        charged_.push_back(id);
    }
    if (kind == "VERDICT" || kind == "VERDICT_OVERRULED") {
        const bool overruled = kind == "VERDICT_OVERRULED";
        if (!proposal.outcome.empty() && overruled) {
            --story_.outcomes[proposal.outcome];
        }
        const bool had_verdict = proposal.verdict.has_value();
        read_verdict(proposal, body);
        proposal.overruled = overruled;
        story_.overruled += overruled ? 1 : 0;
        ++story_.outcomes[proposal.outcome.empty() ? "unreadable" : proposal.outcome];
        story_.confirmed += proposal.outcome == "confirmed" ? 1 : 0;
        story_.chemical_failures += is_chemical_failure(proposal.outcome) ? 1 : 0;
        story_.analogues_from_atoms +=
            !had_verdict && proposal.verdict && !proposal.verdict->confirmed ? 1 : 0;
    }
    StateSample sample;
    sample.seconds = story_.seconds;
    for (const auto& each : story_.proposals) {
        ++sample.count[each.state];
    }
    story_.timeline.push_back(std::move(sample));
}

Story StoryTeller::story() const {
    Story told = story_;
    told.experiments = static_cast<int>(charged_.size());
    int number = 0;
    for (const auto& id : charged_) {
        ProposalStory& proposal = told.proposals[index_.at(id)];
        proposal.experiment = ++number;
        told.hits += proposal.forms ? 1 : 0;
        told.curve.push_back(told.hits);
    }
    for (auto it = told.outcomes.begin(); it != told.outcomes.end();) {
        it = it->second <= 0 ? told.outcomes.erase(it) : std::next(it);
    }
    return told;
}

}  // namespace cupel::simulator
