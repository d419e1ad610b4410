// Features of many pairs, kept as the two sides they are made of: a million pairs of a thousand
// cores and a thousand sets are two thousand rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::learner {

/// Gives memory that starts at a cache line: wide loads that cross one take twice as long.
template <typename T>
struct CacheLineAllocator {
    using value_type = T;
    CacheLineAllocator() = default;
    template <typename U>
    CacheLineAllocator(const CacheLineAllocator<U>&) noexcept {}
    T* allocate(std::size_t n) {
        return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{64}));
    }
    void deallocate(T* p, std::size_t) noexcept { ::operator delete (p, std::align_val_t{64}); }
    bool operator==(const CacheLineAllocator&) const noexcept { return true; }
    bool operator!=(const CacheLineAllocator&) const noexcept { return false; }
};
using AlignedFloats = std::vector<float, CacheLineAllocator<float>>;

/// The features of pair (c, s): for each block, products core * set, then max(core + set, 0), then
/// a one where the block has a constant; after all blocks what no two sides make, as it is given.
class PairFeatures {
  public:
    struct Block {
        std::size_t products = 0, rectified = 0;
        bool constant = false;
        std::vector<float> cores, sets;  ///< rows of products + rectified numbers
        std::size_t width() const { return products + rectified + (constant ? 1 : 0); }
    };
    PairFeatures() = default;
    /// `pairs` are rows of the blocks' sides; `given`, where there is one, holds the last feature
    /// of each. Throws Error when one is missing.
    PairFeatures(const std::vector<Block>& blocks,
                 const std::vector<Pair>& pairs,
                 std::vector<float> given = {});
    /// Features that are no pairs: n x width numbers as they are.
    static PairFeatures plain(const std::vector<float>& features, std::size_t width);

    std::size_t size() const noexcept { return order_.size(); }
    std::size_t width() const noexcept { return width_; }
    /// The features of candidate n, width() numbers.
    void row(std::size_t n, float* out) const;
    /// out[n] = features . weights, summed in double precision.
    void project(const std::vector<double>& weights, int threads, double* out) const;
    /// The same in single precision, within 1e-5 of the largest term or so, four times as fast.
    void project(const std::vector<double>& weights, int threads, float* out) const;
    /// The same for several weights in one walk, which costs less than several.
    void project(const std::vector<std::vector<double>>& weights,
                 int threads,
                 const std::vector<float*>& out) const;
    /// out[n] = features . features, in single precision.
    void squares(int threads, float* out) const;

  private:
    struct Split;
    Split split(const std::vector<double>& weights) const;
    template <typename Kernel, typename Weight, typename Out>
    void walk(const Weight* weights, const Weight* constants, int threads, Out* const* out) const;

    std::size_t width_ = 0, products_ = 0, stride_ = 0;
    double constants_ = 0.0;  ///< how many features are one
    std::vector<std::size_t>
        column_;                  ///< of each feature in a side; stride_ = a constant, + 1 given
    std::vector<float> given_;    ///< one for each candidate, or none
    AlignedFloats cores_, sets_;  ///< rows of stride_ numbers, products first, padded by zeros
    std::vector<std::uint32_t> core_, set_;  ///< of each candidate
    std::vector<std::uint32_t> order_;       ///< candidates as they are walked: by core, near sets
};

}  // namespace cupel::learner
