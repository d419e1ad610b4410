// The list of conditions, in the order of the report.
#include "conditions.hpp"

#include <algorithm>
#include <cstdio>

#include <cupel/domain/vocabulary.hpp>

namespace cupel::simulator {
namespace {

std::string figure(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

Condition at_least_one(const std::string& text, int count) {
    return {text, count > 0, std::to_string(count)};
}

Condition settled(const Story& story) {
    std::string open;
    for (const auto& proposal : story.proposals) {
        const auto state = try_parse<ProposalState>(proposal.state);
        if (!state || (!is_terminal(*state) && *state != ProposalState::Labelled)) {
            open += (open.empty() ? "" : ", ") + proposal.id + " " + proposal.state;
        }
    }
    return {"every proposal is terminal or labelled",
            open.empty() && !story.proposals.empty(),
            open.empty() ? std::to_string(story.proposals.size()) + " proposals" : open};
}

/// The learner itself says what its base model was trained on.
Condition truth_hidden(const Story& story, const RunFacts& facts) {
    const auto shared = std::count_if(story.data_keys.begin(),
                                      story.data_keys.end(),
                                      [&](const auto& key) { return facts.truth_keys.count(key); });
    return {"no key of the laboratory's truth is in the learner's first data snapshot",
            shared == 0 && !story.data_keys.empty() && !facts.truth_keys.empty(),
            std::to_string(story.data_keys.size()) + " keys in it, " +
                std::to_string(facts.truth_keys.size()) + " held back, " + std::to_string(shared) +
                " in both"};
}

void compare_policies(const OfflineReplay& replay, int budget, std::vector<Condition>& all) {
    constexpr int kSeeds = 20;
    for (const char* name : {"popularity", "random"}) {
        const PolicyCurve* curve = replay.find(name);
        const int seeds = curve == nullptr ? 0 : curve->seeds;
        all.push_back({std::string(name) + " ran on the same pool over 20 seeds",
                       seeds >= kSeeds,
                       std::to_string(seeds) + " seeds"});
    }
    const PolicyCurve* model = replay.find("model");
    const PolicyCurve* popularity = replay.find("popularity");
    Condition condition{"the model's mean is not below popularity less one standard error",
                        false,
                        "the model or popularity did not run"};
    if (model != nullptr && popularity != nullptr && !model->mean.empty() &&
        !popularity->mean.empty()) {
        const auto at = [&](const std::vector<double>& values) {
            return values[std::min(values.size(), static_cast<std::size_t>(budget)) - 1];
        };
        condition.met = at(model->mean) >= at(popularity->mean) - at(popularity->se);
        condition.detail = "model " + figure(at(model->mean)) + " ± " + figure(at(model->se)) +
                           ", popularity " + figure(at(popularity->mean)) + " ± " +
                           figure(at(popularity->se));
    }
    all.push_back(condition);
}

}  // namespace

std::vector<Condition> check_conditions(const Story& story,
                                        const RunFacts& facts,
                                        const OfflineReplay* replay) {
    std::vector<Condition> all;
    all.push_back({"the budget is spent and the campaign finished",
                   story.experiments == facts.budget && facts.finished_state == "FINISHED",
                   std::to_string(story.experiments) + " of " + std::to_string(facts.budget) +
                       " experiments, " + facts.finished_state});
    all.push_back(settled(story));
    all.push_back({"the log verifies", facts.log_verifies, facts.verify_text});
    all.push_back(truth_hidden(story, facts));
    all.push_back(at_least_one("execution failures happened", story.execution_failures));
    all.push_back(at_least_one("a failed attempt was offered again", story.reoffers));
    if (facts.quick) {
        return all;
    }
    all.push_back(at_least_one("targets were confirmed from their atoms", story.confirmed));
    all.push_back(at_least_one("analogues were decided from a CIF", story.analogues_from_atoms));
    all.push_back(at_least_one("chemical failures happened", story.chemical_failures));
    if (replay == nullptr) {
        all.push_back({"the policies were compared over 20 seeds", false, "no replay was made"});
    } else {
        compare_policies(*replay, facts.budget, all);
    }
    return all;
}

}  // namespace cupel::simulator
