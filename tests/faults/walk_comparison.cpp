// Whether both say the same, and what is told when they do not.
#include <set>
#include <sstream>

#include "walk.hpp"

namespace cupel::test {

namespace ref = reference;
using ref::Finding;
using ref::Input;
using ref::kNone;
using ref::Verb;

void Walk::differ(const std::string& text) {
    std::ostringstream out;
    out << text << "\nseed " << seed_ << ", command " << sent_ << ", rules "
        << campaign_keys(rules_) << " max_claims " << rules_.max_claims
        << "\nwhat happened to it lately:\n";
    std::vector<std::string> lines;
    for (auto entry = story_.rbegin(); entry != story_.rend() && lines.size() < 16; ++entry) {
        const bool concerns = entry->second == kNone || story_.back().second == kNone ||
                              entry->second == story_.back().second;
        if (concerns) {
            lines.push_back(entry->first);
        }
    }
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        out << "  " << *line << "\n";
    }
    throw Difference(out.str());
}

void Walk::note(const std::string& line, int proposal) {
    const auto is_time = [](const std::string& text) { return text.rfind("time ", 0) == 0; };
    if (is_time(line) && !story_.empty() && is_time(story_.back().first)) {
        story_.back().first += "," + line.substr(line.find(':') + 1);
        return;
    }
    story_.emplace_back(line, proposal);
    if (story_.size() > 300) {
        story_.pop_front();
    }
}

std::string Walk::describe(const Input& input) const {
    std::ostringstream out;
    out << input.client << " " << ref::word(input.verb) << " #" << input.command;
    for (const int proposal : input.proposals) {
        out << " p" << proposal;
        if (proposal >= 0) {
            const auto& known = machine_.proposals()[static_cast<std::size_t>(proposal)];
            out << "(" << ref::word(known.state) << " attempt " << known.attempt << ")";
        }
    }
    if (input.lease != kNone) {
        out << " lease " << input.lease << (input.wrong_fence ? " with a wrong fence" : "");
    }
    if (input.attempt) {
        out << " for attempt " << *input.attempt;
    }
    if (input.result != kNone) {
        out << " result " << input.result;
    }
    if (input.finding) {
        out << " outcome " << to_string(outcome_of(*input.finding).kind);
    }
    if (input.file != ref::File::None) {
        out << (input.file == ref::File::Solved ? " with a CIF" : " with a torn CIF");
    }
    if (input.consumed) {
        out << (*input.consumed ? " consumed" : " not consumed");
    }
    out << (input.staged ? " staged" : "") << (sent_before(input) ? " AGAIN" : "");
    return out.str();
}

void Walk::compare_events(const std::string& what) {
    std::map<int, std::string> here, there;
    for (const auto& event : bench_.events) {
        expect(event.seq, ++seq_, "seq of " + event.kind);
        if (event.kind.rfind("MODEL_", 0) == 0 || event.kind == "ALARM" ||
            event.kind == "ALARM_ACKED" || event.kind == "LEASE_EXPIRING" ||
            event.kind == "CAMPAIGN_CREATED") {
            continue;
        }
        const Json body = Json::parse(event.body_json);
        if (event.kind == "PROPOSED") {
            const Json metals = body["offer"]["candidate"]["core"]["metals"];
            candidates_[event.proposal] =
                candidate_number(metals["Ag"].get<int>() - 2 + 900 * metals.value("Au", 0));
            numbers_[event.proposal] = static_cast<int>(ids_.size());
            ids_.push_back(event.proposal);
        }
        const bool known = !event.proposal.empty() && event.proposal != nobody_;
        const int subject = known ? numbers_.at(event.proposal) : kNone;
        here[subject] += event.kind + " ";
        if (subject != kNone) {
            told_[subject] = {body["state"].get<std::string>(), body["attempt"].get<int>()};
        }
        if (event.kind == "VERDICT") {
            label_[subject] = body.value("label", Json(nullptr));
        }
    }
    for (const auto& happening : machine_.take_history()) {
        there[happening.proposal] += happening.kind + " ";
    }
    for (const auto& [subject, kinds] : there) {
        expect(here[subject], kinds, "events of p" + std::to_string(subject) + " by " + what);
    }
    for (const auto& [subject, kinds] : here) {
        expect(kinds, there[subject], "events of p" + std::to_string(subject) + " by " + what);
        if (subject != kNone) {
            const auto& proposal = machine_.proposals()[static_cast<std::size_t>(subject)];
            const std::string name = "p" + std::to_string(subject);
            expect(told_[subject].first, ref::word(proposal.state), "state of " + name);
            expect(told_[subject].second, proposal.attempt, "attempt of " + name);
            compare_label(subject, proposal);
        }
    }
    bench_.events.clear();
}

void Walk::compare_label(int subject, const ref::Proposal& proposal) {
    const auto told = label_.find(subject);
    if (told == label_.end() || !proposal.finding) {
        label_.erase(subject);
        return;
    }
    const ref::Lesson lesson = ref::lesson(*proposal.finding);
    const auto number = [&](const char* key) {
        return told->second.is_object() ? told->second.value(key, Json(nullptr)) : Json(nullptr);
    };
    expect(number("pair"), lesson.pair ? Json(*lesson.pair) : Json(nullptr), "pair label");
    expect(number("target"), lesson.target ? Json(*lesson.target) : Json(nullptr), "target");
    label_.erase(told);
}

