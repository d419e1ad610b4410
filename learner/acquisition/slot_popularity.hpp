// The baseline that any model has to beat: how often the labels of an experiment were in a hit.
#pragma once

#include <cstdint>
#include <vector>

#include <cupel/acquisition/replay_table.hpp>

namespace cupel::acquisition {

/// Counts hits and tries of every label of every slot and numeric condition. A condition with more
/// than `kMostLevels` values counts by fifths of the experiments: each value for itself would say
/// nothing of the others.
class SlotPopularity {
  public:
    static constexpr std::size_t kMostLevels = 8;

    explicit SlotPopularity(const ReplayTable& table);

    void add(std::size_t row, bool hit);
    /// sum over axes of log((hits + 2 p0) / (tries + 2)), p0 = share of hits in all tries.
    double score(std::size_t row) const;
    /// The geometric mean over axes of the smoothed hit rates: a probability of sorts.
    double hit_rate(std::size_t row) const;
    /// The `count` best of `open`, each counted as tried before the next is chosen; ties go to the
    /// first in `open`.
    std::vector<std::size_t> choose(std::vector<std::size_t> open, std::size_t count) const;

  private:
    double hits_ = 0.0, tries_ = 0.0;
    struct Counts {
        double hits = 0.0, tries = 0.0;
    };
    std::vector<std::vector<std::uint32_t>> label_of_row_;  // by axis
    std::vector<std::vector<Counts>> counts_;               // by axis and label
};

}  // namespace cupel::acquisition
