// Sequential choice: what the next pick is worth depends on those before it.
#include "policies.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <cupel/acquisition/replay.hpp>

#include "normal.hpp"

namespace cupel::acquisition {
namespace {

constexpr double kKappa = 1.0;

double value_of(const std::string& rule, const JointPosterior& posterior, std::size_t row) {
    const auto i = static_cast<Eigen::Index>(row);
    const double mean = posterior.mean()[i];
    const double deviation = std::sqrt(posterior.variance()[i]);
    if (rule == "poh") {
        return posterior.hit_probability(i);
    }
    if (rule == "ucb") {
        return mean + kKappa * deviation;
    }
    if (rule == "ei") {
        // Improvement over the value that makes a hit.
        const double z = (mean - posterior.threshold()) / std::max(deviation, 1e-9);
        return deviation * (z * normal_cdf(z) + normal_density(z));
    }
    return mean;  // greedy
}

void condition(const std::string& rule, JointPosterior& posterior, std::size_t row) {
    const auto i = static_cast<Eigen::Index>(row);
    if (rule == "poh") {
        posterior.condition_on_miss(i);
    } else if (rule == "ucb" || rule == "ei") {
        posterior.believe(i);
    }
}

std::size_t best_of(const std::string& rule,
                    const JointPosterior& posterior,
                    const std::vector<std::size_t>& open) {
    std::size_t best = 0;
    double highest = 0.0;
    for (std::size_t k = 0; k < open.size(); ++k) {
        const double value = value_of(rule, posterior, open[k]);
        if (k == 0 || value > highest) {
            best = k;
            highest = value;
        }
    }
    return best;
}

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

bool needs_model(const std::string& name) {
    return name != "random" && name != "popularity";
}

std::vector<std::size_t> choose_batch(const std::string& policy,
                                      const JointPosterior& posterior,
                                      const std::vector<std::size_t>& open,
                                      std::size_t count) {
    if (!is_policy(policy) || !needs_model(policy)) {
        throw std::logic_error("'" + policy + "' does not choose by a posterior");
    }
    std::vector<std::string> rules{policy};
    if (policy == "portfolio") {
        rules = {"ucb", "ei", "poh"};
    }
    std::vector<JointPosterior> beliefs(rules.size(), posterior);
    std::vector<std::size_t> left = open, chosen;
    while (chosen.size() < count && !left.empty()) {
        const std::size_t turn = chosen.size() % rules.size();
        const std::size_t best = best_of(rules[turn], beliefs[turn], left);
        chosen.push_back(left[best]);
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
        for (std::size_t k = 0; k < rules.size(); ++k) {
            condition(rules[k], beliefs[k], chosen.back());
        }
    }
    return chosen;
}

}  // namespace cupel::acquisition
