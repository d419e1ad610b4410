// May a retrained model serve? Both are judged on rows that neither was trained on.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cupel::workbench {

/// Rows with what both models say of them; logits of one and the same row stand side by side.
struct JudgedRows {
    std::vector<double> labels;         ///< 0..1
    std::vector<double> before, after;  ///< logits

    void add(double label, double logit_before, double logit_after) {
        labels.push_back(label);
        before.push_back(logit_before);
        after.push_back(logit_after);
    }
    std::size_t size() const { return labels.size(); }
};

struct GateReport {
    bool promoted = false;
    bool finite = true;
    std::size_t anchor_rows = 0, fresh_rows = 0, retention_rows = 0;
    /// Of the anchor; nothing when it lacks one class.
    std::optional<double> anchor_auc_before, anchor_auc_after;
    double log_loss_before = 0.0, log_loss_after = 0.0;  ///< of anchor and fresh rows together
    // Nothing where the rows are too few to judge.
    std::optional<double> probability_worse;     ///< that the new model's log loss is worse
    std::optional<double> probability_auc_fell;  ///< that the anchor's AUC fell by more than 0.01
    std::optional<double> retention_auc_before, retention_auc_after;
    std::string text;  ///< one line with the verdict, its reason and the figures
};

/// `anchor`: a tenth of the labelled rows, with negatives; `fresh`: labels that arrived since both
/// models were fitted; `retention`: replay rows left out of this retraining, which are reported and
/// decide nothing (the old model was trained on them). Promoted unless a paired bootstrap (1,000)
/// says that the log loss of anchor and fresh rows is worse with 95 %, or that the anchor's AUC
/// fell by more than 0.01 with 80 %, or a logit is no number. Fewer than ten rows do not refuse by
/// their loss, nor by their AUC, which also needs five hits and five others: only what is no number
/// does. The same rows, the same answer.
GateReport judge_promotion(const JudgedRows& anchor,
                           const JudgedRows& fresh,
                           const JudgedRows& retention);

}  // namespace cupel::workbench
