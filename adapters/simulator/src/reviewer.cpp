// The person's desk.
#include "reviewer.hpp"

#include <nlohmann/json.hpp>

#include <cupel/codec/proposal_codec.hpp>
#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

namespace cupel::simulator {

using Json = nlohmann::json;

Reviewer::Reviewer(Channel& channel,
                   const Chemist& chemist,
                   std::string campaign,
                   std::function<void(const std::string&)> say)
    : channel_(channel), chemist_(chemist), campaign_(std::move(campaign)), say_(std::move(say)) {}

bool Reviewer::settle(const std::string& campaign, const std::string& wire_json) {
    const Proposal proposal = codec::decode_proposal(wire_json);
    if (known_.insert(proposal.id).second) {
        seen_.push_back(proposal.candidate);
    }
    try {
        if (proposal.state == ProposalState::InReview) {
            channel_.ask(Approve{make_ulid(), proposal.id, "looks safe to make"});
            return true;
        }
        if (proposal.state == ProposalState::Awaiting) {
            const Outcome outcome = chemist_.second_look(proposal.candidate);
            channel_.ask(Overrule{make_ulid(), proposal.id, outcome, "second look at the sample"});
            say_(campaign + ": " + proposal.candidate.name() + " settled as " +
                 std::string(to_string(outcome.kind)));
            return true;
        }
    } catch (const Refused& refused) {
        // The state moved on between looking and deciding.
        say_(refused.what());
    }
    return false;
}

void Reviewer::keep_notebook(const std::string& campaign) {
    constexpr std::size_t kEnough = 12;  ///< proposals seen before the notebook is opened
    if (notebook_done_ || seen_.size() < kEnough) {
        return;
    }
    for (std::size_t i = 1; i < seen_.size(); ++i) {
        Candidate tried = seen_.front();
        tried.ligands = seen_[i].ligands;
        if (learning_key(tried) == learning_key(seen_.front()) || chemist_.forms(tried)) {
            continue;
        }
        Observe observe;
        observe.cmd_id = make_ulid();
        observe.campaign = campaign;
        observe.candidate = tried;
        observe.outcome = Outcome{};
        observe.outcome->kind = OutcomeKind::Amorphous;
        observe.evidence = {{"notebook", "page 17"}};
        notebook_done_ = true;
        channel_.ask(observe);
        say_(campaign + ": notebook: " + tried.name() + " was amorphous");
        return;
    }
}

int Reviewer::round() {
    Snapshot wanted;
    if (!campaign_.empty()) {
        wanted.campaign = campaign_;
    }
    int done = 0;
    const Json snapshot = Json::parse(channel_.ask(wanted));
    for (const auto& campaign : snapshot.at("campaigns")) {
        const auto name = campaign.at("campaign").get<std::string>();
        for (const auto& wire : campaign.at("proposals")) {
            done += settle(name, wire.dump()) ? 1 : 0;
        }
        if (campaign.at("state") == "RUNNING") {
            keep_notebook(name);
        }
    }
    return done;
}

}  // namespace cupel::simulator
