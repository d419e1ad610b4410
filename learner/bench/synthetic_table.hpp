// Tables and pools of the sizes that the benchmark speaks of, made of nothing but a seed.
#pragma once

#include <cstddef>
#include <vector>

#include <cupel/learner/catalogue.hpp>
#include <cupel/learner/scoring.hpp>

namespace cupel::bench {

struct Table {
    learner::Catalogue catalogue;
    std::vector<learner::Pair> known;
};

/// `pairs` known pairs of `cores` cores and `sets` sets of one to three ligands of about twenty
/// atoms. Reported clusters: 340 cores, 350 sets, 674 pairs.
Table synthetic_table(std::size_t cores, std::size_t sets, std::size_t pairs);

/// Sides of random numbers between -1 and 1.
learner::ScoringSide random_side(std::size_t count, std::size_t dot, std::size_t rectified);

}  // namespace cupel::bench
