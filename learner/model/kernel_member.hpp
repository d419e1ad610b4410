// A member of the ensemble in closed form: two-step kernel ridge regression over cores and sets.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <cupel/learner/catalogue.hpp>
#include <cupel/learner/named_arrays.hpp>

#include "member.hpp"

namespace cupel::learner {

/// Scores a pair by how alike its core and its set are to those of pairs that are known, more
/// often than their degrees alone would explain: f(c, s) = k(c)' A k(s), where A solves a ridge on
/// either side (two-step kernel ridge regression; Stock et al., Neural Comput. 2018, 30, 2245). No
/// seed, no epochs: the same data give the same member. Its one feature in the head is f, centred
/// and scaled to deviation 1 over the pairs of training cores and sets that are not known; where
/// these are few, all of them and a score of nothing count too.
class KernelMember {
  public:
    /// Fits in the calling thread; about 0.1 s for 350 cores and 350 sets.
    KernelMember(const Catalogue& catalogue, const TrainingSet& data);
    /// From stored arrays whose names start with `prefix`; throws Error when one is missing.
    KernelMember(const NamedArrays& arrays, const std::string& prefix);

    /// Core sides (count x side_width()) and set sides; a pair's feature comes from one of each.
    std::vector<float> core_sides(const std::vector<const CoreGraph*>& cores) const;
    std::vector<float> set_sides(const Catalogue& catalogue,
                                 const std::vector<std::size_t>& sets) const;
    std::size_t side_width() const { return sets_; }
    /// The one feature of a pair.
    float combine(const float* core_side, const float* set_side) const;

    void store(NamedArrays& arrays, const std::string& prefix) const;

  private:
    std::vector<std::size_t> species_of_sets() const;

    std::size_t cores_ = 0, ligands_ = 0, sets_ = 0;  ///< training ones
    std::vector<float> core_features_;                ///< cores_ x (kCoreFeatures + properties)
    std::vector<float> ligand_features_;              ///< ligands_ x kLigandFeatures
    std::vector<float> membership_;  ///< sets_ x ligands_: share over the set's own norm
    std::vector<float> weights_;     ///< A, cores_ x sets_
    double mean_ = 0.0, deviation_ = 1.0;
};

}  // namespace cupel::learner
