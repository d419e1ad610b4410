// Smoothed hit rates, multiplied over the axes.
#include "slot_popularity.hpp"

#include <algorithm>
#include <cmath>

#include "dimension.hpp"

namespace cupel::acquisition {

namespace {

constexpr std::size_t kFifths = 5;

/// The fifth of each experiment by its value; equal values fall into one.
std::vector<std::uint32_t> fifths_of(const std::vector<double>& values) {
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::uint32_t> fifths;
    for (const double value : values) {
        const auto rank = static_cast<std::size_t>(
            std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
        fifths.push_back(static_cast<std::uint32_t>(kFifths * rank / sorted.size()));
    }
    return fifths;
}

}  // namespace

SlotPopularity::SlotPopularity(const ReplayTable& table) {
    for (const auto& slot : table.slots) {
        label_of_row_.push_back(slot.label_of_row);
        counts_.emplace_back(slot.labels.size());
    }
    for (const auto& column : table.numbers) {
        const auto levels = levels_of(column);
        const bool many = levels.values.size() > kMostLevels;
        label_of_row_.push_back(many ? fifths_of(column.values) : levels.level_of_row);
        counts_.emplace_back(many ? kFifths : levels.values.size());
    }
}

void SlotPopularity::add(std::size_t row, bool hit) {
    hits_ += hit ? 1.0 : 0.0;
    tries_ += 1.0;
    for (std::size_t axis = 0; axis < counts_.size(); ++axis) {
        auto& counts = counts_[axis][label_of_row_[axis][row]];
        counts.hits += hit ? 1.0 : 0.0;
        counts.tries += 1.0;
    }
}

double SlotPopularity::score(std::size_t row) const {
    const double prior = tries_ > 0.0 ? hits_ / tries_ : 0.5;
    double sum = 0.0;
    for (std::size_t axis = 0; axis < counts_.size(); ++axis) {
        const auto& counts = counts_[axis][label_of_row_[axis][row]];
        sum += std::log((counts.hits + 2 * prior) / (counts.tries + 2));
    }
    return sum;
}

double SlotPopularity::hit_rate(std::size_t row) const {
    return std::exp(score(row) / static_cast<double>(counts_.size()));
}

std::vector<std::size_t> SlotPopularity::choose(std::vector<std::size_t> open,
                                                std::size_t count) const {
    SlotPopularity pending = *this;
    std::vector<std::size_t> chosen;
    while (chosen.size() < count && !open.empty()) {
        std::size_t best = 0;
        double highest = pending.score(open[0]);
        for (std::size_t k = 1; k < open.size(); ++k) {
            const double score = pending.score(open[k]);
            if (score > highest) {
                best = k;
                highest = score;
            }
        }
        chosen.push_back(open[best]);
        pending.add(open[best], false);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(best));
    }
    return chosen;
}

}  // namespace cupel::acquisition
