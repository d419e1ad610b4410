// Trainings at three speeds, promotions behind the gate, and the way back to an earlier model.
#include <algorithm>
#include <map>
#include <utility>

#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/offer_count.hpp"
#include "core.hpp"

namespace cupel::controller {
namespace {

using S = ProposalState;

constexpr std::size_t kModelsKept = 5;  ///< to which one can go back

/// Nothing more is to come of it, as far as the model's promise goes.
bool has_ended(S state) {
    return is_done(state) || state == S::Unknown;
}

struct BatchOfProposals {
    WatchedBatch sums;
    std::int64_t number = 0;  ///< how many batches were proposed before it
    bool finished = true;
};

/// The batches of a campaign in order of proposal.
std::map<std::string, BatchOfProposals> batches_of(
    const std::string& campaign, const std::map<std::string, ProposalRecord>& proposals) {
    std::map<std::string, BatchOfProposals> batches;
    for (const auto& [id, record] : proposals) {
        const Proposal& proposal = record.proposal;
        if (proposal.campaign != campaign || !proposal.p || proposal.batch.empty()) {
            continue;
        }
        BatchOfProposals& batch = batches[proposal.batch];
        batch.finished = batch.finished && has_ended(proposal.state);
        const auto label = record.outcome ? label_of(*record.outcome).pair : std::nullopt;
        if (proposal.state == S::Labelled && label) {
            batch.sums.hits += *label;
            batch.sums.expected += *proposal.p;
            batch.sums.spread += *proposal.p * *proposal.p;
        }
    }
    std::int64_t number = 0;
    for (auto& [id, batch] : batches) {
        batch.number = number++;
    }
    return batches;
}

}  // namespace

void Core::labels_changed(Campaign& campaign) {
    ++campaign.record.labels_since_training;
    ++campaign.record.labels_since_full;
    touch(campaign);
    watch(campaign);
    if (std::exchange(campaign.telling, true)) {
        return;  // one telling per transaction: all labels are told at once
    }
    after_commit([this, name = campaign.record.name] { tell_labels(name); });
}

void Core::tell_labels(const std::string& name) {
    Campaign& changed = campaigns_.at(name);
    changed.telling = false;
    const bool rolled_back = std::exchange(changed.rolled_back, false);
    const auto told = [this, name, rolled_back](Answer<OpenedModel> answer) {
        Campaign& seen = campaigns_.at(name);
        if (answer.value) {
            seen.record.data_snapshot = answer.value->data_snapshot;
            seen.record.model = answer.value->model;
            note_stale(seen, answer.value->stale);
            touch(seen);
        } else if (rolled_back) {
            raise_alarm(name, "the learner cannot go back to the earlier model: " + answer.error);
        }
    };
    if (rolled_back) {
        learning_.roll_back(name, changed.record.promoted, labels(name), told);
        return;
    }
    learning_.observe(name, labels(name), told);
}

Training Core::next_training_of(const Campaign& campaign) const {
    const CampaignRecord& record = campaign.record;
    TrainingState state;
    state.train_every = record.config.train_every;
    state.full_every_h = record.config.train_full_h;
    state.since_training = record.labels_since_training;
    state.rows_at_full = record.rows_at_full;
    state.since_full = record.labels_since_full;
    state.anchor_falls = record.anchor_falls;
    state.drifting = campaign.drifting;
    state.taken_back = campaign.taken_back;
    if (record.last_full != Timestamp{}) {
        state.hours_since_full =
            std::chrono::duration<double, std::ratio<3600>>(wall() - record.last_full).count();
    }
    return next_training(state);
}

void Core::train(Campaign& campaign) {
    if (campaign.training || !campaign.opened || !refilling_ || campaign.rolled_back) {
        return;
    }
    const Training kind = next_training_of(campaign);
    if (kind == Training::None) {
        return;
    }
    campaign.training = true;
    campaign.taken_back = false;
    const std::string name = campaign.record.name;
    after_commit([this, name, kind] {
        Campaign& asked = campaigns_.at(name);
        const int seen = asked.record.labels_since_training;
        const std::int64_t rollbacks = asked.rollbacks;
        const std::string until = make_ulid();
        learning_.train(name,
                        kind == Training::Full,
                        labels(name),
                        [this, name, kind, seen, rollbacks, until](Answer<TrainedModel> answer) {
                            Campaign& trained = campaigns_.at(name);
                            trained.record.labels_since_training =
                                std::max(0, trained.record.labels_since_training - seen);
                            if (trained.rollbacks != rollbacks && answer.value) {
                                // It was trained on what is under suspicion; the learner was told
                                // to go back after it.
                                answer.value->promoted = false;
                            }
                            training_done(name, kind, until, std::move(answer));
                        });
    });
}

/// One training for each label that is taken back: what the gate refused once is not asked for
/// again and again. A training that is under way was asked for after the labels that this answers.
void Core::note_stale(Campaign& campaign, int stale) {
    campaign.taken_back =
        !campaign.training && stale > 0 && (campaign.taken_back || stale > campaign.stale);
    campaign.stale = stale;
}

void Core::note_training(Campaign& campaign, Training kind, const Json& details) {
    CampaignRecord& record = campaign.record;
    const Json gate = details.is_object() ? details.value("gate", Json::object()) : Json::object();
    // null where the anchor is too small to have one: such a training says nothing of a fall.
    const Json before = gate.value("anchor_auc_before", Json());
    const Json after = gate.value("anchor_auc_after", Json());
    if (before.is_number() && after.is_number()) {
        record.anchor_falls =
            after.get<double>() < before.get<double>() ? record.anchor_falls + 1 : 0;
    }
    if (kind != Training::Full) {
        return;
    }
    record.labels_since_full = 0;
    record.anchor_falls = 0;
    record.last_full = wall();
    if (details.is_object() && details.contains("rows")) {
        record.rows_at_full = details["rows"].get<int>();
    } else if (details.is_object() && details.contains("data_keys")) {
        record.rows_at_full = static_cast<int>(details["data_keys"].size());
    }
    touch(campaign);
}

void Core::training_done(const std::string& name,
                         Training kind,
                         const std::string& labels_until,
                         Answer<TrainedModel> answer) {
    Campaign& campaign = campaigns_.at(name);
    campaign.training = false;
    touch(campaign);
    if (!answer.value) {
        if (kind == Training::Full) {
            campaign.record.last_full = wall();  // not again before tomorrow
        }
        raise_alarm(name, "training failed, the last good model stays: " + answer.error);
        return;
    }
    const TrainedModel& trained = *answer.value;
    const std::string& made = trained.candidate.empty() ? trained.model : trained.candidate;
    const Json details = parsed_or_null(trained.details_json);
    emit(name,
         "MODEL_TRAINED",
         "",
         {{"model", made},
          {"parent", trained.parent},
          {"data_snapshot", trained.data_snapshot},
          {"kind", to_string(kind)},
          {"labels", labels(name).size()},
          {"details", details}});
    note_training(campaign, kind, details);
    if (!trained.promoted) {
        emit(name, "MODEL_REFUSED", "", {{"model", made}, {"details", details}});
        return;
    }
    campaign.stale = 0;
    promote(campaign,
            {trained.model, trained.data_snapshot, campaign.record.batches, labels_until},
            trained.parent);
    forget_models(campaign);
    if (campaign.record.config.supersede == Supersede::Withdraw) {
        for (auto& [id, record] : proposals_) {
            if (record.proposal.campaign == name &&
                try_next(record.proposal.state, Input::Supersede) != nullptr) {
                advance(record, Input::Supersede, {{"reason", "superseded by " + trained.model}});
            }
        }
    }
}

void Core::promote(Campaign& campaign, PromotedModel model, const std::string& before) {
    Json body{{"model", model.model}};
    if (!before.empty()) {
        body["before"] = before;
        campaign.record.promoted = model.model;
    }
    emit(campaign.record.name, "MODEL_PROMOTED", "", std::move(body));
    campaign.record.model = model.model;
    campaign.record.data_snapshot = model.data_snapshot;
    campaign.record.models.push_back(std::move(model));
    touch(campaign);
}

/// Five are kept to go back to, and whatever a proposal names for as long as there is a store.
void Core::forget_models(Campaign& campaign) {
    auto& models = campaign.record.models;
    if (models.size() <= kModelsKept) {
        return;
    }
    std::vector<std::string> gone;
    while (models.size() > kModelsKept) {
        gone.push_back(models.front().model);
        models.erase(models.begin());
    }
    const auto is_needed = [this](const std::string& model) {
        const auto proposed = [&](const auto& entry) {
            return entry.second.proposal.provenance.model == model;
        };
        const auto kept = [&](const auto& entry) {
            const auto& all = entry.second.record.models;
            return entry.second.record.model == model || entry.second.record.promoted == model ||
                   std::any_of(all.begin(), all.end(), [&](const PromotedModel& one) {
                       return one.model == model;
                   });
        };
        return std::any_of(proposals_.begin(), proposals_.end(), proposed) ||
               std::any_of(campaigns_.begin(), campaigns_.end(), kept);
    };
    gone.erase(std::remove_if(gone.begin(), gone.end(), is_needed), gone.end());
    if (!gone.empty()) {
        // Their files go for good: not before the disk knows that nobody needs them.
        after_commit([this, name = campaign.record.name, gone] {
            announcements_.after_all([this, name, gone] {
                post_([this, name, gone] { learning_.forget(name, gone); });
            });
        });
    }
}

void Core::watch(Campaign& campaign) {
    CampaignRecord& record = campaign.record;
    if (!learning_.keeps_models() || record.models.empty()) {
        return;
    }
    // The whole history each time: what was amended or overruled counts as it stands now.
    RollbackWatch watch;
    WatchFigures last;
    std::vector<std::int64_t> numbers;
    std::string newest;
    for (const auto& [id, batch] : batches_of(record.name, proposals_)) {
        if (!batch.finished || batch.sums.expected <= 0.0) {
            continue;
        }
        last = watch.add(batch.sums);
        if (id <= record.watched_until) {
            watch.restart();
        }
        numbers.push_back(batch.number);
        newest = id;
    }
    if (newest.empty() || newest <= record.watched_until) {
        campaign.drifting = false;
        return;
    }
    campaign.drifting = last.sum > 0.5 * RollbackWatch::kThreshold;
    if (!last.alarm) {
        return;
    }
    record.watched_until = newest;
    campaign.drifting = false;
    // Back to the parent of the model that proposed the first batch that fell short.
    const std::int64_t first = numbers[numbers.size() - last.rising];
    std::size_t culprit = 0;
    while (culprit + 1 < record.models.size() && record.models[culprit + 1].since_batch <= first) {
        ++culprit;
    }
    const std::size_t to = culprit > 0 ? culprit - 1 : 0;
    if (to + 1 >= record.models.size()) {
        raise_alarm(record.name,
                    "the model keeps less than it promises and there is no earlier one to go back "
                    "to: " +
                        last.text());
        touch(campaign);
        return;
    }
    roll_back(campaign, to, last);
}

void Core::roll_back(Campaign& campaign, std::size_t to, const WatchFigures& figures) {
    CampaignRecord& record = campaign.record;
    const std::string before = record.models.back().model;
    record.models.erase(record.models.begin() + static_cast<std::ptrdiff_t>(to) + 1,
                        record.models.end());
    const PromotedModel& back = record.models.back();
    record.model = record.promoted = back.model;
    record.data_snapshot = back.data_snapshot;
    ++campaign.rollbacks;
    const std::string reason = "the model keeps less than it promises: " + figures.text();
    // What an earlier alarm holds under suspicion stays there until this one is acknowledged.
    const bool held = !record.suspects.until.empty();
    record.suspects.after =
        held ? std::min(record.suspects.after, back.labels_until) : back.labels_until;
    record.suspects.until = make_ulid();
    record.suspects.alarm = raise_alarm(
        record.name,
        reason + "; the earlier model " + back.model.substr(0, 12) +
            " serves again, and what was learnt since teaches nothing until this alarm is "
            "acknowledged (cupel ack): look at those results first");
    emit(record.name,
         "MODEL_ROLLED_BACK",
         "",
         {{"model", back.model},
          {"before", before},
          {"reason", reason},
          {"details",
           {{"sum", figures.sum},
            {"threshold", RollbackWatch::kThreshold},
            {"hits", figures.hits},
            {"expected", figures.expected},
            {"correction", figures.correction},
            {"batches", figures.rising},
            {"suspects_after", record.suspects.after},
            {"suspects_until", record.suspects.until},
            {"watched_until", record.watched_until},
            {"alarm", record.suspects.alarm}}}});
    record.labels_since_training = 0;
    touch(campaign);
    campaign.rolled_back = true;
    if (!std::exchange(campaign.telling, true)) {
        after_commit([this, name = record.name] { tell_labels(name); });
    }
}

void Core::trust_suspects(Campaign& campaign) {
    campaign.record.suspects = {};
    labels_changed(campaign);
}

}  // namespace cupel::controller
