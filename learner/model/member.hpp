// One network of the ensemble: dual encoder and head, seen without LibTorch's headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <cupel/learner/learner.hpp>
#include <cupel/learner/named_arrays.hpp>

namespace cupel::learner {

/// What a member trains on: pairs by row of `cores` and `sets`.
struct TrainingSet {
    std::vector<std::size_t> cores, sets;  ///< rows of the catalogue that are used
    std::vector<Pair> known;               ///< in rows
    std::vector<Pair> left_out;            ///< known ones not trained on this time: no negatives
    struct Trial {
        Pair pair;
        double label = 0.0;
        double weight = 1.0;  ///< in training
        double share = 1.0;   ///< of it beside a final result: a half where it is provisional
    };
    std::vector<Trial> trials;
};

/// A fixed negative (or positive) with its weight in training the last layer.
struct WeightedPair {
    Pair pair;
    double label = 0.0;
    double weight = 1.0;
};

class Member {
  public:
    Member(const LearnerOptions& options, std::uint64_t seed);
    /// From stored arrays whose names start with `prefix`; throws Error when one is missing.
    Member(const LearnerOptions& options, const NamedArrays& arrays, const std::string& prefix);
    /// Takes those of `arrays` that have a name of this network as its weights; the others stand.
    /// Throws Error when one has another shape or none has such a name.
    void start_from(const NamedArrays& arrays);
    Member(Member&&) noexcept;
    Member& operator=(Member&&) noexcept;
    ~Member();

    /// Trains for `epochs` passes in the calling thread; `tick` is called after each.
    void train(const Catalogue& catalogue,
               const TrainingSet& data,
               int epochs,
               std::uint64_t seed,
               const std::function<void()>& tick);
    Member clone() const;

    std::size_t feature_count() const;
    /// Weights of the last layer, feature_count() numbers.
    std::vector<double> head_weights() const;
    /// Core sides (count x side_width()) and set sides; a pair's features come from one of each.
    std::vector<float> core_sides(const std::vector<const CoreGraph*>& cores) const;
    std::vector<float> set_sides(const Catalogue& catalogue,
                                 const std::vector<std::size_t>& sets) const;
    std::size_t side_width() const;
    /// Writes feature_count() numbers from one core side and one set side.
    void combine(const float* core_side, const float* set_side, float* out) const;

    void store(NamedArrays& arrays, const std::string& prefix) const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::learner
