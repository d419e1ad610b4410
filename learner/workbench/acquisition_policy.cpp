// Sequential choice with conditioning: each pick changes what the next one is worth.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/acquisition_policy.hpp>

namespace cupel::workbench {
namespace {

constexpr double kKappa = 1.0;
constexpr double kHitLogit = 0.0;  ///< ei: improvement over an even chance

double normal_density(double z) {
    return std::exp(-0.5 * z * z) / std::sqrt(2.0 * 3.14159265358979323846);
}
double normal_cdf(double z) {
    return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

// Value of one candidate under a rule that reads the posterior.
double value_of(const std::string& rule, double mean, double variance) {
    if (rule == "ucb") {
        return mean + kKappa * std::sqrt(variance);
    }
    if (rule == "poh") {
        return learner::expected_sigmoid(mean, variance);
    }
    if (rule == "ei") {
        const double deviation = std::sqrt(std::max(variance, 1e-18));
        const double z = (mean - kHitLogit) / deviation;
        return deviation * (z * normal_cdf(z) + normal_density(z));
    }
    return mean;  // greedy
}

// The same order, without an exponential function for each of a million candidates.
learner::PoolPosterior::Value ordering(const std::string& rule) {
    if (rule == "ucb") {
        return [](std::size_t, double mean, double variance) {
            return mean + kKappa * std::sqrt(variance);
        };
    }
    if (rule == "poh") {
        return [](std::size_t, double mean, double variance) {
            return learner::expected_logit(mean, variance);
        };
    }
    return [rule](std::size_t, double mean, double variance) {
        return value_of(rule, mean, variance);
    };
}

// What ordering() cannot exceed, for many candidates in one loop. Of `ei`: max(x, 0) of a Gaussian
// is at most max(mean, 0) and the deviation times the density at 0 on average.
learner::PoolPosterior::Bounds at_most(const std::string& rule) {
    const auto bounds = [](auto bound) {
        return [bound](std::size_t count, const double* mean, const double* variance, double* out) {
            for (std::size_t k = 0; k < count; ++k) {
                out[k] = bound(mean[k], variance[k]);
            }
        };
    };
    if (rule == "ucb") {
        return bounds(
            [](double mean, double variance) { return mean + kKappa * std::sqrt(variance); });
    }
    if (rule == "poh") {
        return bounds([](double mean, double variance) {
            return mean > 0.0 ? mean : learner::expected_logit(mean, variance);
        });
    }
    if (rule == "ei") {
        return bounds([](double mean, double variance) {
            return std::max(mean - kHitLogit, 0.0) + 0.3990 * std::sqrt(variance);
        });
    }
    return bounds([](double mean, double) { return mean; });
}

// The same order, but positive, so that a cost can divide it.
double positive(const std::string& rule, double value) {
    return rule == "poh" || rule == "ei" ? std::max(value, 0.0) : learner::sigmoid(value);
}

// What a pending experiment is taken for: failed by `poh` (pessimist), as expected by `ucb` and
// `ei` (believers), nothing by `greedy`.
enum class Belief { Pessimist, Believer, Nothing };

Belief belief_of(const std::string& rule) {
    if (rule == "poh") {
        return Belief::Pessimist;
    }
    return rule == "greedy" ? Belief::Nothing : Belief::Believer;
}

/// How often each group of candidates is in the batch, or out already, by number; which groups have
/// had their share.
class Tally {
  public:
    Tally(const std::vector<std::size_t>& group, std::size_t cap)
        : group_(group.begin(), group.end()), cap_(cap) {
        if (!group_.empty()) {
            times_.assign(*std::max_element(group_.begin(), group_.end()) + 1U, 0);
        }
    }
    void add(std::size_t candidate) {
        if (group_.empty() || ++times_[group_[candidate]] != cap_) {
            return;
        }
        // Marked once, so that a pick costs no look at every candidate's group.
        full_.resize(group_.size(), 0);
        for (std::size_t i = 0; i < group_.size(); ++i) {
            full_[i] = group_[i] == group_[candidate] ? 1 : full_[i];
        }
    }
    /// Takes those whose group has had its share out of `open`, unless none is left.
    void keep_to_share(std::vector<char>& open) const {
        if (full_.empty()) {
            return;
        }
        std::vector<char> allowed(open.size());
        char any = 0;
        for (std::size_t i = 0; i < open.size(); ++i) {
            allowed[i] = static_cast<char>(open[i] & (1 ^ full_[i]));
            any |= allowed[i];
        }
        if (any != 0) {
            open = std::move(allowed);
        }
    }

  private:
    std::vector<std::uint32_t> group_;
    std::size_t cap_;
    std::vector<std::size_t> times_;
    std::vector<char> full_;  ///< by candidate; empty while there are none
};

/// One batch in the making.
class Batch {
  public:
    Batch(const BatchOptions& options,
          const learner::PoolPosterior& posterior,
          const PoolView& view)
        : options_(options),
          view_(view),
          by_model_(options.policy != "random" && options.policy != "popularity"),
          rules_(options.policy == "portfolio" ? std::vector<std::string>{"ucb", "ei", "poh"}
                                               : std::vector<std::string>{options.policy}),
          random_(options.seed),
          open_(view.available),
          cores_(view.core, share_of(options)),
          scaffolds_(view.scaffold, share_of(options)),
          pairs_(view.pair, 1) {
        for (std::size_t i = 0; i < open_.size(); ++i) {
            noise_.push_back(draw());
        }
        for (const auto& rule : rules_) {
            if (by_model_) {
                beliefs_.emplace(belief_of(rule), posterior);
            }
        }
        for (const std::size_t i : view.pending) {
            pairs_.add(i);
            believe(i);
        }
    }

    std::optional<Choice> next() {
        if (last_) {
            believe(*last_);
            last_.reset();
        }
        const std::string rule = rules_[turn_ % rules_.size()];
        const std::vector<char> allowed = by_model_ ? allowed_now() : open_;
        // Drawn for every pick, so that what an audit finds does not move the later draws.
        const double lot = draw();
        const double place = draw();
        const auto choice = lot < options_.audit && by_model_ ? audit(place) : best(rule, allowed);
        if (!choice) {
            return std::nullopt;
        }
        const std::size_t i = choice->candidate;
        open_[i] = 0;
        cores_.add(i);
        pairs_.add(i);
        scaffolds_.add(i);
        if (costs_matter()) {
            bought_.insert(view_.reagents[i].begin(), view_.reagents[i].end());
        }
        if (choice->rule != "audit") {
            ++turn_;
        }
        last_ = i;  // believed when there is a next pick to learn from it
        return choice;
    }

  private:
    /// At most a quarter of a batch from one core family or scaffold.
    static std::size_t share_of(const BatchOptions& options) {
        return std::max<std::size_t>(1, options.count / 4);
    }
    double draw() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
    bool costs_matter() const { return options_.cost_exponent > 0.0 && !view_.reagents.empty(); }

    void believe(std::size_t i) {
        std::vector<learner::PoolPosterior*> learning;
        std::vector<double> labels;
        for (auto& [belief, posterior] : beliefs_) {
            if (belief != Belief::Nothing) {
                learning.push_back(&posterior);
                labels.push_back(
                    belief == Belief::Pessimist
                        ? 0.0
                        : learner::expected_sigmoid(posterior.mean()[i], posterior.variance(i)));
            }
        }
        learner::PoolPosterior::observe_each(learning, i, labels, 1.0);
    }

    std::vector<char> allowed_now() const {
        std::vector<char> allowed = open_;
        pairs_.keep_to_share(allowed);
        cores_.keep_to_share(allowed);
        scaffolds_.keep_to_share(allowed);
        return allowed;
    }

    double cost_of(std::size_t i) const {
        double cost = options_.work_cost;
        for (const std::size_t reagent : view_.reagents[i]) {
            cost += bought_.count(reagent) != 0 ? 0.0 : view_.reagent_cost[reagent];
        }
        return std::max(cost, 1e-6);
    }

    std::optional<Choice> best(const std::string& rule, const std::vector<char>& allowed) const {
        return by_model_ ? best_by_model(rule, allowed) : best_fixed(rule, allowed);
    }

    std::optional<Choice> best_fixed(const std::string& rule,
                                     const std::vector<char>& allowed) const {
        std::optional<Choice> found;
        for (std::size_t i = 0; i < allowed.size(); ++i) {
            const double score =
                rule == "random" ? noise_[i] : view_.popularity[i] + 1e-9 * noise_[i];
            if (allowed[i] != 0 && (!found || score > found->score)) {
                found = Choice{i, score, rule, 0.0};
            }
        }
        return found;
    }

    std::optional<Choice> best_by_model(const std::string& rule,
                                        const std::vector<char>& allowed) const {
        const auto& belief = beliefs_.at(belief_of(rule));
        const auto best = costs_matter()
                              ? belief.best(
                                    [&](std::size_t i, double mean, double variance) {
                                        return positive(rule, value_of(rule, mean, variance)) /
                                               std::pow(cost_of(i), options_.cost_exponent);
                                    },
                                    allowed)
                              : belief.best(ordering(rule), allowed, at_most(rule));
        if (!best) {
            return std::nullopt;
        }
        const std::size_t i = best->candidate;
        if (costs_matter()) {
            return Choice{i, best->value, rule, cost_of(i)};
        }
        return Choice{i, value_of(rule, belief.mean()[i], belief.variance(i)), rule, 0.0};
    }

    // Any candidate that may be made: an audit keeps to no cap.
    std::optional<Choice> audit(double place) const {
        const auto left = static_cast<std::size_t>(std::count(open_.begin(), open_.end(), 1));
        if (left == 0) {
            return std::nullopt;
        }
        auto skip = std::min(static_cast<std::size_t>(place * static_cast<double>(left)), left - 1);
        std::size_t i = 0;
        while (open_[i] == 0 || skip-- > 0) {
            ++i;
        }
        const auto& belief = beliefs_.begin()->second;
        return Choice{
            i, learner::expected_sigmoid(belief.mean()[i], belief.variance(i)), "audit", 0.0};
    }

    const BatchOptions& options_;
    const PoolView& view_;
    bool by_model_;
    std::vector<std::string> rules_;
    std::mt19937_64 random_;
    std::vector<char> open_;
    std::vector<double> noise_;
    Tally cores_, scaffolds_, pairs_;
    /// One for each way to take a pending experiment: each learns of every pick.
    std::map<Belief, learner::PoolPosterior> beliefs_;
    std::size_t turn_ = 0;
    std::optional<std::size_t> last_;
    std::set<std::size_t> bought_;
};

}  // namespace

const std::vector<std::string>& policy_names() {
    static const std::vector<std::string> names{
        "random", "popularity", "greedy", "poh", "ucb", "ei", "portfolio"};
    return names;
}

bool is_policy(const std::string& name) {
    const auto& names = policy_names();
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<Choice> choose_batch(const BatchOptions& options,
                                 const learner::PoolPosterior& posterior,
                                 const PoolView& view) {
    if (!is_policy(options.policy)) {
        throw InputError("bad_policy",
                         "no policy named '" + options.policy +
                             "'; use random, popularity, greedy, poh, ucb, ei or portfolio");
    }
    Batch batch(options, posterior, view);
    std::vector<Choice> choices;
    while (choices.size() < options.count) {
        auto choice = batch.next();
        if (!choice) {
            break;
        }
        choices.push_back(std::move(*choice));
    }
    return choices;
}

std::vector<Choice> choose_batch(const std::string& policy,
                                 const learner::PoolPosterior& posterior,
                                 const PoolView& view,
                                 std::size_t count,
                                 std::uint64_t seed) {
    BatchOptions options;
    options.policy = policy;
    options.count = count;
    options.seed = seed;
    return choose_batch(options, posterior, view);
}

}  // namespace cupel::workbench
