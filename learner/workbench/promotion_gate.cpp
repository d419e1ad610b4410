// Paired bootstrap over log loss and over the area under the curve.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>

#include <cupel/learner/laplace_head.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/workbench/promotion_gate.hpp>

namespace cupel::workbench {
namespace {

constexpr int kDraws = 1000;
constexpr std::uint64_t kSeed = 7;
constexpr double kWorse = 0.95;  ///< certainty at which a worse log loss refuses
constexpr double kFallAllowed = 0.01;
constexpr double kFell = 0.80;  ///< certainty at which a fallen AUC refuses
/// Resamplings of a few rows are nearly all alike: one row gives probabilities of 0 and 1 only.
constexpr std::size_t kFewestRows = 10;
constexpr std::ptrdiff_t kFewestOfClass = 5;  ///< of hits and of others, for an AUC

std::vector<int> classes_of(const std::vector<double>& labels) {
    std::vector<int> result;
    for (const double label : labels) {
        result.push_back(label >= 0.5 ? 1 : 0);
    }
    return result;
}

bool enough_for_auc(const std::vector<int>& classes) {
    return classes.size() >= kFewestRows &&
           std::count(classes.begin(), classes.end(), 0) >= kFewestOfClass &&
           std::count(classes.begin(), classes.end(), 1) >= kFewestOfClass;
}

double loss_of(double label, double logit) {
    return learner::log_loss({label}, {learner::sigmoid(logit)});
}

// The rows hold both classes; nothing when no resampling does.
std::optional<double> probability_that_auc_fell(const JudgedRows& rows) {
    const std::vector<int> classes = classes_of(rows.labels);
    std::mt19937_64 random(kSeed);
    int fell = 0;
    int judged = 0;
    std::vector<int> drawn(rows.size());
    std::vector<double> before(rows.size()), after(rows.size());
    for (int draw = 0; draw < kDraws; ++draw) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::size_t row = random() % rows.size();
            drawn[i] = classes[row];
            before[i] = rows.before[row];
            after[i] = rows.after[row];
        }
        const auto auc_before = learner::roc_auc(drawn, before);
        const auto auc_after = learner::roc_auc(drawn, after);
        if (auc_before && auc_after) {
            ++judged;
            fell += *auc_before - *auc_after > kFallAllowed ? 1 : 0;
        }
    }
    if (judged == 0) {
        return std::nullopt;
    }
    return static_cast<double>(fell) / judged;
}

bool all_finite(const JudgedRows& rows) {
    const auto fine = [](double logit) { return std::isfinite(logit); };
    return std::all_of(rows.after.begin(), rows.after.end(), fine);
}

double mean(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) {
        sum += value;
    }
    return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

std::string verdict_of(const GateReport& report) {
    if (!report.finite) {
        return "refused: the model gives numbers that are none";
    }
    if (report.probability_worse >= kWorse) {
        return "refused: its log loss is worse";
    }
    return report.probability_auc_fell >= kFell ? "refused: its anchor AUC fell" : "promoted";
}

std::string number(std::optional<double> value, int digits) {
    if (!value) {
        return "-";
    }
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, *value);
    return text;
}

std::string from_to(std::optional<double> before, std::optional<double> after) {
    return number(before, 3) + " -> " + number(after, 3);
}

std::string certainty(const char* name, std::optional<double> probability) {
    return probability ? name + number(probability, 2) : "too few rows to judge";
}

std::string figures_of(const GateReport& report) {
    std::string text = ": anchor AUC " +
                       from_to(report.anchor_auc_before, report.anchor_auc_after) + ", " +
                       certainty("P(fell) ", report.probability_auc_fell) + "; log loss " +
                       from_to(report.log_loss_before, report.log_loss_after) + ", " +
                       certainty("P(worse) ", report.probability_worse) + " (" +
                       std::to_string(report.anchor_rows) + " anchor, " +
                       std::to_string(report.fresh_rows) + " fresh rows)";
    if (report.retention_rows > 0) {
        text +=
            "; left out: AUC " + from_to(report.retention_auc_before, report.retention_auc_after);
    }
    return text;
}

}  // namespace

GateReport judge_promotion(const JudgedRows& anchor,
                           const JudgedRows& fresh,
                           const JudgedRows& retention) {
    GateReport report;
    report.anchor_rows = anchor.size();
    report.fresh_rows = fresh.size();
    report.retention_rows = retention.size();
    report.finite = all_finite(anchor) && all_finite(fresh) && all_finite(retention);
    if (report.finite) {
        std::vector<double> before, after, worse;
        for (const JudgedRows* rows : {&anchor, &fresh}) {
            for (std::size_t i = 0; i < rows->size(); ++i) {
                before.push_back(loss_of(rows->labels[i], rows->before[i]));
                after.push_back(loss_of(rows->labels[i], rows->after[i]));
                worse.push_back(after.back() - before.back());
            }
        }
        report.log_loss_before = mean(before);
        report.log_loss_after = mean(after);
        if (worse.size() >= kFewestRows) {
            report.probability_worse = learner::bootstrap_above_zero(worse, kDraws, kSeed);
        }
        const auto classes = classes_of(anchor.labels);
        report.anchor_auc_before = learner::roc_auc(classes, anchor.before);
        report.anchor_auc_after = learner::roc_auc(classes, anchor.after);
        if (enough_for_auc(classes)) {
            report.probability_auc_fell = probability_that_auc_fell(anchor);
        }
        const auto kept = classes_of(retention.labels);
        report.retention_auc_before = learner::roc_auc(kept, retention.before);
        report.retention_auc_after = learner::roc_auc(kept, retention.after);
    }
    const std::string verdict = verdict_of(report);
    report.promoted = verdict == "promoted";
    report.text = verdict + figures_of(report);
    return report;
}

}  // namespace cupel::workbench
