// What a campaign session holds.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <cupel/chemistry/stock.hpp>
#include <cupel/workbench/acquisition_policy.hpp>
#include <cupel/workbench/baselines.hpp>
#include <cupel/workbench/campaign_session.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/diversity.hpp>

namespace cupel::workbench {

struct CampaignSession::Impl {
    SessionOptions options;
    std::string warning;
    Dataset data;
    std::vector<char> anchor;  ///< of data.known: kept for the gate
    learner::Learner model;
    std::vector<PoolEntry> pool;
    std::string pool_hash;
    std::vector<learner::Pair> pool_pairs;
    PoolGroups pool_groups;
    std::vector<char> pool_allowed;  ///< meets no rule to be avoided, and no pair the data report
    std::map<std::string, std::size_t> place_of;  ///< identity key -> place in the pool
    std::vector<std::string> reagents;            ///< SMILES of every ligand in the pool, once
    std::vector<std::vector<std::size_t>> pool_reagents;  ///< of each candidate, by place there
    std::vector<double> reagent_costs;  ///< as the pool has them: a share of its first candidate's
    std::shared_ptr<const learner::PairFeatures> pool_features;  ///< of the present encoder
    std::string encoded_by;  ///< hash of the encoder of `pool_features`
    /// The encoder before it, so that going back costs nothing.
    std::shared_ptr<const learner::PairFeatures> former_features;
    std::string formerly_encoded_by;
    std::map<std::string, learner::Learner> recalled;  ///< models that why() looked up lately
    std::vector<SessionLabel> labels;                  ///< those that can be learnt
    std::set<learner::Pair> formed;                    ///< pairs that formed, by their labels
    /// Pairs that did not, and under which conditions.
    std::set<std::pair<learner::Pair, std::map<std::string, std::string>>> failed;
    std::vector<std::string> set_aside;  ///< problems of the others
    learner::ScoreScale scale;           ///< what the labels say of the promises before them
    std::unique_ptr<NearestNeighbour> nearest;
    std::map<learner::Pair, std::size_t> first_row;

    Impl(const SessionOptions& options, const learner::ProgressCallback& progress);
    learner::Learner first_model(const learner::ProgressCallback& progress);
    learner::Learner base_model(const learner::ProgressCallback& progress);
    /// The anchor: a tenth of the known pairs, never trained on. Or the rest.
    std::vector<learner::Pair> known_part(bool wanted) const;
    /// The part of `known` that a warm retraining does not go through again.
    std::vector<learner::Pair> left_out(const std::vector<learner::Pair>& known,
                                        const std::string& salt) const;
    /// `retained` were left out of the training of `candidate`, `taught` were not. Without
    /// `anchor_unseen` the present model may have been trained on the anchor, which then judges
    /// nothing.
    GateReport judge(const learner::Learner& candidate,
                     bool anchor_unseen,
                     const std::vector<learner::Pair>& retained,
                     const std::vector<learner::LabelledPair>& taught);
    JudgedRows judge_retention(const learner::Learner& candidate,
                               const std::vector<learner::Pair>& retained,
                               const std::vector<learner::LabelledPair>& taught) const;
    /// A stored model, kept at hand.
    const learner::Learner& recall(const std::string& name);
    PoolView view_of(const std::vector<std::string>& pending,
                     const std::vector<std::string>& excluded,
                     const std::optional<chemistry::Stock>& shelf) const;
    void index_pool();
    /// Known pairs are answered already: closed for good, and said in `warning`.
    void leave_out_known();
    /// Adds one line to `warning`.
    void warn(const std::string& line);
    void mask_and_price(PoolView& view, const std::optional<chemistry::Stock>& shelf) const;
    void refresh();  ///< after the encoder changed
    /// Keeps what the model can read; the problems of the rest go to `set_aside`.
    void take(const std::vector<SessionLabel>& labels);
    std::vector<learner::LabelledPair> pairs_of(const std::vector<SessionLabel>& labels);
    /// The nearest known clusters, of one side or both.
    std::vector<Neighbour> neighbours(
        const learner::Pair& pair,
        NearestNeighbour::Side side = NearestNeighbour::Side::Both) const;
};

}  // namespace cupel::workbench
