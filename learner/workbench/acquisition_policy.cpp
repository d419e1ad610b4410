// Sequential choice with conditioning: each pick changes what the next one is worth.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/acquisition_policy.hpp>

namespace cupel::workbench {
namespace {

constexpr double kKappa = 1.0;

// Value of one candidate under a rule that reads the posterior.
double value_of(const std::string& rule, double mean, double variance) {
    if (rule == "ucb") {
        return mean + kKappa * std::sqrt(variance);
    }
    if (rule == "poh") {
        return learner::expected_sigmoid(mean, variance);
    }
    return mean;  // greedy
}

// A pending experiment is taken as failed by `poh` (pessimist) and as expected by `ucb` (believer).
void condition(const std::string& rule, learner::PoolPosterior& posterior, std::size_t i) {
    if (rule == "greedy") {
        return;
    }
    const double believed =
        rule == "poh" ? 0.0
                      : learner::expected_sigmoid(posterior.mean()[i], posterior.variance()[i]);
    posterior.observe(i, believed, 1.0);
}

std::size_t best_of(const std::vector<double>& values, const std::vector<char>& allowed) {
    std::size_t best = values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (allowed[i] != 0 && (best == values.size() || values[i] > values[best])) {
            best = i;
        }
    }
    return best;
}

// How often each core and each pair is in the batch, or out already.
struct Taken {
    std::map<std::size_t, std::size_t> cores, pairs;
};

// The candidates of `open` whose `group` was taken less than `cap` times; all when none is left.
std::vector<char> within_cap(const std::vector<char>& open,
                             const std::vector<std::size_t>& group,
                             const std::map<std::size_t, std::size_t>& taken,
                             std::size_t cap) {
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

}  // namespace

bool is_policy(const std::string& name) {
    for (const char* known : {"random", "popularity", "greedy", "poh", "ucb", "portfolio"}) {
        if (name == known) {
            return true;
        }
    }
    return false;
}

std::vector<Choice> choose_batch(const std::string& policy,
                                 learner::PoolPosterior posterior,
                                 const PoolView& view,
                                 std::size_t count,
                                 std::uint64_t seed) {
    if (!is_policy(policy)) {
        throw InputError("bad_policy",
                         "no policy named '" + policy +
                             "'; use random, popularity, greedy, poh, ucb or portfolio");
    }
    std::mt19937_64 random(seed);
    std::vector<double> noise(view.available.size());
    for (auto& value : noise) {
        value = static_cast<double>(random() >> 11) * 0x1p-53;
    }
    const bool fixed = policy == "random" || policy == "popularity";
    const std::string first_rule = policy == "portfolio" ? "poh" : policy;
    if (!fixed) {
        for (const std::size_t i : view.pending) {
            condition(first_rule, posterior, i);
        }
    }
    std::vector<char> open = view.available;
    Taken taken;
    for (const std::size_t i : view.pending) {
        ++taken.pairs[view.pair[i]];
    }
    const std::size_t core_cap = std::max<std::size_t>(1, count / 4);
    std::vector<Choice> choices;
    while (choices.size() < count) {
        const std::string rule =
            policy == "portfolio" ? (choices.size() % 2 == 0 ? "poh" : "ucb") : policy;
        std::vector<double> values(open.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (rule == "random") {
                values[i] = noise[i];
            } else if (rule == "popularity") {
                values[i] = view.popularity[i] + 1e-9 * noise[i];
            } else {
                values[i] = value_of(rule, posterior.mean()[i], posterior.variance()[i]);
            }
        }
        const std::vector<char> allowed =
            fixed ? open
                  : within_cap(within_cap(open, view.pair, taken.pairs, 1),
                               view.core,
                               taken.cores,
                               core_cap);
        const std::size_t best = best_of(values, allowed);
        if (best == values.size()) {
            break;
        }
        choices.push_back({best, values[best], rule});
        open[best] = 0;
        ++taken.cores[view.core[best]];
        ++taken.pairs[view.pair[best]];
        if (!fixed) {
            condition(rule, posterior, best);
        }
    }
    return choices;
}

}  // namespace cupel::workbench
