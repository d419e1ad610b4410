// What a campaign session holds.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cupel/workbench/baselines.hpp>
#include <cupel/workbench/campaign_session.hpp>
#include <cupel/workbench/dataset.hpp>

namespace cupel::workbench {

struct CampaignSession::Impl {
    SessionOptions options;
    std::string warning;
    Dataset data;
    learner::Learner model;
    std::vector<PoolEntry> pool;
    std::string pool_hash;
    std::vector<learner::Pair> pool_pairs;
    std::map<std::string, std::size_t> place_of;  ///< identity key -> place in the pool
    std::vector<float> pool_features;             ///< of the present encoder
    std::vector<SessionLabel> labels;             ///< those that can be learnt
    std::vector<std::string> set_aside;           ///< problems of the others
    std::unique_ptr<NearestNeighbour> nearest;
    std::map<learner::Pair, std::size_t> first_row;

    Impl(const SessionOptions& options, const learner::ProgressCallback& progress);
    learner::Learner first_model(const learner::ProgressCallback& progress);
    learner::Learner base_model(const learner::ProgressCallback& progress);
    /// The anchor: a tenth of the known pairs, by hash of their keys, never trained on. Or the
    /// rest.
    std::vector<learner::Pair> known_part(bool anchor) const;
    void refresh();  ///< after the encoder changed
    /// Keeps what the model can read; the problems of the rest go to `set_aside`.
    void take(const std::vector<SessionLabel>& labels);
    std::vector<learner::LabelledPair> pairs_of(const std::vector<SessionLabel>& labels);
    std::vector<Neighbour> neighbours(const learner::Pair& pair) const;
};

}  // namespace cupel::workbench
