// Smoothed degrees of cores and ligand sets.
#include <cmath>

#include <cupel/learner/popularity.hpp>

namespace cupel::learner {
namespace {

constexpr double kBaseRate = 0.1;

double score_of(const std::map<std::string, Popularity::Counts>& table, const std::string& key) {
    const auto it = table.find(key);
    if (it == table.end()) {
        return 0.0;
    }
    const auto& c = it->second;
    return std::log1p(c.known) + std::log((c.hits + 2 * kBaseRate) / (c.tries + 2) / kBaseRate);
}

}  // namespace

void Popularity::add_known(const std::string& core_key, const std::string& set_key) {
    cores_[core_key].known += 1;
    sets_[set_key].known += 1;
}

void Popularity::add_trial(const std::string& core_key, const std::string& set_key, double label) {
    for (Counts* counts : {&cores_[core_key], &sets_[set_key]}) {
        counts->hits += label;
        counts->tries += 1;
    }
}

double Popularity::core_score(const std::string& core_key) const {
    return score_of(cores_, core_key);
}

double Popularity::set_score(const std::string& set_key) const {
    return score_of(sets_, set_key);
}

double Popularity::score(const std::string& core_key, const std::string& set_key) const {
    return core_score(core_key) + set_score(set_key);
}

void Popularity::set_counts(std::map<std::string, Counts> cores,
                            std::map<std::string, Counts> sets) {
    cores_ = std::move(cores);
    sets_ = std::move(sets);
}

}  // namespace cupel::learner
