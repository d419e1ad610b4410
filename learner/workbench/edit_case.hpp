// One reported edit as a question: parent, candidates, and the one that was made.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <cupel/chemistry/stock.hpp>
#include <cupel/learner/popularity.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/edit_score.hpp>

namespace cupel::workbench {

const std::vector<std::string>& edit_scorers();

struct EditCase {
    learner::Pair parent, child;
    std::vector<learner::Pair> candidates;  ///< each pair once; the child is one of them
    std::size_t chosen = 0;                 ///< place of the child
    std::size_t identities = 0;             ///< candidates before counts and charges were joined
    bool one_metal = false;                 ///< parent and child differ by one metal atom
    bool same_paper = false;
    int fold = 0;                                       ///< of the child
    int pair = -1;                                      ///< the two directions of one pair share it
    EditChoice choice;                                  ///< filled by score_case()
    std::map<std::string, std::vector<double>> scores;  ///< by scorer, one per candidate
};

/// The edits of `parent` as pairs of the catalogue, the parent itself left out.
struct EditPool {
    std::vector<learner::Pair> pairs;
    std::size_t identities = 0;  ///< charge-consistent candidates: counts and charges told apart
};
EditPool edit_pool(learner::Catalogue& catalogue,
                   const Candidate& parent,
                   const std::string& name,
                   const chemistry::Stock& stock);

/// Every reported edit of the table: one metal, one hydride, anion or ligand species. Sets folds so
/// that no parent is hidden with its child.
std::vector<EditCase> reported_edits(Dataset& data, const chemistry::Stock& stock, int folds);

/// What a model without the child says of every candidate; `edit_score` is left out.
class CaseScorer;
void score_case(const learner::Catalogue& catalogue, const CaseScorer& scorer, EditCase& edit);

/// Where the chosen one stands: expected over the order of ties.
struct EditRank {
    double reciprocal = 0.0;  ///< 1 / rank
    double rank = 0.0;
    double in_top = 0.0;  ///< whether it is in the best twentieth
};
/// Among the candidates that `open` names; empty = all.
EditRank rank_of(const std::vector<double>& scores,
                 std::size_t chosen,
                 const std::vector<char>& open = {});

}  // namespace cupel::workbench
