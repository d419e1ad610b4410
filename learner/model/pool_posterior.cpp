// Conditioning the joint Gaussian of a pool in the space of the head's weights.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <thread>

#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>
#include <cupel/learner/pool_posterior.hpp>

#include "variance_kernels.hpp"

namespace cupel::learner {
namespace {

constexpr std::size_t kSmall = 20000;  ///< pools below are not worth a second thread
constexpr std::size_t kRefined = 512;  ///< variances worked out together
constexpr std::size_t kBlock = 512;    ///< candidates bounded together

}  // namespace

PoolPosterior::PoolPosterior(const LaplaceHead& head,
                             std::shared_ptr<const PairFeatures> features,
                             const std::vector<double>& offset,
                             int threads)
    : features_(std::move(features)),
      covariance_(head.covariance()),
      removed_(offset.size(), 0.0),
      prior_(offset.size(), -1.0) {
    if (features_->size() != offset.size() ||
        (features_->size() > 0 && features_->width() != head.size())) {
        throw Error("a pool of " + std::to_string(offset.size()) + " candidates needs " +
                    std::to_string(head.size()) + " features of each, got " +
                    std::to_string(features_->width()) + " of " +
                    std::to_string(features_->size()));
    }
    const auto available = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    threads_ = offset.size() < kSmall ? 1 : (threads > 0 ? threads : available);
    mean_.resize(offset.size());
    features_->project(head.mean(), threads_, mean_.data());
    for (std::size_t n = 0; n < mean_.size(); ++n) {
        mean_[n] += offset[n];
    }
    factor_ = std::make_shared<const std::vector<float>>(
        packed_factor(cholesky(covariance_, head.size()), head.size()));
    auto bound = std::make_shared<std::vector<float>>(offset.size());
    features_->squares(threads_, bound->data());
    // A little more than what rounding to single precision could hide.
    const double largest = 1.0005 * largest_eigenvalue(covariance_, head.size());
    for (float& value : *bound) {
        value = static_cast<float>(largest * static_cast<double>(value) + 1e-9);
    }
    bound_ = std::move(bound);
}

PoolPosterior::PoolPosterior(const LaplaceHead& head,
                             const std::vector<float>& features,
                             const std::vector<double>& offset)
    : PoolPosterior(
          head,
          std::make_shared<const PairFeatures>(PairFeatures::plain(features, head.size())),
          offset) {}

std::vector<double> PoolPosterior::times_covariance(std::size_t i) const {
    const std::size_t d = features_->width();
    std::vector<float> x(d);
    features_->row(i, x.data());
    std::vector<double> result(d, 0.0);
    for (std::size_t r = 0; r < d; ++r) {
        const auto factor = static_cast<double>(x[r]);
        const double* row = covariance_.data() + r * d;
        for (std::size_t j = 0; j < d; ++j) {
            result[j] += factor * row[j];
        }
    }
    return result;
}

double PoolPosterior::covariance(std::size_t a, std::size_t b) const {
    const auto w = times_covariance(b);
    std::vector<float> x(w.size());
    features_->row(a, x.data());
    return std::inner_product(w.begin(), w.end(), x.begin(), 0.0);
}

void PoolPosterior::work_out(const std::vector<std::size_t>& candidates) const {
    const std::size_t d = features_->width();
    const auto part = [&](std::size_t, std::size_t first, std::size_t last) {
        std::vector<float> rows;
        std::vector<double> squares;
        for (std::size_t from = first; from < last; from += kRefined) {
            const std::size_t count = std::min(kRefined, last - from);
            rows.assign(count * d, 0.0F);
            squares.resize(count);
            for (std::size_t k = 0; k < count; ++k) {
                features_->row(candidates[from + k], rows.data() + k * d);
            }
            factored_squares(factor_->data(), d, rows.data(), count, squares.data());
            for (std::size_t k = 0; k < count; ++k) {
                prior_[candidates[from + k]] = squares[k];
            }
        }
    };
    run_in_ranges(candidates.size(), candidates.size() < 64 ? 1 : threads_, part);
    worked_.insert(worked_.end(), candidates.begin(), candidates.end());
}

const std::vector<double>& PoolPosterior::variance() const {
    if (all_.empty()) {
        std::vector<std::size_t> missing;
        for (std::size_t n = 0; n < size(); ++n) {
            if (prior_[n] < 0.0) {
                missing.push_back(n);
            }
        }
        work_out(missing);
        all_.resize(size());
        for (std::size_t n = 0; n < size(); ++n) {
            all_[n] = std::max(prior_[n] - removed_[n], 0.0);
        }
    }
    return all_;
}

double PoolPosterior::variance(std::size_t i) const {
    if (prior_[i] < 0.0) {
        work_out({i});
    }
    return std::max(prior_[i] - removed_[i], 0.0);
}

void PoolPosterior::observe(std::size_t i, double label, double weight) {
    observe_each({this}, i, {label}, weight);
}

void PoolPosterior::observe_each(const std::vector<PoolPosterior*>& pools,
                                 std::size_t i,
                                 const std::vector<double>& labels,
                                 double weight) {
    if (pools.empty()) {
        return;
    }
    const PairFeatures& features = *pools.front()->features_;
    std::vector<std::vector<double>> directions;
    std::vector<std::vector<float>> columns(pools.size());
    std::vector<float*> out;
    for (std::size_t k = 0; k < pools.size(); ++k) {
        if (pools[k]->features_.get() != &features) {
            throw Error("posteriors of different pools cannot observe together");
        }
        directions.push_back(pools[k]->times_covariance(i));
        columns[k].resize(features.size());
        out.push_back(columns[k].data());
    }
    features.project(directions, pools.front()->threads_, out);
    for (std::size_t k = 0; k < pools.size(); ++k) {
        pools[k]->take_in(i, labels[k], weight, directions[k], columns[k]);
    }
}

// `direction` is covariance * x_i, `column` the covariance of every candidate with i.
void PoolPosterior::take_in(std::size_t i,
                            double label,
                            double weight,
                            const std::vector<double>& direction,
                            const std::vector<float>& column) {
    const std::size_t d = direction.size();
    std::vector<float> x(d);
    features_->row(i, x.data());
    const double s =
        std::max(std::inner_product(direction.begin(), direction.end(), x.begin(), 0.0), 1e-12);
    double curvature = 0.0;
    const double g = laplace_step(mean_[i], s, label, weight, &curvature);
    const double shrink = curvature / (1.0 + curvature * s);
    run_in_ranges(size(), threads_, [&](std::size_t, std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
            const auto c = static_cast<double>(column[n]);
            mean_[n] += g * c;
            removed_[n] += shrink * c * c;
        }
    });
    for (std::size_t r = 0; r < d; ++r) {
        double* row = covariance_.data() + r * d;
        const double factor = shrink * direction[r];
        for (std::size_t j = 0; j < d; ++j) {
            row[j] -= factor * direction[j];
        }
    }
    all_.clear();
}

