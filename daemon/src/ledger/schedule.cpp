// What happens by itself: refills, trainings, leases and offers that run out, campaigns that end.
#include <algorithm>
#include <tuple>
#include <utility>

#include <cupel/chemistry/hazards.hpp>
#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/offer_count.hpp"
#include "core.hpp"

namespace cupel::controller {
namespace {

using S = ProposalState;

}  // namespace

void Core::resume() {
    resumed_ = true;
    tell_disk_failure();
    for (const auto& [name, campaign] : campaigns_) {
        if (campaign.record.state != CampaignState::Finished) {
            open_campaign(name);
        }
        for (const auto& result : campaign.record.unread_observations) {
            request_observation(name, result);
        }
    }
    for (const auto& [id, record] : proposals_) {
        if (record.proposal.state == S::ResultIn && !record.structures.empty()) {
            request_structures(id);
        }
    }
    for (const auto& id : std::exchange(graced_, {})) {
        ProposalRecord& record = proposals_.at(id);
        if (!holds_lease(record.proposal.state)) {
            continue;  // a restore made it UNKNOWN
        }
        say_of_lease("LEASE_RENEWED",
                     record,
                     {{"holder", record.lease->holder},
                      {"fence", record.lease->fence},
                      {"reason", "it ran out while the daemon was away"}});
    }
}

void Core::open_campaign(const std::string& name) {
    Campaign& asked = campaigns_.at(name);
    const CampaignRecord& record = asked.record;
    if (asked.opened || asked.opening) {
        return;
    }
    asked.opening = true;
    const LearningTask task{name,
                            record.config.pool,
                            record.config.data,
                            record.config.policy,
                            record.config.seed,
                            record.promoted,
                            record.config.cost_exponent,
                            record.config.work_cost,
                            record.config.stock,
                            record.config.avoid_hazards};
    learning_.open(task, [this, name](Answer<OpenedModel> answer) {
        Campaign& campaign = campaigns_.at(name);
        campaign.opening = false;
        if (!answer.value) {
            ask_later(campaign, "the learner cannot open the campaign: " + answer.error);
            return;
        }
        campaign.failures = 0;
        campaign.opened = true;
        const std::string& warning = answer.value->warning;
        if (!warning.empty()) {
            raise_alarm(name, warning);
        }
        if (campaign.record.model != answer.value->model && campaign.record.model.empty()) {
            campaign.record.model = answer.value->model;
            campaign.record.data_snapshot = answer.value->data_snapshot;
            emit(name,
                 "MODEL_TRAINED",
                 "",
                 {{"model", answer.value->model},
                  {"data_snapshot", answer.value->data_snapshot},
                  {"kind", "base"},
                  {"details", parsed_or_null(answer.value->details_json)}});
            note_training(campaign, Training::Full, parsed_or_null(answer.value->details_json));
            promote(campaign, {answer.value->model, answer.value->data_snapshot, 0, ""}, "");
        }
        const auto known = labels(name);
        if (!known.empty() || answer.value->stale > 0) {
            // After a restart the learner is told everything again.
            learning_.observe(name, known, [this, name](Answer<OpenedModel> told) {
                Campaign& seen = campaigns_.at(name);
                if (told.value && seen.record.model != told.value->model) {
                    seen.record.model = told.value->model;  // its data may have grown meanwhile
                    seen.record.data_snapshot = told.value->data_snapshot;
                    touch(seen);
                }
                note_stale(seen, told.value ? told.value->stale : 0);
            });
        }
    });
}

void Core::schedule_all() {
    if (!resumed_) {
        return;
    }
    for (auto& [name, campaign] : campaigns_) {
        schedule(campaign);
    }
}

bool Core::has_unknowns(const std::string& campaign) const {
    return std::any_of(proposals_.begin(), proposals_.end(), [&](const auto& entry) {
        return entry.second.proposal.campaign == campaign &&
               entry.second.proposal.state == S::Unknown;
    });
}

void Core::schedule(Campaign& campaign) {
    CampaignRecord& record = campaign.record;
    const CampaignConfig& config = record.config;
    const bool spent = record.spent >= config.budget ||
                       (config.budget_cost && record.spent_cost >= *config.budget_cost);
    if (record.state == CampaignState::Restored && record.restored_unknowns &&
        !has_unknowns(record.name)) {
        end_restore(campaign);
    }
    if (record.state == CampaignState::Running && spent) {
        drain(campaign, "budget");
    } else if (record.state == CampaignState::Draining && record.drain_reason == "budget" &&
               !spent) {
        record.drain_reason.clear();
        set_state(campaign, CampaignState::Running, "CAMPAIGN_RESUMED", {{"reason", "refunded"}});
    }
    if (record.state == CampaignState::Draining) {
        bool settled = true;
        for (auto& [id, proposal] : proposals_) {
            if (proposal.proposal.campaign != record.name) {
                continue;
            }
            if (try_next(proposal.proposal.state, Input::CampaignStop) != nullptr) {
                advance(proposal,
                        Input::CampaignStop,
                        {{"reason", "campaign: " + record.drain_reason}});
            }
            settled = settled && is_settled(proposal.proposal.state);
        }
        if (settled && record.unread_observations.empty()) {
            set_state(campaign,
                      CampaignState::Finished,
                      "CAMPAIGN_FINISHED",
                      {{"reason", record.drain_reason}});
        }
    }
    if (record.state != CampaignState::Running) {
        say_what_stalls(campaign, "");
    }
    if (record.state != CampaignState::Finished) {
        train(campaign);  // before the refill: what is proposed next is to know of it
    }
    if (record.state == CampaignState::Running && campaign.opened) {
        refill(campaign);
    } else if (record.state == CampaignState::Running && refilling_ && !campaign.opening &&
               now() >= campaign.next_suggestion) {
        after_commit([this, name = record.name] { open_campaign(name); });
    }
}

/// One alarm while it is so, over restarts too.
void Core::say_what_stalls(Campaign& campaign, const std::string& stalls) {
    if (campaign.stalls == stalls) {
        return;
    }
    const std::string& name = campaign.record.name;
    for (const char* text : {kUnknownStall, kDeclinedStall}) {
        if (text != stalls) {
            close_alarm(name, text, "it goes on");
        }
    }
    if (!stalls.empty()) {
        raise_alarm(name, stalls);
    }
    campaign.stalls = stalls;
}

void Core::refill(Campaign& campaign) {
    const CampaignRecord& record = campaign.record;
    const CampaignConfig& config = record.config;
    if (!refilling_ || !campaign.opened || campaign.suggesting ||
        now() < campaign.next_suggestion) {
        return;
    }
    // Counted after each transaction: what a suggestion needs is put together when one is due.
    const OfferCount counted = count_offers(proposals_, record.name);
    const Means left = means_left(record);
    say_what_stalls(campaign, counted.stalls(config, left));
    SuggestRequest request;
    request.count = counted.room(config.open_offers, left);
    if (!counted.due(config) || counted.unknown >= config.max_unknown || request.count <= 0) {
        return;
    }
    for (const auto& [id, proposal] : proposals_) {
        if (proposal.proposal.campaign != record.name) {
            continue;
        }
        const bool free = is_free(proposal);
        if (!free && !is_done(proposal.proposal.state)) {
            request.pending.push_back(proposal.proposal.identity_key);
        } else if (!free || !tried_as(record.name, proposal.proposal.candidate).empty()) {
            request.excluded.push_back(proposal.proposal.identity_key);
        }
    }
    for (const auto& [id, seen] : observations_) {
        if (seen.campaign == record.name && seen.was_tried()) {
            request.excluded.push_back(seen.identity_key);
        }
    }
    request.excluded.insert(
        request.excluded.end(), campaign.passed_over.begin(), campaign.passed_over.end());
    request.campaign = record.name;
    request.seed = config.seed * 1'000'003u + static_cast<std::uint64_t>(record.batches);
    request.labels = labels(record.name);
    campaign.suggesting = true;
    after_commit([this, request = std::move(request)]() mutable {
        const std::string name = request.campaign;
        const std::uint64_t seed = request.seed;
        learning_.suggest(std::move(request), [this, name, seed](Answer<Suggestion> answer) {
            suggestion_done(name, seed, std::move(answer));
        });
    });
}

void Core::ask_later(Campaign& campaign, const std::string& problem) {
    const int wait_s = std::min(60, 1 << std::min(campaign.failures, 6));
    campaign.next_suggestion = now() + std::chrono::seconds(wait_s);
    if (++campaign.failures == 1) {
        raise_alarm(campaign.record.name, problem);
    }
}

void Core::suggestion_done(const std::string& name, std::uint64_t seed, Answer<Suggestion> answer) {
    Campaign& campaign = campaigns_.at(name);
    CampaignRecord& record = campaign.record;
    campaign.suggesting = false;
    if (!answer.value) {
        ask_later(campaign, "no suggestion: " + answer.error);
        return;
    }
    campaign.failures = 0;
    if (record.state != CampaignState::Running) {
        return;
    }
    std::set<std::string> taken;
    for (const auto& [id, proposal] : proposals_) {
        if (proposal.proposal.campaign == name && !is_free(proposal)) {
            taken.insert(proposal.proposal.identity_key);
        }
    }
    // The world may have moved while the learner thought: never more than is wanted now.
    const OfferCount counted = count_offers(proposals_, name);
    const Means left = means_left(record);
    int room = counted.room(record.config.open_offers, left);
    double purse = counted.purse(left);
    const std::string batch = make_ulid();
    const Suggestion& suggestion = *answer.value;
    bool any = false, too_dear = false;
    for (const auto& pick : suggestion.picks) {
        if (!tried_as(name, pick.candidate).empty()) {
            campaign.passed_over.insert(pick.key);  // not to be suggested again and again
            continue;
        }
        if (room <= 0 || taken.count(pick.key) != 0) {
            continue;
        }
        constexpr double kRounding = 1e-9;  // 0.3 less twice 0.1 is a little less than 0.1
        if (pick.cost > purse * (1.0 + kRounding)) {
            too_dear = true;
            continue;
        }
        taken.insert(pick.key);
        purse -= pick.cost;
        --room;
        any = true;
        Proposal proposal;
        proposal.batch = batch;
        proposal.candidate = pick.candidate;
        proposal.hazards = chemistry::hazards_of(pick.candidate);
        proposal.identity_key = pick.key;
        proposal.p = pick.p;
        proposal.interaction = pick.interaction;
        proposal.popularity = pick.popularity;
        proposal.uncertainty = pick.uncertainty;
        proposal.reason = pick.reason;
        proposal.nearest = pick.nearest;
        proposal.cost = pick.cost;
        proposal.provenance = {suggestion.model,
                               suggestion.data_snapshot,
                               suggestion.policy,
                               suggestion.kernel,
                               seed,
                               pick.score,
                               pick.acquisition_input};
        add_proposal(campaign, std::move(proposal), std::nullopt);
    }
    if (any) {
        ++record.batches;
        campaign.empty_answers = 0;
        touch(campaign);
        return;
    }
    if (!suggestion.picks.empty() && !too_dear) {
        campaign.next_suggestion = now() + std::chrono::seconds(1);
        return;
    }
    // Asked less and less often: neither a shelf nor a purse is filled within seconds.
    constexpr int kLongest = 10;
    const int wait_s = std::min(600, 1 << std::min(campaign.empty_answers, kLongest));
    campaign.next_suggestion = now() + std::chrono::seconds(wait_s);
    ++campaign.empty_answers;
    // What is out may come back, and the second answer knows of all that came back meanwhile.
    if (counted.all == 0 && counted.out == 0 && campaign.empty_answers > 1) {
        raise_alarm(
            name,
            (too_dear
                 ? "what is left of budget_cost pays for no candidate that was suggested; extend "
                   "the pool or the stock by cheaper ones"
                 : "the pool holds no candidate that may still be proposed: what was proposed or "
                   "tried, is reported, meets avoid_hazards or is not in stock stays out; extend "
                   "the pool or the stock") +
                std::string(", then cupel campaign resume ") + name);
        drain(campaign, "pool");
    }
}

std::string Core::add_proposal(Campaign& campaign,
                               Proposal proposal,
                               std::optional<std::string> edited_from) {
    proposal.id = make_ulid();
    proposal.campaign = campaign.record.name;
    proposal.attempt = 1;
    proposal.state = S::Proposed;
    if (proposal.identity_key.empty() || edited_from) {
        proposal.identity_key = identity_key(proposal.candidate);
    }
    proposal.learning_key = learning_key(proposal.candidate);
    const CampaignConfig& config = campaign.record.config;
    proposal.required_tags = config.required_tags;
    proposal.edited_from = std::move(edited_from);
    proposal.created = wall();
    const std::string id = proposal.id;
    ProposalRecord& record = proposals_[id];
    record.proposal = std::move(proposal);
    tell_proposed(record);
    const bool review =
        config.review || (config.review_hazards && !record.proposal.hazards.empty());
    advance(record, review ? Input::Review : Input::Automatic);
    return id;
}

void Core::tell_proposed(const ProposalRecord& record) {
    const Proposal& proposal = record.proposal;
    const Json first = record_json(record);
    history_.tell_first(proposal.id, first);
    emit(proposal.campaign,
         "PROPOSED",
         proposal.id,
         {{"state", to_string(proposal.state)},
          {"attempt", proposal.attempt},
          {"offer", to_json(proposal)},
          {"record", first}});
    touch(record);
}

std::vector<LearnerLabel> Core::labels(const std::string& campaign) const {
    // Repeats combine by best evidence, then by the best outcome.
    struct Best {
        LearnerLabel label;
        Evidence evidence = Evidence::None;
        std::string result;
    };
    std::map<std::string, Best> best;
    const Suspects& suspects = campaigns_.at(campaign).record.suspects;
    const auto add = [&](const Candidate& candidate,
                         const std::string& key,
                         const std::string& learning,
                         const Outcome& outcome,
                         Evidence evidence,
                         const std::string& result,
                         const std::string& acquisition_input) {
        const Label label = label_of(outcome);
        // What a reviewer has said is not under suspicion.
        const bool suspect = evidence != Evidence::Reviewer && suspects.holds(result);
        if ((!label.pair && !label.target) || suspect) {
            return;
        }
        Best next{{key,
                   learning,
                   candidate,
                   label.pair,
                   label.target,
                   label.provisional,
                   acquisition_input},
                  evidence,
                  result};
        const auto found = best.find(key);
        if (found == best.end()) {
            best.emplace(key, std::move(next));
            return;
        }
        const double old_target = found->second.label.target.value_or(0.0);
        const bool better =
            evidence > found->second.evidence ||
            (evidence == found->second.evidence && label.target.value_or(0.0) > old_target);
        if (better) {
            // What was promised before the first of them is held against the best of them.
            next.label.acquisition_input = found->second.label.acquisition_input;
            found->second = std::move(next);
        }
    };
    for (const auto& [id, record] : proposals_) {
        if (record.proposal.campaign == campaign && record.proposal.state == S::Labelled &&
            record.outcome) {
            add(record.proposal.candidate,
                record.proposal.identity_key,
                record.proposal.learning_key,
                *record.outcome,
                record.evidence,
                record.result,
                record.proposal.provenance.acquisition_input);
        }
    }
    for (const auto& [id, seen] : observations_) {
        if (seen.campaign == campaign) {
            add(seen.candidate,
                seen.identity_key,
                seen.learning_key,
                seen.outcome,
                seen.evidence,
                seen.result,
                "");
        }
    }
    // In the order in which they came: the learner goes on from those it knows.
    std::vector<Best*> in_order;
    for (auto& [key, entry] : best) {
        in_order.push_back(&entry);
    }
    std::sort(in_order.begin(), in_order.end(), [](const Best* a, const Best* b) {
        return std::tie(a->result, a->label.identity_key) <
               std::tie(b->result, b->label.identity_key);
    });
    std::vector<LearnerLabel> all;
    for (Best* entry : in_order) {
        all.push_back(std::move(entry->label));
    }
    return all;
}

void Core::tick() {
    probe_store();
    if (!trouble_.lasts()) {
        run_kept();
    }
    if (resume_at_ && now() >= *resume_at_) {
        resume_at_.reset();
        run([this] {
            for (auto& [name, campaign] : campaigns_) {
                campaign.opening = false;
                campaign.suggesting = false;
                campaign.training = false;
            }
            resume();
        });
        if (!resume_at_) {
            failures_ = 0;
        }
    }
    try_run([this] {
        expire_leases();
        expire_offers();
    });
}

void Core::say_of_lease(std::string_view event, ProposalRecord& record, Json body) {
    body["state"] = to_string(record.proposal.state);
    body["attempt"] = record.proposal.attempt;
    body["deadline"] = to_rfc3339(record.lease->wall_deadline);
    emit(record.proposal.campaign, event, record.proposal.id, std::move(body));
    touch(record);
}

void Core::expire_leases() {
    for (auto& [id, record] : proposals_) {
        if (!record.lease || !holds_lease(record.proposal.state)) {
            continue;
        }
        const Json details{{"holder", record.lease->holder}, {"fence", record.lease->fence}};
        switch (check(*record.lease, now())) {
            case LeaseCheck::Live:
                if (worth_warning(*record.lease, now())) {
                    record.lease->warned = true;
                    say_of_lease("LEASE_EXPIRING", record, details);
                }
                break;
            case LeaseCheck::Overdue:
                note_overdue(*record.lease, now(), wall());
                say_of_lease("LEASE_OVERDUE", record, details);
                break;
            case LeaseCheck::Expired:
                advance(record, Input::LeaseExpiry, details);
                break;
        }
    }
}

void Core::expire_offers() {
    for (auto& [id, record] : proposals_) {
        const double ttl = campaign_of(record).record.config.offer_ttl_s;
        const S state = record.proposal.state;
        if (ttl <= 0 || (state != S::Offered && state != S::InReview)) {
            continue;
        }
        const Timestamp since = state == S::Offered ? record.offered_at : record.proposal.created;
        if (std::chrono::duration_cast<Seconds>(wall() - since).count() >= ttl) {
            advance(record, Input::OfferExpiry, {{"reason", "the offer stood too long"}});
        }
    }
}

}  // namespace cupel::controller
