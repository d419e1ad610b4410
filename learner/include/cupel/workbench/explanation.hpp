// Why the model thinks what it thinks of one candidate.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <cupel/domain/proposal.hpp>

namespace cupel::workbench {

/// What the fit (the interaction logit) loses when an atom's surroundings are hidden from the
/// model; in the order of the SMILES' atoms. Positive = it speaks for the candidate.
struct LigandAttribution {
    std::string smiles;
    std::vector<double> atoms;
};

/// What the fit loses when a kind of atom of the core is hidden; the only metal of a core is held
/// against the mean of the other coinage metals instead.
struct CoreAttribution {
    std::string part;  ///< "Cu", "Cl", "hydrides"
    double weight = 0.0;
};

/// The smallest exchange that changes the model's mind.
struct Counterfactual {
    std::string swap;       ///< "Cu20 -> Ag20", "SMILES -> SMILES"
    double p = 0.0;         ///< of the candidate with the exchange
    double distance = 0.0;  ///< share of the metal atoms exchanged, or 1 - Tanimoto of the ligands
    bool crosses = false;   ///< false: nothing that was tried crosses an even chance; the one that
                            ///< comes nearest to it
};

struct Explanation {
    std::string model;
    double p = 0.0, interaction = 0.0, popularity = 0.0, uncertainty = 0.0;
    std::vector<Neighbour> nearest;  ///< known clusters, both sides together
    std::vector<Neighbour> nearest_cores, nearest_ligands;
    std::vector<LigandAttribution> ligands;
    std::vector<CoreAttribution> core;
    std::optional<Counterfactual> counterfactual;
    std::string kernel;  ///< that computed this: "openblas Cooperlake"
    bool exact = true;   ///< the same kernel as when it was proposed: equal to the bit
    std::string text;
};

}  // namespace cupel::workbench
