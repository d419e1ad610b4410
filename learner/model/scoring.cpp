// Blocks of four cores by thirty-two sets in registers; only scores above the k-th best are looked
// at.
#include <algorithm>
#include <atomic>
#include <mutex>

#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>
#include <cupel/learner/scoring.hpp>

namespace cupel::learner {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kSets = 32;  ///< sets of a block: two vectors of sixteen
constexpr std::size_t kCores = 4;  ///< cores of a block
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
/// The same, wherever it stands in memory: heap blocks are aligned for sixteen bytes only.
typedef float StoredVector
    __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));

/// Sets in blocks of kSets, feature by feature, so that one vector holds one feature of many sets.
struct Blocked {
    std::size_t blocks = 0, dot = 0, rectified = 0;
    std::vector<float> values;  ///< blocks x (dot + rectified) x kSets
};

Blocked blocked(const ScoringSide& side) {
    Blocked result;
    if (side.count == 0) {
        return result;
    }
    result.dot = side.dot.size() / side.count;
    result.rectified = side.rectified.size() / side.count;
    result.blocks = (side.count + kSets - 1) / kSets;
    const std::size_t width = result.dot + result.rectified;
    result.values.assign(result.blocks * width * kSets, 0.0F);
    for (std::size_t s = 0; s < side.count; ++s) {
        for (std::size_t j = 0; j < width; ++j) {
            const float value = j < result.dot
                                    ? side.dot[s * result.dot + j]
                                    : side.rectified[s * result.rectified + j - result.dot];
            result.values[((s / kSets) * width + j) * kSets + s % kSets] = value;
        }
    }
    return result;
}

/// What one block of cores needs.
struct CoreBlock {
    const float* dot[kCores];
    const float* rectified[kCores];
};

// Scores of kCores x kSets pairs into `out`.
__attribute__((always_inline)) inline void score_body(const CoreBlock& cores,
                                                      const float* block,
                                                      std::size_t dot,
                                                      std::size_t rectified,
                                                      const float* weights,
                                                      float* out) {
    Vector sum[kCores][kSets / kLanes] = {};
    const StoredVector* sets = reinterpret_cast<const StoredVector*>(block);
    for (std::size_t j = 0; j < dot; ++j, sets += 2) {
        for (std::size_t c = 0; c < kCores; ++c) {
            sum[c][0] += cores.dot[c][j] * sets[0];
            sum[c][1] += cores.dot[c][j] * sets[1];
        }
    }
    for (std::size_t j = 0; j < rectified; ++j, sets += 2) {
        for (std::size_t c = 0; c < kCores; ++c) {
            const Vector a = sets[0] + cores.rectified[c][j];
            const Vector b = sets[1] + cores.rectified[c][j];
            sum[c][0] += weights[j] * (a > 0.0F ? a : Vector{});
            sum[c][1] += weights[j] * (b > 0.0F ? b : Vector{});
        }
    }
    for (std::size_t c = 0; c < kCores; ++c) {
        for (std::size_t s = 0; s < kSets; ++s) {
            out[c * kSets + s] = sum[c][s / kLanes][s % kLanes];
        }
    }
}

// The same body compiled for what the processor has.
using ScoreBlock =
    void (*)(const CoreBlock&, const float*, std::size_t, std::size_t, const float*, float*);

void score_plain(const CoreBlock& cores,
                 const float* block,
                 std::size_t dot,
                 std::size_t rectified,
                 const float* weights,
                 float* out) {
    score_body(cores, block, dot, rectified, weights, out);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void score_avx2(const CoreBlock& cores,
                                                    const float* block,
                                                    std::size_t dot,
                                                    std::size_t rectified,
                                                    const float* weights,
                                                    float* out) {
    score_body(cores, block, dot, rectified, weights, out);
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) void score_avx512(
    const CoreBlock& cores,
    const float* block,
    std::size_t dot,
    std::size_t rectified,
    const float* weights,
    float* out) {
    score_body(cores, block, dot, rectified, weights, out);
}
#endif

ScoreBlock fastest() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return score_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return score_avx2;
    }
#endif
    return score_plain;
}

bool better(const ScoredPair& a, const ScoredPair& b) {
    if (a.score != b.score) {
        return a.score > b.score;
    }
    return a.core != b.core ? a.core < b.core : a.set < b.set;
}

/// The k best seen; pruned when twice as many have been kept.
class Best {
  public:
    explicit Best(std::size_t k) : k_(k) {}
    float threshold() const { return threshold_; }
    void add(const ScoredPair& pair) {
        kept_.push_back(pair);
        if (kept_.size() >= 2 * k_ + 64) {
            prune();
        }
    }
    void prune() {
        if (kept_.size() > k_) {
            std::nth_element(kept_.begin(),
                             kept_.begin() + static_cast<std::ptrdiff_t>(k_),
                             kept_.end(),
                             better);
            kept_.resize(k_);
            threshold_ = std::max_element(kept_.begin(), kept_.end(), better)->score;
        }
    }
    std::vector<ScoredPair>& kept() { return kept_; }

  private:
    std::size_t k_;
    float threshold_ = -1e30F;
    std::vector<ScoredPair> kept_;
};

void score_cores(const ScoringSide& cores,
                 const ScoringSide& sets,
                 const Blocked& block,
                 const std::vector<float>& weights,
                 std::size_t first,
                 Best& best) {
    CoreBlock core_block{};
    for (std::size_t c = 0; c < kCores; ++c) {
        const std::size_t core = std::min(first + c, cores.count - 1);
        core_block.dot[c] = cores.dot.data() + core * block.dot;
        core_block.rectified[c] = cores.rectified.data() + core * block.rectified;
    }
    static const ScoreBlock score_block = fastest();
    float scores[kCores * kSets];
    const std::size_t stride = (block.dot + block.rectified) * kSets;
    for (std::size_t b = 0; b < block.blocks; ++b) {
        score_block(core_block,
                    block.values.data() + b * stride,
                    block.dot,
                    block.rectified,
                    weights.data(),
                    scores);
        const float threshold = best.threshold();
        for (std::size_t i = 0; i < kCores * kSets; ++i) {
            if (scores[i] >= threshold) {
                const std::size_t core = first + i / kSets;
                const std::size_t set = b * kSets + i % kSets;
                if (core < cores.count && set < sets.count) {
                    best.add({scores[i], core, set});
                }
            }
        }
    }
}

}  // namespace

std::vector<ScoredPair> top_pairs(const ScoringSide& cores,
                                  const ScoringSide& sets,
                                  const std::vector<float>& rectified_weights,
                                  std::size_t k,
                                  int threads) {
    if (k == 0 || cores.count == 0 || sets.count == 0) {
        return {};
    }
    const Blocked block = blocked(sets);
    if (cores.dot.size() != cores.count * block.dot ||
        cores.rectified.size() != cores.count * block.rectified ||
        rectified_weights.size() != block.rectified) {
        throw Error("the sides of the cores and of the ligand sets do not have the same width");
    }
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::vector<ScoredPair> result;
    const auto work = [&](std::size_t) {
        Best best(k);
        for (std::size_t first = kCores * next++; first < cores.count; first = kCores * next++) {
            score_cores(cores, sets, block, rectified_weights, first, best);
        }
        const std::lock_guard lock(mutex);
        result.insert(result.end(), best.kept().begin(), best.kept().end());
    };
    const auto workers = static_cast<std::size_t>(std::max(threads, 1));
    run_side_by_side(workers, threads, work);
    std::sort(result.begin(), result.end(), better);
    result.resize(std::min(result.size(), k));
    return result;
}

}  // namespace cupel::learner
