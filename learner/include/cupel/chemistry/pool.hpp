// Candidate pools: cores crossed with ligand sets under constraints.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <cupel/chemistry/hazards.hpp>
#include <cupel/chemistry/stock.hpp>
#include <cupel/domain/candidate.hpp>

namespace cupel::chemistry {

/// What a pool may hold. The defaults allow everything.
struct PoolConstraints {
    std::set<std::string> elements;  ///< metals allowed; empty = all
    int min_nuclearity = 1;
    int max_nuclearity = 100000;
    std::optional<int> min_charge, max_charge;  ///< a candidate of unknown charge passes
    bool only_stock = false;                    ///< every ligand must be in stock
    std::set<std::string> excluded_hazards;     ///< names of hazard_rules()
    std::optional<double> max_cost;
    /// Two things that must not meet: each an element of the core, a donor class, or a ligand as
    /// canonical SMILES.
    std::vector<std::pair<std::string, std::string>> forbidden_pairs;
};

/// Why a candidate stays out. Reasons: `element`, `nuclearity`, `charge`, `stock`, `hazard`,
/// `cost`, `forbidden_pair`, `reported`.
struct Refusal {
    std::string reason;
    std::string text;  ///< which element, which ligand, how much
};

struct RejectedCandidate {
    std::string name;
    Refusal refusal;
};

/// Holds candidates against constraints. Throws InputError("bad_constraint") for a hazard rule that
/// does not exist or an empty range.
class PoolFilter {
  public:
    PoolFilter(PoolConstraints constraints, Stock stock);

    /// The first constraint that is not met; nothing when all are.
    std::optional<Refusal> check(const Candidate& candidate) const;
    /// Sum over ligand species of their cost in stock; 1 for a species without one.
    double cost(const Candidate& candidate) const;
    /// Hazard rules the candidate meets.
    std::vector<std::string> hazards(const Candidate& candidate) const;
    const Stock& stock() const { return stock_; }

  private:
    PoolConstraints constraints_;
    Stock stock_;
    mutable HazardLookup hazards_;
};

/// A ligand set as it stands in a known cluster.
struct KnownLigandSet {
    LigandSet ligands;
    int nuclearity = 0;  ///< of the cluster it comes from
};

/// What came of building a pool.
struct Pool {
    std::vector<Candidate> candidates;
    std::vector<RejectedCandidate> rejected;
    std::size_t allowed = 0;  ///< candidates that met the constraints, before the limit
};

/// How a product is drawn.
struct ProductOptions {
    std::set<std::string> reported;  ///< learning keys that are not proposed again
    std::size_t limit = 20000;       ///< more are thinned at random, evenly over the product
    std::uint64_t seed = 1;
};

/// Every core with every ligand set, in the order given; charge and conditions are unknown. Counts
/// are scaled to the core: see scaled_ligands().
Pool build_product(const std::vector<Core>& cores,
                   const std::vector<KnownLigandSet>& ligand_sets,
                   const PoolFilter& filter,
                   const ProductOptions& options = {});

/// Counts in proportion to the surface of the core, n^(2/3), at least one of each species.
LigandSet scaled_ligands(LigandSet ligands, int from_nuclearity, int to_nuclearity);

}  // namespace cupel::chemistry
