// Distances between labels, computed once per table.
#include "dimension.hpp"

#include <algorithm>
#include <cmath>

namespace cupel::acquisition {
namespace {

// Squared Euclidean distance over columns brought to mean 0 and deviation 1; an unknown value
// stands at the mean, constant columns drop out.
Eigen::MatrixXd feature_distances(const std::vector<std::vector<double>>& features) {
    const auto n = static_cast<Eigen::Index>(features.size());
    Eigen::MatrixXd squared = Eigen::MatrixXd::Zero(n, n);
    for (std::size_t column = 0; column < features.front().size(); ++column) {
        Eigen::VectorXd z = Eigen::VectorXd::Zero(n);
        double sum = 0.0, sum_squares = 0.0, known = 0.0;
        for (const auto& row : features) {
            if (std::isfinite(row[column])) {
                sum += row[column];
                known += 1.0;
            }
        }
        const double mean = known > 0 ? sum / known : 0.0;
        for (Eigen::Index i = 0; i < n; ++i) {
            const double value = features[static_cast<std::size_t>(i)][column];
            z[i] = std::isfinite(value) ? value - mean : 0.0;
            sum_squares += z[i] * z[i];
        }
        if (known < 2 || sum_squares <= 1e-12 * (1.0 + mean * mean) * known) {
            continue;
        }
        z /= std::sqrt(sum_squares / known);
        squared += (z.replicate(1, n) - z.transpose().replicate(n, 1)).array().square().matrix();
    }
    return squared;
}

Eigen::MatrixXd fingerprint_distances(const std::vector<Fingerprint>& prints) {
    const auto n = static_cast<Eigen::Index>(prints.size());
    Eigen::MatrixXd distances = Eigen::MatrixXd::Zero(n, n);
    for (Eigen::Index i = 0; i < n; ++i) {
        for (Eigen::Index j = 0; j < i; ++j) {
            distances(i, j) = distances(j, i) =
                1.0 - minmax_similarity(prints[static_cast<std::size_t>(i)],
                                        prints[static_cast<std::size_t>(j)]);
        }
    }
    return distances;
}

}  // namespace

double minmax_similarity(const Fingerprint& a, const Fingerprint& b) {
    double common = 0.0, all = 0.0;
    auto x = a.counts.begin();
    auto y = b.counts.begin();
    while (x != a.counts.end() || y != b.counts.end()) {
        if (y == b.counts.end() || (x != a.counts.end() && x->first < y->first)) {
            all += (x++)->second;
        } else if (x == a.counts.end() || y->first < x->first) {
            all += (y++)->second;
        } else {
            common += std::min(x->second, y->second);
            all += std::max(x->second, y->second);
            ++x;
            ++y;
        }
    }
    return all > 0.0 ? common / all : 1.0;
}

Levels levels_of(const NumericColumn& column) {
    Levels levels;
    levels.values = column.values;
    std::sort(levels.values.begin(), levels.values.end());
    levels.values.erase(std::unique(levels.values.begin(), levels.values.end()),
                        levels.values.end());
    for (const double value : column.values) {
        levels.level_of_row.push_back(static_cast<std::uint32_t>(
            std::lower_bound(levels.values.begin(), levels.values.end(), value) -
            levels.values.begin()));
    }
    return levels;
}

Dimension::Dimension(const Slot& slot)
    : name_(slot.name),
      labels_(static_cast<Eigen::Index>(slot.labels.size())),
      label_of_row_(slot.label_of_row) {
    if (!slot.fingerprints.empty()) {
        add_part(fingerprint_distances(slot.fingerprints));
    }
    if (!slot.features.empty()) {
        add_part(feature_distances(slot.features));
    }
    delta_ = parts_++;
}

Dimension::Dimension(const NumericColumn& column) : name_(column.name) {
    const Levels levels = levels_of(column);
    labels_ = static_cast<Eigen::Index>(levels.values.size());
    label_of_row_ = levels.level_of_row;
    const double n = static_cast<double>(labels_);
    double mean = 0.0, squares = 0.0;
    for (const double value : levels.values) {
        mean += value / n;
    }
    for (const double value : levels.values) {
        squares += (value - mean) * (value - mean);
    }
    if (squares > 0.0) {
        // The mean square of the difference of two levels is 1.
        const double width = std::sqrt(2.0 * squares / (n - 1.0));
        for (const double value : levels.values) {
            positions_.push_back(value / width);
        }
        parts_ = 1;
    }
}

Eigen::MatrixXd Dimension::distances(Eigen::Index part,
                                     const std::vector<std::uint32_t>& left,
                                     const std::vector<std::uint32_t>& right) const {
    Eigen::MatrixXd out(static_cast<Eigen::Index>(left.size()),
                        static_cast<Eigen::Index>(right.size()));
    for (Eigen::Index j = 0; j < out.cols(); ++j) {
        const std::uint32_t b = right[static_cast<std::size_t>(j)];
        for (Eigen::Index i = 0; i < out.rows(); ++i) {
            const std::uint32_t a = left[static_cast<std::size_t>(i)];
            if (!positions_.empty()) {
                const double apart = positions_[a] - positions_[b];
                out(i, j) = apart * apart;
            } else if (part == delta_) {
                out(i, j) = a == b ? 0.0 : 1.0;
            } else {
                out(i, j) = distances_[static_cast<std::size_t>(part)](a, b);
            }
        }
    }
    return out;
}

void Dimension::add_part(Eigen::MatrixXd distances) {
    const double pairs = static_cast<double>(labels_) * static_cast<double>(labels_ - 1);
    const double mean = pairs > 0 ? distances.sum() / pairs : 0.0;
    if (mean > 0.0) {
        distances /= mean;
        distances_.push_back(std::move(distances));
        ++parts_;
    }
}

std::vector<Dimension> dimensions_of(const ReplayTable& table) {
    std::vector<Dimension> all;
    for (const auto& slot : table.slots) {
        if (slot.labels.size() > 1) {
            all.emplace_back(slot);
        }
    }
    for (const auto& column : table.numbers) {
        Dimension dimension(column);
        if (dimension.labels() > 1 && dimension.parts() > 0) {
            all.push_back(std::move(dimension));
        }
    }
    return all;
}

}  // namespace cupel::acquisition
