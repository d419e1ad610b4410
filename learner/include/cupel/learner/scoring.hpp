// The best pairs out of every core with every ligand set, without keeping all the scores.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cupel::learner {

/// One side of the head for `count` cores or sets: `dot` numbers for the product, then `rectified`
/// numbers for the factored ReLU, row by row. The head's weights are folded into the cores' dot
/// numbers and given apart for the ReLU.
struct ScoringSide {
    std::size_t count = 0;
    std::vector<float> dot, rectified;
};

struct ScoredPair {
    float score = 0.0F;
    std::size_t core = 0, set = 0;
};

/// The `k` best pairs, best first, ties by core and set. score = dot(core, set) +
/// sum_j weight_j max(core_j + set_j, 0). Memory is O(threads k) beside the inputs.
/// Throws Error when the sizes do not fit.
std::vector<ScoredPair> top_pairs(const ScoringSide& cores,
                                  const ScoringSide& sets,
                                  const std::vector<float>& rectified_weights,
                                  std::size_t k,
                                  int threads);

/// The same on a device of LibTorch ("cpu", "cuda"), block by block: memory is half a gigabyte
/// beside the inputs. Among equal scores at the end of the list it may keep others than top_pairs.
std::vector<ScoredPair> top_pairs_on(const std::string& device,
                                     const ScoringSide& cores,
                                     const ScoringSide& sets,
                                     const std::vector<float>& rectified_weights,
                                     std::size_t k);

/// "cuda" where LibTorch finds a GPU it can use, else empty.
std::string cuda_device();

}  // namespace cupel::learner