void PoolPosterior::add_offset(const std::vector<double>& change) {
    for (std::size_t n = 0; n < mean_.size(); ++n) {
        mean_[n] += change[n];
    }
}

namespace {

struct Chance {
    double value = 0.0;
    std::size_t candidate = 0;
};

// The better first: by value, then by place.
bool ahead(const Chance& a, const Chance& b) {
    return a.value != b.value ? a.value > b.value : a.candidate < b.candidate;
}

}  // namespace

void PoolPosterior::work_out_highest_means(const std::vector<char>& allowed) const {
    std::vector<std::size_t> highest;
    for (std::size_t n = 0; n < size(); ++n) {
        if (allowed[n] != 0) {
            highest.push_back(n);
        }
    }
    const std::size_t count = std::min(kRefined, highest.size());
    std::nth_element(highest.begin(),
                     highest.begin() + static_cast<std::ptrdiff_t>(count),
                     highest.end(),
                     [&](std::size_t a, std::size_t b) {
                         return mean_[a] != mean_[b] ? mean_[a] > mean_[b] : a < b;
                     });
    highest.resize(count);
    work_out(highest);
}

std::optional<PoolPosterior::Best> PoolPosterior::best(const Value& value,
                                                       const std::vector<char>& allowed,
                                                       const Bounds& at_most) const {
    if (worked_.empty()) {
        work_out_highest_means(allowed);  // a bar for the others
    }
    std::optional<Chance> found;
    const auto offer = [&](std::size_t n) {
        const Chance chance{value(n, mean_[n], std::max(prior_[n] - removed_[n], 0.0)), n};
        if (!found || ahead(chance, *found)) {
            found = chance;
        }
    };
    for (const std::size_t n : worked_) {
        if (allowed[n] != 0) {
            offer(n);
        }
    }
    // The rest, by the most they could be worth.
    std::vector<std::vector<Chance>> parts(static_cast<std::size_t>(threads_));
    run_in_ranges(size(), threads_, [&](std::size_t worker, std::size_t first, std::size_t last) {
        std::array<double, kBlock> variance{}, highest{};
        for (std::size_t from = first; from < last; from += kBlock) {
            const std::size_t count = std::min(kBlock, last - from);
            for (std::size_t k = 0; k < count; ++k) {
                variance[k] =
                    std::max(static_cast<double>((*bound_)[from + k]) - removed_[from + k], 0.0);
            }
            const bool is_bounded = at_most && found;
            if (is_bounded) {
                at_most(count, mean_.data() + from, variance.data(), highest.data());
            }
            for (std::size_t k = 0; k < count; ++k) {
                const std::size_t n = from + k;
                if (allowed[n] == 0 || prior_[n] >= 0.0 ||
                    (is_bounded && highest[k] < found->value)) {
                    continue;
                }
                const double worth =
                    std::max(value(n, mean_[n], variance[k]), value(n, mean_[n], 0.0));
                if (!found || worth >= found->value) {
                    parts[worker].push_back({worth, n});
                }
            }
        }
    });
    std::vector<Chance> open;
    for (const auto& part : parts) {
        open.insert(open.end(), part.begin(), part.end());
    }
    while (!open.empty()) {
        const std::size_t count = std::min(kRefined, open.size());
        std::nth_element(
            open.begin(), open.begin() + static_cast<std::ptrdiff_t>(count - 1), open.end(), ahead);
        std::vector<std::size_t> candidates;
        for (std::size_t k = 0; k < count; ++k) {
            candidates.push_back(open[k].candidate);
        }
        work_out(candidates);
        for (const std::size_t n : candidates) {
            offer(n);
        }
        open.erase(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(count));
        open.erase(
            std::remove_if(
                open.begin(), open.end(), [&](const Chance& c) { return c.value < found->value; }),
            open.end());
    }
    if (!found) {
        return std::nullopt;
    }
    return Best{found->candidate, found->value};
}

}  // namespace cupel::learner
