// Which pairs of rows are taken: asked tens of thousands of times in a training step.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::learner {

/// The sets of each core, sorted: a look-up touches one short run of memory.
class PairTable {
  public:
    explicit PairTable(const std::set<Pair>& pairs) {
        for (const auto& pair : pairs) {
            while (start_.size() <= pair.core) {
                start_.push_back(sets_.size());
            }
            sets_.push_back(pair.set);
        }
        start_.push_back(sets_.size());
    }
    bool has(const Pair& pair) const {
        if (pair.core + 1 >= start_.size()) {
            return false;
        }
        for (std::size_t i = start_[pair.core]; i < start_[pair.core + 1]; ++i) {
            if (sets_[i] >= pair.set) {
                return sets_[i] == pair.set;
            }
        }
        return false;
    }

  private:
    std::vector<std::size_t> start_, sets_;
};

}  // namespace cupel::learner
