// How often a core or a ligand set has already made a cluster, smoothed: the baseline, and the
// share of the model's logit that has nothing to do with fit.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::learner {

/// Smoothed degrees by key. Known clusters count as hits without a number of tries; experiments
/// count hits (graded) and tries.
class Popularity {
  public:
    /// A known cluster.
    void add_known(const std::string& core_key, const std::string& set_key);
    /// An experiment with a graded label in 0..1; `weight` tries (a half: a provisional result).
    void add_trial(const std::string& core_key,
                   const std::string& set_key,
                   double label,
                   double weight = 1.0);

    /// log(1 + known) + log((hits + 2 p0) / (tries + 2) / p0), p0 = 0.1: 0 for a key never seen.
    double core_score(const std::string& core_key) const;
    double set_score(const std::string& set_key) const;
    /// The baseline's score of a pair: core_score + set_score.
    double score(const std::string& core_key, const std::string& set_key) const;

    /// Scores by index of the catalogue, 0 where no pair names it: each key is looked up once.
    struct Sides {
        std::vector<double> core, set;
    };
    Sides sides(const Catalogue& catalogue, const std::vector<Pair>& pairs) const;
    /// The baseline's scores of a pool.
    std::vector<double> scores(const Catalogue& catalogue, const std::vector<Pair>& pairs) const;

    struct Counts {
        double known = 0.0, hits = 0.0, tries = 0.0;
    };
    const std::map<std::string, Counts>& cores() const noexcept { return cores_; }
    const std::map<std::string, Counts>& sets() const noexcept { return sets_; }
    void set_counts(std::map<std::string, Counts> cores, std::map<std::string, Counts> sets);

  private:
    std::map<std::string, Counts> cores_, sets_;
};

}  // namespace cupel::learner
