// Everything that ranks edits, after one training part was seen.
#pragma once

#include <vector>

#include <cupel/learner/learner.hpp>
#include <cupel/workbench/baselines.hpp>

namespace cupel::workbench {

class CaseScorer {
  public:
    CaseScorer(const learner::Catalogue& catalogue,
               const std::vector<learner::Pair>& train,
               const learner::LearnerOptions& settings)
        : model(learner::Learner::train(catalogue, train, {}, settings)),
          nearest(catalogue, train) {
        for (const auto& pair : train) {
            popularity.add_known(catalogue.core_key(pair.core), catalogue.set_key(pair.set));
        }
    }
    learner::Learner model;
    NearestNeighbour nearest;
    learner::Popularity popularity;
};

}  // namespace cupel::workbench
