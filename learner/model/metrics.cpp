// AUC by ranks, log loss, bootstraps over the same pairs.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <cupel/domain/calibration_error.hpp>
#include <cupel/learner/metrics.hpp>

namespace cupel::learner {
namespace {

// AUC with pair i counted `times[i]` times; `order` sorts the scores. Nothing without both classes.
std::optional<double> weighted_auc(const std::vector<int>& labels,
                                   const std::vector<double>& scores,
                                   const std::vector<std::size_t>& order,
                                   const std::vector<double>& times) {
    double below = 0.0;
    double won = 0.0;
    double positives = 0.0;
    for (std::size_t i = 0; i < order.size();) {
        double tied_positive = 0.0;
        double tied_negative = 0.0;
        std::size_t j = i;
        for (; j < order.size() && scores[order[j]] == scores[order[i]]; ++j) {
            (labels[order[j]] != 0 ? tied_positive : tied_negative) += times[order[j]];
        }
        won += tied_positive * (below + 0.5 * tied_negative);
        below += tied_negative;
        positives += tied_positive;
        i = j;
    }
    if (positives * below > 0.0) {
        return won / (positives * below);
    }
    return std::nullopt;
}

std::vector<std::size_t> sorted_order(const std::vector<double>& scores) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return scores[a] < scores[b];
    });
    return order;
}

// Our own draw: std::uniform_int_distribution differs between standard libraries.
std::size_t draw_below(std::mt19937_64& random, std::size_t n) {
    return static_cast<std::size_t>(random() % n);
}

}  // namespace

std::optional<double> roc_auc(const std::vector<int>& labels, const std::vector<double>& scores) {
    return weighted_auc(
        labels, scores, sorted_order(scores), std::vector<double>(labels.size(), 1.0));
}

double log_loss(const std::vector<double>& labels, const std::vector<double>& probabilities) {
    double sum = 0.0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const double p = std::clamp(probabilities[i], 1e-6, 1.0 - 1e-6);
        sum -= labels[i] * std::log(p) + (1.0 - labels[i]) * std::log(1.0 - p);
    }
    return labels.empty() ? 0.0 : sum / static_cast<double>(labels.size());
}

Reliability reliability_of(const std::vector<double>& labels,
                           const std::vector<double>& probabilities) {
    Reliability result;
    const std::size_t n = labels.size();
    result.count = n;
    if (n == 0) {
        return result;
    }
    for (std::size_t i = 0; i < n; ++i) {
        const double error = probabilities[i] - labels[i];
        result.brier += error * error / static_cast<double>(n);
        result.base_rate += labels[i] / static_cast<double>(n);
    }
    result.ece = calibration_error(probabilities, labels);
    double reference = 0.0;
    for (const double label : labels) {
        reference +=
            (label - result.base_rate) * (label - result.base_rate) / static_cast<double>(n);
    }
    result.brier_skill = reference > 1e-12 ? 1.0 - result.brier / reference : 0.0;
    result.nll = log_loss(labels, probabilities);
    return result;
}

MeanError mean_error(const std::vector<double>& values) {
    MeanError result;
    if (values.empty()) {
        return result;
    }
    const double n = static_cast<double>(values.size());
    result.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double square = 0.0;
    for (const double value : values) {
        square += (value - result.mean) * (value - result.mean);
    }
    result.se = values.size() > 1 ? std::sqrt(square / (n - 1.0) / n) : 0.0;
    return result;
}

std::optional<Interval> paired_auc_gain(const std::vector<PairedScores>& sets,
                                        int draws,
                                        std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::vector<std::size_t>> order_a, order_b;
    // The mean gain over the sets that hold both classes, each pair counted so many times.
    const auto gain_of = [&](const std::vector<std::vector<double>>& times) {
        std::vector<double> gains;
        for (std::size_t s = 0; s < sets.size(); ++s) {
            const auto a = weighted_auc(sets[s].labels, sets[s].a, order_a[s], times[s]);
            const auto b = weighted_auc(sets[s].labels, sets[s].b, order_b[s], times[s]);
            if (a && b) {
                gains.push_back(*a - *b);
            }
        }
        return gains.empty() ? std::nullopt : std::optional<double>(mean_error(gains).mean);
    };
    std::vector<std::vector<double>> times;
    for (const auto& set : sets) {
        order_a.push_back(sorted_order(set.a));
        order_b.push_back(sorted_order(set.b));
        times.emplace_back(set.labels.size(), 1.0);
    }
    const auto mean = gain_of(times);
    if (!mean) {
        return std::nullopt;
    }
    Interval result;
    result.mean = *mean;
    std::vector<double> gains;
    for (int draw = 0; draw < draws; ++draw) {
        for (auto& set : times) {
            std::fill(set.begin(), set.end(), 0.0);
            for (std::size_t i = 0; i < set.size(); ++i) {
                set[draw_below(random, set.size())] += 1.0;
            }
        }
        if (const auto gain = gain_of(times)) {
            gains.push_back(*gain);
        }
    }
    std::sort(gains.begin(), gains.end());
    if (!gains.empty()) {
        result.low = gains[gains.size() * 25 / 1000];
        result.high = gains[std::min(gains.size() - 1, gains.size() * 975 / 1000)];
    }
    return result;
}

Interval mean_interval(const std::vector<double>& differences, int draws, std::uint64_t seed) {
    Interval result;
    if (differences.empty() || draws <= 0) {
        return result;
    }
    const double n = static_cast<double>(differences.size());
    result.mean = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
    std::mt19937_64 random(seed);
    std::vector<double> means;
    for (int draw = 0; draw < draws; ++draw) {
        double sum = 0.0;
        for (std::size_t i = 0; i < differences.size(); ++i) {
            sum += differences[draw_below(random, differences.size())];
        }
        means.push_back(sum / n);
    }
    std::sort(means.begin(), means.end());
    result.low = means[means.size() * 25 / 1000];
    result.high = means[std::min(means.size() - 1, means.size() * 975 / 1000)];
    return result;
}

double bootstrap_above_zero(const std::vector<double>& differences, int draws, std::uint64_t seed) {
    if (differences.empty() || draws <= 0) {
        return 0.5;
    }
    std::mt19937_64 random(seed);
    int above = 0;
    for (int draw = 0; draw < draws; ++draw) {
        double sum = 0.0;
        for (std::size_t i = 0; i < differences.size(); ++i) {
            sum += differences[draw_below(random, differences.size())];
        }
        above += sum > 0 ? 1 : 0;
    }
    return static_cast<double>(above) / draws;
}

}  // namespace cupel::learner
