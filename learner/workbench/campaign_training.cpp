// Warm and full retraining of a campaign's model, behind the gate.
#include <algorithm>
#include <set>

#include <cupel/workbench/promotion_gate.hpp>

#include "anchor.hpp"
#include "campaign_session_impl.hpp"

namespace cupel::workbench {
namespace {

using learner::LabelledPair;
using learner::Pair;

/// Share of the known clusters that a warm retraining goes through again.
constexpr double kReplayed = 0.6;

struct Rows {
    std::vector<Pair> pairs;
    std::vector<double> labels;
    void add(const Pair& pair, double label) {
        pairs.push_back(pair);
        labels.push_back(label);
    }
};

/// The pairs as positives, and four times as many swaps of them that nobody reported.
Rows with_swaps(const Dataset& data, const std::vector<Pair>& positives) {
    Rows rows;
    const std::set<Pair> known(data.known.begin(), data.known.end());
    for (const auto& pair : positives) {
        rows.add(pair, 1.0);
    }
    for (std::size_t step = 1; step <= 4 && step < positives.size(); ++step) {
        for (std::size_t i = 0; i < positives.size(); ++i) {
            const Pair swapped{positives[i].core, positives[(i + step) % positives.size()].set};
            if (known.count(swapped) == 0) {
                rows.add(swapped, 0.0);
            }
        }
    }
    return rows;
}

JudgedRows judged(const std::vector<double>& labels,
                  const std::vector<double>& before,
                  const std::vector<double>& after) {
    return {labels, before, after};
}

}  // namespace

std::vector<Pair> CampaignSession::Impl::known_part(bool wanted) const {
    std::vector<Pair> result;
    for (std::size_t i = 0; i < data.known.size(); ++i) {
        if ((anchor[i] != 0) == wanted) {
            result.push_back(data.known[i]);
        }
    }
    return result;
}

/// Another part each time: what is left out this time is gone through the next times.
std::vector<Pair> CampaignSession::Impl::left_out(const std::vector<Pair>& known,
                                                  const std::string& salt) const {
    std::vector<Pair> result;
    for (const auto& pair : known) {
        const std::string key = data.catalogue.core_key(pair.core) + "|" +
                                data.catalogue.set_key(pair.set) + " " + salt;
        if (hash_share("replay " + key) >= kReplayed) {
            result.push_back(pair);
        }
    }
    return result;
}

/// What the networks keep of rows they did not go through again: the kernel member, which is
/// refitted on everything, would know them, so one that does not stands in for it in both models.
JudgedRows CampaignSession::Impl::judge_retention(const learner::Learner& candidate,
                                                  const std::vector<Pair>& retained,
                                                  const std::vector<LabelledPair>& taught) const {
    if (retained.empty()) {
        return {};
    }
    const std::set<Pair> skipped(retained.begin(), retained.end());
    std::vector<Pair> rest;
    for (const auto& pair : known_part(false)) {
        if (skipped.count(pair) == 0) {
            rest.push_back(pair);
        }
    }
    const auto rows = with_swaps(data, retained);
    const auto fits = [&](const learner::Learner& judge) {
        return judge.with_kernel_of(data.catalogue, rest, taught)
            .interaction(data.catalogue, rows.pairs);
    };
    return judged(rows.labels, fits(model), fits(candidate));
}

GateReport CampaignSession::Impl::judge(const learner::Learner& candidate,
                                        bool anchor_unseen,
                                        const std::vector<Pair>& retained,
                                        const std::vector<LabelledPair>& taught) {
    const auto unseen = [&](const Pair& pair) {
        return !model.has_trained_on(data.catalogue, pair) &&
               !candidate.has_trained_on(data.catalogue, pair);
    };
    Rows fresh;
    std::set<Pair> labelled;
    for (const auto& label : pairs_of(labels)) {
        labelled.insert(label.pair);
        if (label.pair_label >= 0.0 && !label.provisional && unseen(label.pair)) {
            fresh.add(label.pair, label.pair_label);
        }
    }
    const std::vector<Pair> kept = known_part(true);
    const Rows with_measured = with_swaps(data, anchor_unseen ? kept : std::vector<Pair>{});
    Rows rows;
    for (std::size_t i = 0; i < with_measured.pairs.size(); ++i) {
        // A swap that was measured is no longer one that nobody reported.
        const Pair& pair = with_measured.pairs[i];
        const bool is_swap = with_measured.labels[i] < 0.5;
        if (unseen(pair) && !(is_swap && labelled.count(pair) != 0)) {
            rows.add(pair, with_measured.labels[i]);
        }
    }
    const JudgedRows on_anchor = judged(rows.labels,
                                        model.interaction(data.catalogue, rows.pairs),
                                        candidate.interaction(data.catalogue, rows.pairs));
    GateReport report =
        judge_promotion(on_anchor,
                        judged(fresh.labels,
                               model.logits_before_experiments(data.catalogue, fresh.pairs),
                               candidate.logits_before_experiments(data.catalogue, fresh.pairs)),
                        judge_retention(candidate, retained, taught));
    if (!anchor_unseen && !kept.empty()) {
        report.text +=
            "; the model may have been trained on anchor rows, which judge again after the next "
            "promoted full training";
    }
    return report;
}

TrainingReport CampaignSession::train(bool full,
                                      const std::vector<SessionLabel>& labels,
                                      const learner::ProgressCallback& progress) {
    Impl& m = *impl_;
    TrainingReport report;
    observe(labels);
    report.parent = m.model.hash();
    // One label in ten stays with the gate; the head still learns of it when the training is over.
    std::vector<SessionLabel> taught;
    for (const auto& label : m.labels) {
        if (!is_anchor_key(label.learning_key)) {
            taught.push_back(label);
        }
    }
    const auto experiments = m.pairs_of(taught);
    const std::vector<Pair> known = m.known_part(false);
    report.rows = known.size() + experiments.size();
    const int warm_epochs = std::max(5, m.options.learner.epochs / 4);
    const auto left_out = full ? std::vector<Pair>{} : m.left_out(known, report.parent);
    auto candidate =
        full ? learner::Learner::train(
                   m.data.catalogue, known, experiments, m.options.learner, progress)
             : m.model.retrained(
                   m.data.catalogue, known, experiments, warm_epochs, progress, left_out);
    const bool parent_kept = has_kept_anchor(m.options.models, m.model.encoder_hash());
    report.gate = m.judge(candidate, parent_kept, left_out, experiments);
    candidate.observe(m.data.catalogue, m.pairs_of(m.labels));
    report.candidate = candidate.hash();
    report.promoted = report.gate.promoted;
    if (report.promoted) {
        m.model = std::move(candidate);
        m.refresh();
        m.model.save(m.options.models);
        // A warm training goes on from what its parent saw.
        if ((full || parent_kept) && !m.known_part(true).empty()) {
            note_kept_anchor(m.options.models, m.model.encoder_hash());
        }
    }
    report.model = m.model.hash();
    return report;
}

std::size_t CampaignSession::forget(const std::vector<std::string>& models) {
    std::vector<std::string> gone;
    for (const auto& model : models) {
        if (model != impl_->model.hash()) {
            gone.push_back(model);
            impl_->recalled.erase(model);
        }
    }
    return learner::Learner::remove(impl_->options.models, gone);
}

void CampaignSession::roll_back(const std::string& model, const std::vector<SessionLabel>& labels) {
    Impl& m = *impl_;
    m.model = model.empty() ? m.base_model({})
                            : learner::Learner::load(m.options.models, model, m.options.learner);
    m.refresh();
    observe(labels);
}

}  // namespace cupel::workbench
