// Finds the reported edits of a table and ranks their candidates.
#include "edit_case.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <cupel/chemistry/edits.hpp>
#include <cupel/domain/error.hpp>

#include "case_scorer.hpp"

namespace cupel::workbench {
namespace {

using learner::Pair;

double known_of(const std::map<std::string, learner::Popularity::Counts>& counts,
                const std::string& key) {
    const auto it = counts.find(key);
    return it == counts.end() ? 0.0 : it->second.known;
}

// Whether one species of a set stands in for one of the other.
bool one_species_apart(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
    if (a.size() != b.size()) {
        return false;
    }
    std::vector<std::size_t> gone;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(gone));
    return gone.size() == 1;
}

// A quick look before the edits are made: can `b` be an elementary edit of `a` at all?
bool may_be_edit(const learner::Catalogue& catalogue, const Pair& a, const Pair& b) {
    if (a.core == b.core) {
        return one_species_apart(catalogue.sets()[a.set], catalogue.sets()[b.set]);
    }
    const CoreGraph& from = catalogue.cores()[a.core];
    const CoreGraph& to = catalogue.cores()[b.core];
    return a.set == b.set && (one_metal_apart(from, to) || from.metals == to.metals);
}

// No two neighbours share a fold: the parent of a hidden child is always in training.
void spread_over_folds(std::vector<EditCase>& edits, int folds) {
    std::map<Pair, std::set<Pair>> next_to;
    for (const auto& edit : edits) {
        next_to[edit.parent].insert(edit.child);
        next_to[edit.child].insert(edit.parent);
    }
    std::map<Pair, int> fold;
    std::vector<std::size_t> load(static_cast<std::size_t>(folds), 0);
    for (const auto& [pair, neighbours] : next_to) {
        std::set<int> taken;
        for (const auto& other : neighbours) {
            const auto it = fold.find(other);
            if (it != fold.end()) {
                taken.insert(it->second);
            }
        }
        int best = -1;
        for (int f = 0; f < folds; ++f) {
            if (taken.count(f) == 0 && (best < 0 || load[static_cast<std::size_t>(f)] <
                                                        load[static_cast<std::size_t>(best)])) {
                best = f;
            }
        }
        // A cluster with more neighbours than there are folds gets one of its own.
        if (best < 0) {
            best = static_cast<int>(load.size());
            load.push_back(0);
        }
        fold[pair] = best;
        ++load[static_cast<std::size_t>(best)];
    }
    for (auto& edit : edits) {
        edit.fold = fold.at(edit.child);
    }
}

}  // namespace

const std::vector<std::string>& edit_scorers() {
    static const std::vector<std::string> names{
        "edit_score", "model", "popularity", "smallest_edit", "nearest_neighbour"};
    return names;
}

EditPool edit_pool(learner::Catalogue& catalogue,
                   const Candidate& parent,
                   const std::string& name,
                   const chemistry::Stock& stock) {
    const Pair own = add_candidate(catalogue, parent);
    EditPool pool;
    std::set<Pair> seen{own};
    for (const auto& candidate : chemistry::edits_of(parent, name, stock).kept) {
        ++pool.identities;
        const Pair pair = add_candidate(catalogue, candidate);
        if (seen.insert(pair).second) {
            pool.pairs.push_back(pair);
        }
    }
    return pool;
}

std::vector<EditCase> reported_edits(Dataset& data, const chemistry::Stock& stock, int folds) {
    std::map<Pair, std::size_t> row_of;
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
        row_of.emplace(data.rows[i].pair, i);
    }
    const std::set<Pair> known(data.known.begin(), data.known.end());
    std::map<std::pair<Pair, Pair>, int> numbers;
    std::vector<EditCase> edits;
    for (const auto& parent : data.known) {
        std::vector<Pair> children;
        for (const auto& other : data.known) {
            if (!(other == parent) && may_be_edit(data.catalogue, parent, other)) {
                children.push_back(other);
            }
        }
        if (children.empty()) {
            continue;
        }
        const DatasetRow& row = data.rows[row_of.at(parent)];
        const EditPool pool = edit_pool(data.catalogue, row.candidate, row.name, stock);
        for (const auto& child : children) {
            EditCase edit;
            edit.parent = parent;
            edit.child = child;
            edit.identities = pool.identities;
            edit.one_metal = one_metal_apart(data.catalogue.cores()[parent.core],
                                             data.catalogue.cores()[child.core]) &&
                             parent.set == child.set;
            edit.same_paper = row.paper == data.rows[row_of.at(child)].paper;
            bool found = false;
            for (const auto& pair : pool.pairs) {
                if (pair == child) {
                    edit.chosen = edit.candidates.size();
                    found = true;
                } else if (known.count(pair) != 0) {
                    continue;  // reported already: nobody proposes it again
                }
                edit.candidates.push_back(pair);
            }
            if (!found && !edit.one_metal) {
                continue;
            }
            if (!found) {
                edit.candidates.clear();  // counted, and ranked by nobody
            }
            edit.pair =
                numbers
                    .emplace(std::make_pair(std::min(parent, child), std::max(parent, child)),
                             static_cast<int>(numbers.size()))
                    .first->second;
            edits.push_back(std::move(edit));
        }
    }
    spread_over_folds(edits, folds);
    return edits;
}

void score_case(const learner::Catalogue& catalogue, const CaseScorer& scorer, EditCase& edit) {
    const auto interaction = scorer.model.interaction(catalogue, edit.candidates);
    const auto popularity = scorer.model.popularity(catalogue, edit.candidates);
    edit.scores["nearest_neighbour"] = scorer.nearest.scores(catalogue, edit.candidates);
    edit.choice.chosen = edit.chosen;
    for (std::size_t i = 0; i < edit.candidates.size(); ++i) {
        const Pair& pair = edit.candidates[i];
        const std::string& core = catalogue.core_key(pair.core);
        const std::string& set = catalogue.set_key(pair.set);
        edit.scores["model"].push_back(interaction[i] + popularity[i]);
        edit.scores["popularity"].push_back(scorer.popularity.score(core, set));
        edit.scores["smallest_edit"].push_back(-edit_size(catalogue, edit.parent, pair));
        edit.choice.candidates.push_back(edit_features(catalogue,
                                                       edit.parent,
                                                       pair,
                                                       interaction[i],
                                                       known_of(scorer.popularity.cores(), core),
                                                       known_of(scorer.popularity.sets(), set),
                                                       edit.scores["nearest_neighbour"][i]));
    }
}

EditRank rank_of(const std::vector<double>& scores,
                 std::size_t chosen,
                 const std::vector<char>& open) {
    double above = 0.0;
    int tied = 0;
    double count = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (i != chosen && !open.empty() && open[i] == 0) {
            continue;
        }
        count += 1.0;
        above += scores[i] > scores[chosen] ? 1.0 : 0.0;
        tied += i != chosen && scores[i] == scores[chosen] ? 1 : 0;
    }
    EditRank result;
    result.rank = above + 1.0 + 0.5 * tied;
    for (int j = 1; j <= tied + 1; ++j) {
        result.reciprocal += 1.0 / (above + j) / (tied + 1);
        result.in_top += above + j <= std::max(1.0, 0.05 * count) ? 1.0 / (tied + 1) : 0.0;
    }
    return result;
}

}  // namespace cupel::workbench
