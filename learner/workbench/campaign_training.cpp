// Warm and full retraining of a campaign's model, behind the gate.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include <cupel/domain/sha256.hpp>
#include <cupel/learner/metrics.hpp>

#include "campaign_session_impl.hpp"

namespace cupel::workbench {
namespace {

using learner::LabelledPair;
using learner::Pair;

/// The rows both models are judged on: neither was trained on them.
struct GateRows {
    std::vector<Pair> pairs;
    std::vector<double> labels;
    std::vector<int> positive;
};

GateRows gate_rows(const Dataset& data, const std::vector<Pair>& anchor) {
    GateRows rows;
    const std::set<Pair> known(data.known.begin(), data.known.end());
    const auto add = [&](const Pair& pair, int positive) {
        rows.pairs.push_back(pair);
        rows.labels.push_back(positive);
        rows.positive.push_back(positive);
    };
    for (const auto& pair : anchor) {
        add(pair, 1);
    }
    for (std::size_t step = 1; step <= 4 && step < anchor.size(); ++step) {
        for (std::size_t i = 0; i < anchor.size(); ++i) {
            const Pair swapped{anchor[i].core, anchor[(i + step) % anchor.size()].set};
            if (known.count(swapped) == 0) {
                add(swapped, 0);
            }
        }
    }
    return rows;
}

struct Judged {
    double auc = 0.5, log_loss = 0.0;
    std::vector<double> losses;
    bool finite = true;
};

Judged judge(const learner::Learner& model,
             const learner::Catalogue& catalogue,
             const GateRows& rows) {
    Judged result;
    const auto logits = model.interaction(catalogue, rows.pairs);
    std::vector<double> probabilities;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        probabilities.push_back(learner::sigmoid(logits[i]));
        result.finite = result.finite && std::isfinite(logits[i]);
        result.losses.push_back(learner::log_loss({rows.labels[i]}, {probabilities.back()}));
    }
    result.auc = learner::roc_auc(rows.positive, logits);
    result.log_loss = learner::log_loss(rows.labels, probabilities);
    return result;
}

}  // namespace

std::vector<Pair> CampaignSession::Impl::known_part(bool anchor) const {
    std::vector<Pair> result;
    for (const auto& pair : data.known) {
        const std::string hash = sha256_hex("anchor " + data.catalogue.core_key(pair.core) + "|" +
                                            data.catalogue.set_key(pair.set));
        if ((std::stoul(hash.substr(0, 8), nullptr, 16) % 10 == 0) == anchor) {
            result.push_back(pair);
        }
    }
    return result;
}

TrainingReport CampaignSession::train(bool full,
                                      const std::vector<SessionLabel>& labels,
                                      const learner::ProgressCallback& progress) {
    Impl& m = *impl_;
    TrainingReport report;
    observe(labels);
    report.parent = m.model.hash();
    const auto experiments = m.pairs_of(m.labels);
    const std::vector<Pair> known = m.known_part(false);
    const int warm_epochs = std::max(5, m.options.learner.epochs / 4);
    auto candidate =
        full ? learner::Learner::train(
                   m.data.catalogue, known, experiments, m.options.learner, progress)
             : m.model.retrained(m.data.catalogue, known, experiments, warm_epochs, progress);
    const GateRows rows = gate_rows(m.data, m.known_part(true));
    const Judged before = judge(m.model, m.data.catalogue, rows);
    const Judged after = judge(candidate, m.data.catalogue, rows);
    std::vector<double> worse;
    for (std::size_t i = 0; i < rows.pairs.size(); ++i) {
        worse.push_back(after.losses[i] - before.losses[i]);
    }
    report.anchor_auc_before = before.auc;
    report.anchor_auc_after = after.auc;
    report.log_loss_before = before.log_loss;
    report.log_loss_after = after.log_loss;
    report.gate_rows = rows.pairs.size();
    report.probability_worse = learner::bootstrap_above_zero(worse, 1000, 7);
    report.promoted =
        after.finite && report.probability_worse < 0.95 && after.auc > before.auc - 0.02;
    char text[160];
    std::snprintf(text,
                  sizeof(text),
                  "%s: anchor AUC %.3f -> %.3f, log loss %.3f -> %.3f, P(worse) %.2f",
                  report.promoted ? "promoted" : "refused",
                  before.auc,
                  after.auc,
                  before.log_loss,
                  after.log_loss,
                  report.probability_worse);
    report.text = text;
    if (report.promoted) {
        m.model = std::move(candidate);
        m.refresh();
        m.model.save(m.options.models);
    }
    report.model = m.model.hash();
    return report;
}

}  // namespace cupel::workbench
