// What any model must beat: popularity, the nearest known cluster, and composition alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::workbench {

/// Similarity of pairs to known clusters: exp(-L1 of scaled core features / 4) times the minmax
/// (Tanimoto) similarity of fingerprint bits and donor classes of the sets.
class NearestNeighbour {
  public:
    NearestNeighbour(const learner::Catalogue& catalogue, std::vector<learner::Pair> known);
    /// Similarity to the most similar known cluster, 0..1.
    double score(const learner::Catalogue& catalogue, const learner::Pair& pair) const;
    /// The same for many pairs; each core and each set is compared once.
    std::vector<double> scores(const learner::Catalogue& catalogue,
                               const std::vector<learner::Pair>& pairs) const;
    /// Places in `known` of the most similar known clusters, best first, with their similarity.
    std::vector<std::pair<std::size_t, double>> nearest(const learner::Catalogue& catalogue,
                                                        const learner::Pair& pair,
                                                        std::size_t count) const;

    enum class Side { Both, Core, Ligands };
    /// As above, by one side alone; of several known clusters with the same core (the same ligand
    /// set) the first one.
    std::vector<std::pair<std::size_t, double>> nearest_by(Side side,
                                                           const learner::Catalogue& catalogue,
                                                           const learner::Pair& pair,
                                                           std::size_t count) const;

  private:
    std::vector<double> core_similarities(const CoreGraph& core) const;
    std::vector<double> set_similarities(const learner::Catalogue& catalogue,
                                         std::size_t set) const;
    std::vector<double> similarities(const learner::Catalogue& catalogue,
                                     const learner::Pair& pair) const;
    std::vector<learner::Pair> known_;
    std::vector<std::vector<float>> cores_, sets_;
    std::vector<float> scale_;
};

/// Logistic regression on core composition x donor classes, trained on degree-matched negatives.
class CompositionModel {
  public:
    CompositionModel(const learner::Catalogue& catalogue,
                     const std::vector<learner::Pair>& known,
                     std::uint64_t seed);
    double score(const learner::Catalogue& catalogue, const learner::Pair& pair) const;

  private:
    std::vector<double> weights_;
};

}  // namespace cupel::workbench
