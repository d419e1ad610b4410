// Logistic regression on fingerprint bits, for every metal apart and for all together.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::workbench {

/// One weight per fingerprint bit and one per (core, bit), a constant per core; trained on known
/// pairs and fresh degree-preserving swaps of them. For catalogues of few cores.
class LinkerRegression {
  public:
    LinkerRegression(const learner::Catalogue& catalogue,
                     const std::vector<learner::Pair>& known,
                     std::uint64_t seed);
    /// The logit; cores that were not seen have the shared weights alone.
    double score(const learner::Catalogue& catalogue, const learner::Pair& pair) const;

  private:
    std::vector<double> shared_;
    std::map<std::size_t, std::vector<double>> own_;  ///< by core; the constant is last
};

}  // namespace cupel::workbench
