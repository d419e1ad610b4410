// Constraints one by one, and the product of cores and ligand sets.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <cupel/chemistry/hazards.hpp>
#include <cupel/chemistry/pool.hpp>
#include <cupel/domain/error.hpp>

#include "portable_random.hpp"

namespace cupel::chemistry {
namespace {

[[noreturn]] void refuse_constraint(const std::string& text) {
    throw InputError("bad_constraint", text);
}

std::string two_digits(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

/// Does the candidate hold this element, donor class or ligand?
bool holds(const Candidate& candidate, const std::string& what) {
    if (candidate.core.metals.count(what) > 0 || candidate.core.anions.count(what) > 0) {
        return true;
    }
    return std::any_of(candidate.ligands.begin(), candidate.ligands.end(), [&](const auto& entry) {
        return entry.ligand.donor_class == what || entry.ligand.smiles == what;
    });
}

}  // namespace

PoolFilter::PoolFilter(PoolConstraints constraints, Stock stock)
    : constraints_(std::move(constraints)), stock_(std::move(stock)) {
    for (const auto& name : constraints_.excluded_hazards) {
        const auto& rules = hazard_rules();
        if (std::none_of(
                rules.begin(), rules.end(), [&](const auto& rule) { return rule.name == name; })) {
            refuse_constraint("there is no hazard rule '" + name + "'");
        }
    }
    if (constraints_.min_nuclearity > constraints_.max_nuclearity) {
        refuse_constraint("the smallest nuclearity is above the largest");
    }
    if (constraints_.min_charge && constraints_.max_charge &&
        *constraints_.min_charge > *constraints_.max_charge) {
        refuse_constraint("the lowest charge is above the highest");
    }
    if (constraints_.only_stock && stock_.empty()) {
        refuse_constraint("only ligands in stock are allowed, but the stock is empty");
    }
}

std::optional<Refusal> PoolFilter::check(const Candidate& candidate) const {
    const auto& c = constraints_;
    for (const auto& [element, count] : candidate.core.metals) {
        if (!c.elements.empty() && c.elements.count(element) == 0) {
            return Refusal{"element", element + " is not allowed"};
        }
    }
    const int nuclearity = candidate.core.nuclearity();
    if (nuclearity < c.min_nuclearity || nuclearity > c.max_nuclearity) {
        return Refusal{"nuclearity",
                       std::to_string(nuclearity) + " metal atoms, allowed are " +
                           std::to_string(c.min_nuclearity) + " to " +
                           std::to_string(c.max_nuclearity)};
    }
    if (candidate.charge && ((c.min_charge && *candidate.charge < *c.min_charge) ||
                             (c.max_charge && *candidate.charge > *c.max_charge))) {
        return Refusal{
            "charge",
            "charge " + std::to_string(*candidate.charge) + " is outside the allowed range"};
    }
    for (const auto& entry : candidate.ligands) {
        if (c.only_stock && stock_.find(entry.ligand.smiles) == nullptr) {
            return Refusal{"stock", entry.ligand.smiles + " is not in stock"};
        }
    }
    for (const auto& name : hazards(candidate)) {
        if (c.excluded_hazards.count(name) > 0) {
            return Refusal{"hazard", "meets the rule '" + name + "'"};
        }
    }
    const double price = cost(candidate);
    if (c.max_cost && price > *c.max_cost) {
        return Refusal{"cost", two_digits(price) + " is above " + two_digits(*c.max_cost)};
    }
    for (const auto& [a, b] : c.forbidden_pairs) {
        if (holds(candidate, a) && holds(candidate, b)) {
            return Refusal{"forbidden_pair", a + " with " + b};
        }
    }
    return std::nullopt;
}

double PoolFilter::cost(const Candidate& candidate) const {
    return stock_.cost(candidate.ligands);
}

std::vector<std::string> PoolFilter::hazards(const Candidate& candidate) const {
    return hazards_.of(candidate);
}

LigandSet scaled_ligands(LigandSet ligands, int from_nuclearity, int to_nuclearity) {
    if (from_nuclearity < 1 || to_nuclearity < 1) {
        return ligands;
    }
    const double factor = std::pow(static_cast<double>(to_nuclearity) / from_nuclearity, 2.0 / 3.0);
    for (auto& entry : ligands) {
        entry.count = std::max(1, static_cast<int>(std::lround(entry.count * factor)));
    }
    return ligands;
}

Pool build_product(const std::vector<Core>& cores,
                   const std::vector<KnownLigandSet>& ligand_sets,
                   const PoolFilter& filter,
                   const ProductOptions& options) {
    Pool pool;
    // First the places of all that is allowed, then the draw, so that a limit thins evenly.
    std::vector<std::pair<std::size_t, std::size_t>> places;
    const auto make = [&](std::size_t i, std::size_t j) {
        Candidate candidate;
        candidate.core = cores[i];
        candidate.ligands = normalised(scaled_ligands(
            ligand_sets[j].ligands, ligand_sets[j].nuclearity, cores[i].nuclearity()));
        return candidate;
    };
    std::set<std::string> seen;
    for (std::size_t i = 0; i < cores.size(); ++i) {
        for (std::size_t j = 0; j < ligand_sets.size(); ++j) {
            const Candidate candidate = make(i, j);
            const std::string key = learning_key(candidate);
            if (!seen.insert(key).second) {
                continue;
            }
            if (options.reported.count(key) > 0) {
                pool.rejected.push_back({candidate.name(), {"reported", "stands in the table"}});
            } else if (auto refusal = filter.check(candidate)) {
                pool.rejected.push_back({candidate.name(), std::move(*refusal)});
            } else {
                places.emplace_back(i, j);
            }
        }
    }
    pool.allowed = places.size();
    if (places.size() > options.limit) {
        PortableRandom random(options.seed);
        random.shuffle(places);
        places.resize(options.limit);
        std::sort(places.begin(), places.end());
    }
    for (const auto& [i, j] : places) {
        pool.candidates.push_back(make(i, j));
    }
    return pool;
}

}  // namespace cupel::chemistry