void Walk::compare_reply(const Input& input, const Json& reply, const ref::Answer& answer) {
    if (answer.again) {
        expect(reply, replies_.at({input.client, input.command}), "the repeated reply");
        return;
    }
    replies_[{input.client, input.command}] = reply;
    if (!answer.state.empty()) {
        expect(reply["state"].get<std::string>(), answer.state, "state in the reply");
    }
    if (answer.ttl) {
        expect(reply["ttl_s"].get<double>(), static_cast<double>(*answer.ttl), "ttl_s");
    }
    if (answer.result) {
        expect(static_cast<int>(results_.size()), *answer.result, "number of results");
        results_.push_back(reply["result"].get<std::string>());
        expect(reply["held"].get<bool>(), answer.held, "held");
    }
    if (input.verb == Verb::Resolve && input.way == ref::Way::Result) {
        expect(answer.result.has_value(), false, "a result of a resolution has no number");
    }
    if (input.verb != Verb::Claim) {
        return;
    }
    expect(reply["claims"].size(), answer.leases.size(), "number of claims");
    for (std::size_t n = 0; n < answer.leases.size(); ++n) {
        const Json& claim = reply["claims"][n];
        const ref::Lease& lease = machine_.lease(answer.leases[n]);
        expect(numbers_.at(claim["proposal"].get<std::string>()), lease.proposal, "claimed");
        expect(claim["attempt"].get<int>(), lease.attempt, "attempt of the claim");
        expect(claim["ttl_s"].get<double>(), static_cast<double>(lease.ttl), "ttl of the claim");
        const auto fence = claim["fence"].get<std::int64_t>();
        expect(fence > fences_[lease.proposal], true, "a fence that grows");
        fences_[lease.proposal] = fence;
        expect(static_cast<int>(proofs_.size()), lease.number, "number of leases");
        proofs_.push_back({claim["lease"].get<std::string>(), fence});
    }
}

void Walk::compare_views() {
    const std::string client = some_client();
    std::set<int> offers;
    for (const auto& id : bench_.offers(client)) {
        offers.insert(numbers_.at(id));
    }
    const std::vector<int> expected = machine_.offers(client);
    expect(
        Json(offers), Json(std::set<int>(expected.begin(), expected.end())), "offers to " + client);

    std::map<int, Json> here, there;
    const Json hello = bench_.ok(Hello{client, "test", "1", {}}, "HELLO", client);
    for (const auto& lease : hello["leases"]) {
        const int proposal = numbers_.at(lease["proposal"].get<std::string>());
        here[proposal] = {lease["attempt"], lease["lease"], lease["fence"], lease["state"]};
        if (lease["state"] != "UNKNOWN") {
            here[proposal].push_back(lease["ttl_s"].get<double>());
        }
    }
    for (const auto& lease : machine_.leases_of(client)) {
        const auto& proof = proofs_.at(static_cast<std::size_t>(lease.number));
        const auto state = machine_.proposals()[static_cast<std::size_t>(lease.proposal)].state;
        there[lease.proposal] = {lease.attempt, proof.lease, proof.fence, ref::word(state)};
        if (state != ref::State::Unknown) {
            there[lease.proposal].push_back(static_cast<double>(lease.deadline - machine_.now()));
        }
    }
    expect(Json(here).dump(), Json(there).dump(), "leases of " + client + " in HELLO");
    expect(
        hello["campaigns"][0].value("state", ""), ref::word(machine_.phase()), "campaign in HELLO");

    const Json status = bench_.campaign();
    expect(status["state"].get<std::string>(), ref::word(machine_.phase()), "campaign");
    expect(status["spent"].get<int>(), machine_.spent(), "spent");
}

void Walk::compare_everything() {
    const Json snapshot = bench_.ok(Snapshot{}, "SNAPSHOT")["campaigns"][0];
    expect(snapshot["seq"].get<std::int64_t>(), seq_, "seq in SNAPSHOT");
    expect(snapshot["spent"].get<int>(), machine_.spent(), "spent in SNAPSHOT");
    expect(snapshot["state"].get<std::string>(), ref::word(machine_.phase()), "campaign");
    expect(snapshot["proposals"].size(), machine_.proposals().size(), "number of proposals");
    for (const auto& proposal : snapshot["proposals"]) {
        const std::string id = proposal["proposal"].get<std::string>();
        const auto& known = machine_.proposals()[static_cast<std::size_t>(numbers_.at(id))];
        expect(proposal["state"].get<std::string>(), ref::word(known.state), "state of " + id);
        expect(proposal["attempt"].get<int>(), known.attempt, "attempt of " + id);
    }
    const auto report = bench_.verify();
    expect(report.ok(), true, report.ok() ? "" : "verify: " + report.problems.front());
}

}  // namespace cupel::test
