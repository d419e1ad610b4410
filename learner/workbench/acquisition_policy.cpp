// Sequential choice with conditioning: each pick changes what the next one is worth.
#include <algorithm>
#include <cmath>
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

// The same order, but positive, so that a cost can divide it.
double positive(const std::string& rule, double value) {
    return rule == "poh" || rule == "ei" ? std::max(value, 0.0) : learner::sigmoid(value);
}

// A pending experiment is taken as failed by `poh` (pessimist) and as expected by `ucb` and `ei`
// (believers).
void condition(const std::string& rule, learner::PoolPosterior& posterior, std::size_t i) {
    if (rule == "greedy") {
        return;
    }
    const double believed =
        rule == "poh" ? 0.0
                      : learner::expected_sigmoid(posterior.mean()[i], posterior.variance()[i]);
    posterior.observe(i, believed, 1.0);
}

// How often each core family, scaffold and pair is in the batch, or out already.
struct Taken {
    std::map<std::size_t, std::size_t> cores, scaffolds, pairs;
};

// The candidates of `open` whose `group` was taken less than `cap` times; all when none is left.
std::vector<char> within_cap(const std::vector<char>& open,
                             const std::vector<std::size_t>& group,
                             const std::map<std::size_t, std::size_t>& taken,
                             std::size_t cap) {
    if (group.empty() || taken.empty()) {
        return open;
    }
    std::vector<char> allowed = open;
    bool any = false;
    for (std::size_t i = 0; i < allowed.size(); ++i) {
        const auto it = taken.find(group[i]);
        if (it != taken.end() && it->second >= cap) {
            allowed[i] = 0;
        }
        any = any || allowed[i] != 0;
    }
    return any ? allowed : open;
}

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
          open_(view.available) {
        for (std::size_t i = 0; i < open_.size(); ++i) {
            noise_.push_back(draw());
        }
        if (by_model_) {
            beliefs_.assign(rules_.size(), posterior);
        }
        for (const std::size_t i : view.pending) {
            ++taken_.pairs[view.pair[i]];
            believe(i);
        }
    }

    std::optional<Choice> next() {
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
        ++taken_.cores[view_.core[i]];
        ++taken_.pairs[view_.pair[i]];
        if (!view_.scaffold.empty()) {
            ++taken_.scaffolds[view_.scaffold[i]];
        }
        if (costs_matter()) {
            bought_.insert(view_.reagents[i].begin(), view_.reagents[i].end());
        }
        if (choice->rule != "audit") {
            ++turn_;
        }
        believe(i);
        return choice;
    }

  private:
    double draw() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
    bool costs_matter() const { return options_.cost_exponent > 0.0 && !view_.reagents.empty(); }

    void believe(std::size_t i) {
        for (std::size_t k = 0; k < beliefs_.size(); ++k) {
            condition(rules_[k], beliefs_[k], i);
        }
    }

    std::vector<char> allowed_now() const {
        const std::size_t cap = std::max<std::size_t>(1, options_.count / 4);
        const auto pairs = within_cap(open_, view_.pair, taken_.pairs, 1);
        const auto cores = within_cap(pairs, view_.core, taken_.cores, cap);
        return within_cap(cores, view_.scaffold, taken_.scaffolds, cap);
    }

    double cost_of(std::size_t i) const {
        double cost = options_.work_cost;
        for (const std::size_t reagent : view_.reagents[i]) {
            cost += bought_.count(reagent) != 0 ? 0.0 : view_.reagent_cost[reagent];
        }
        return std::max(cost, 1e-6);
    }

    std::optional<Choice> best(const std::string& rule, const std::vector<char>& allowed) const {
        std::optional<Choice> found;
        for (std::size_t i = 0; i < allowed.size(); ++i) {
            if (allowed[i] == 0) {
                continue;
            }
            Choice choice{i, value_under(rule, i), rule, 0.0};
            if (costs_matter() && by_model_) {
                choice.cost = cost_of(i);
                choice.score =
                    positive(rule, choice.score) / std::pow(choice.cost, options_.cost_exponent);
            }
            if (!found || choice.score > found->score) {
                found = std::move(choice);
            }
        }
        return found;
    }

    double value_under(const std::string& rule, std::size_t i) const {
        if (rule == "random") {
            return noise_[i];
        }
        if (rule == "popularity") {
            return view_.popularity[i] + 1e-9 * noise_[i];
        }
        const auto& belief = beliefs_[turn_ % beliefs_.size()];
        return value_of(rule, belief.mean()[i], belief.variance()[i]);
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
        const auto& belief = beliefs_.front();
        return Choice{
            i, learner::expected_sigmoid(belief.mean()[i], belief.variance()[i]), "audit", 0.0};
    }

    const BatchOptions& options_;
    const PoolView& view_;
    bool by_model_;
    std::vector<std::string> rules_;
    std::mt19937_64 random_;
    std::vector<char> open_;
    std::vector<double> noise_;
    std::vector<learner::PoolPosterior> beliefs_;  ///< one per rule: each learns of every pick
    std::size_t turn_ = 0;
    Taken taken_;
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
