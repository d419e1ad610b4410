// How alike pairs of cores and ligand sets are, as the kernel member sees them.
#pragma once

#include <cstddef>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::learner {

/// Similarities of the pairs of a pool, named by their places in it; each is a kernel in 0..1 and 1
/// of a pair with itself. Nothing is learned. Costs one similarity for every two different cores
/// and every two different sets, in time and in memory (4 bytes each).
class PairSimilarity {
  public:
    PairSimilarity(const Catalogue& catalogue, const std::vector<Pair>& pairs);
    double cores(std::size_t a, std::size_t b) const;
    double sets(std::size_t a, std::size_t b) const;

  private:
    std::vector<std::size_t> core_, set_;  ///< of each pair
    std::size_t core_count_ = 0, set_count_ = 0;
    std::vector<float> cores_, sets_;  ///< square
};

}  // namespace cupel::learner
