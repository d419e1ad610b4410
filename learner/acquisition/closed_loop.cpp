// Ask, look up, learn, until the budget or the table is spent.
#include "closed_loop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include <cupel/domain/error.hpp>

#include "draws.hpp"
#include "kept_promises.hpp"
#include "policies.hpp"
#include "slot_popularity.hpp"

namespace cupel::acquisition {
namespace {

// Experiments in random order: the order in which ties are broken and starts are drawn.
std::vector<std::size_t> shuffled_rows(std::size_t rows, Draws& draws) {
    std::vector<std::size_t> order(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        order[i] = i;
    }
    draws.shuffle(order);
    return order;
}

std::vector<std::size_t> draw_start(const ReplayTable& table,
                                    const std::vector<std::size_t>& order) {
    std::vector<std::size_t> hits, misses;
    for (const std::size_t row : order) {
        auto& group = table.hit[row] != 0 ? hits : misses;
        if (group.size() < (table.hit[row] != 0 ? kStartHits : kStartMisses)) {
            group.push_back(row);
        }
    }
    if (hits.size() < kStartHits || misses.size() < kStartMisses) {
        throw InputError("bad_table",
                         table.name + ": hit: a replay starts from " + std::to_string(kStartHits) +
                             " hits and " + std::to_string(kStartMisses) + " misses; it has " +
                             std::to_string(table.hits()) + " and " +
                             std::to_string(table.rows() - table.hits()));
    }
    hits.insert(hits.end(), misses.begin(), misses.end());
    return hits;
}

// Everything that changes while a loop runs.
class Loop {
  public:
    Loop(const ReplayTable& table,
         std::shared_ptr<const Covariance> covariance,
         const std::string& policy,
         std::uint64_t seed,
         const LoopSettings& settings)
        : table_(table), policy_(policy), popularity_(table), draws_(seed) {
        open_ = shuffled_rows(table.rows(), draws_);
        const HitThreshold threshold = find_threshold(table);
        if (settings.model.graded && 4 * threshold.exceptions > table.hits()) {
            throw InputError(
                "bad_table",
                table.name + ": y: hits cannot be told by it (the best limit has " +
                    std::to_string(threshold.exceptions) + " experiments on its wrong side, of " +
                    std::to_string(table.hits()) + " hits); replay it without --graded");
        }
        direction_ = settings.model.graded ? threshold.direction : 1.0;
        model_.emplace(
            std::move(covariance), table.rows(), settings.model, direction_ * threshold.value);
        start_ = draw_start(table, open_);
        for (const std::size_t row : start_) {
            measure(row);
        }
        labels_.given = start_.size();
    }

    const std::vector<std::size_t>& start() const { return start_; }
    bool finished() const { return open_.empty(); }

    std::vector<std::size_t> choose(std::size_t count) {
        if (policy_ == "random") {
            draws_.shuffle(open_);
            return {open_.begin(),
                    open_.begin() + static_cast<std::ptrdiff_t>(std::min(count, open_.size()))};
        }
        if (policy_ == "popularity") {
            return popularity_.choose(open_, count);
        }
        model_->fit(labels_);
        auto posterior = model_->posterior(labels_);
        return policy_ == "portfolio" ? choose_mixed(std::move(posterior), count)
                                      : choose_batch(policy_, posterior, open_, count);
    }

    bool measure(std::size_t row) {
        open_.erase(std::find(open_.begin(), open_.end(), row));
        const bool hit = table_.hit[row] != 0;
        labels_.rows.push_back(row);
        labels_.y.push_back(direction_ * table_.y[row]);
        labels_.hit.push_back(table_.hit[row]);
        popularity_.add(row, hit);
        return hit;
    }

    // What popularity's rates, or else the model, say of everything unmeasured. The model after
    // random draws is the model itself: any other policy leaves it the rows it cannot tell apart.
    Calibration calibration() {
        const bool rates = policy_ == "popularity";
        Eigen::VectorXd modelled;
        if (!rates) {
            model_->fit(labels_);
            modelled = model_->posterior(labels_).hit_probabilities();
        }
        std::vector<double> probabilities;
        std::vector<char> outcomes;
        for (const std::size_t row : open_) {
            outcomes.push_back(table_.hit[row]);
            probabilities.push_back(rates ? popularity_.hit_rate(row)
                                          : modelled[static_cast<Eigen::Index>(row)]);
        }
        return calibration_of(probabilities, outcomes);
    }

  private:
    // Popularity makes as large a part of the picks as the chance that of two experiments drawn at
    // random at least one hits. Where hits are rare, a pick has to be told from many misses, which
    // takes a model. Where they are common, nearly every promising pick hits, and what costs hits
    // is leaning on few labels until they are used up: counts spread over the labels that have hit.
    std::vector<std::size_t> choose_mixed(JointPosterior posterior, std::size_t count) {
        count = std::min(count, open_.size());
        const Eigen::VectorXd promised = posterior.hit_probabilities();
        double expected = 0.0;
        for (const std::size_t row : open_) {
            expected += promises_.kept(promised[static_cast<Eigen::Index>(row)]);
        }
        const double miss = 1.0 - expected / static_cast<double>(open_.size());
        popularity_due_ += (1.0 - miss * miss) * static_cast<double>(count);
        const auto due = std::min(static_cast<std::size_t>(popularity_due_), count);
        popularity_due_ -= static_cast<double>(due);
        auto chosen = popularity_.choose(open_, due);
        std::vector<std::size_t> left;
        for (const std::size_t row : open_) {
            if (std::find(chosen.begin(), chosen.end(), row) == chosen.end()) {
                left.push_back(row);
            }
        }
        for (const std::size_t row : chosen) {
            posterior.believe(static_cast<Eigen::Index>(row));
        }
        const auto modelled = choose_batch(policy_, posterior, left, count - due);
        chosen.insert(chosen.end(), modelled.begin(), modelled.end());
        for (const std::size_t row : chosen) {
            promises_.record(promised[static_cast<Eigen::Index>(row)], table_.hit[row] != 0);
        }
        return chosen;
    }

    const ReplayTable& table_;
    std::string policy_;
    SlotPopularity popularity_;
    Draws draws_;
    double direction_ = 1.0;
    std::optional<TableModel> model_;
    Labels labels_;
    std::vector<std::size_t> open_;
    std::vector<std::size_t> start_;
    KeptPromises promises_;
    double popularity_due_ = 0.0;  // picks; the fraction is carried to the next batch
};

}  // namespace

LoopResult run_closed_loop(const ReplayTable& table,
                           std::shared_ptr<const Covariance> covariance,
                           const std::string& policy,
                           std::uint64_t seed,
                           const LoopSettings& settings,
                           const std::function<void(std::size_t)>& after_round) {
    const auto began = std::chrono::steady_clock::now();
    Loop loop(table, std::move(covariance), policy, seed, settings);
    LoopResult result;
    result.start = loop.start();
    while (result.chosen.size() < settings.budget && !loop.finished()) {
        const std::size_t count = std::min(settings.batch, settings.budget - result.chosen.size());
        for (const std::size_t row : loop.choose(count)) {
            result.chosen.push_back(row);
            result.hit.push_back(loop.measure(row) ? 1 : 0);
        }
        if (after_round) {
            after_round(result.chosen.size());
        }
    }
    result.calibration = loop.calibration();
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return result;
}

}  // namespace cupel::acquisition
