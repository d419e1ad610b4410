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

void Popularity::add_trial(const std::string& core_key,
                           const std::string& set_key,
                           double label,
                           double weight) {
    for (Counts* counts : {&cores_[core_key], &sets_[set_key]}) {
        counts->hits += weight * label;
        counts->tries += weight;
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

Popularity::Sides Popularity::sides(const Catalogue& catalogue,
                                    const std::vector<Pair>& pairs) const {
    Sides sides{std::vector<double>(catalogue.cores().size(), 0.0),
                std::vector<double>(catalogue.sets().size(), 0.0)};
    std::vector<char> has_core(sides.core.size(), 0);
    std::vector<char> has_set(sides.set.size(), 0);
    for (const auto& pair : pairs) {
        if (has_core.at(pair.core) == 0) {
            has_core[pair.core] = 1;
            sides.core[pair.core] = core_score(catalogue.core_key(pair.core));
        }
        if (has_set.at(pair.set) == 0) {
            has_set[pair.set] = 1;
            sides.set[pair.set] = set_score(catalogue.set_key(pair.set));
        }
    }
    return sides;
}

std::vector<double> Popularity::scores(const Catalogue& catalogue,
                                       const std::vector<Pair>& pairs) const {
    const Sides of = sides(catalogue, pairs);
    std::vector<double> result;
    result.reserve(pairs.size());
    for (const auto& pair : pairs) {
        result.push_back(of.core[pair.core] + of.set[pair.set]);
    }
    return result;
}

void Popularity::set_counts(std::map<std::string, Counts> cores,
                            std::map<std::string, Counts> sets) {
    cores_ = std::move(cores);
    sets_ = std::move(sets);
}

}  // namespace cupel::learner
