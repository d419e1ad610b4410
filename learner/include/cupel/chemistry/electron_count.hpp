// Valence electrons left to the metal framework of a cluster, for people and for edits.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <cupel/domain/candidate.hpp>

namespace cupel::chemistry {

/// The count n* of a candidate (Walter et al., PNAS 2008, 105, 9157). Never a filter: most known
/// clusters of this field have n* = 0.
struct ElectronCount {
    std::optional<int> n;              ///< every hydrogen of the core counted as H-
    std::optional<int> n_hydrogen_in;  ///< every hydrogen gives its electron, as in PtHAg19
    std::string unknown;               ///< why there is no count; empty when there is one
};

/// n* = metal valence electrons - charge + formal charges of the ligands - charges of the anions.
/// Valence 1 for Cu, Ag, Au, 0 for Ni, Pd, Pt, 2 for Cd, Hg; another metal, or another oxidation
/// state, counts with the state given in `oxidation_states`. Without hydrogen both values are
/// equal; unknown hydrides count as none. No count when the charge, a metal's state, an anion's
/// charge or a ligand is unknown.
ElectronCount count_electrons(const Candidate& candidate,
                              const std::map<std::string, int>& oxidation_states = {});

/// Valence electrons a metal gives without a stated oxidation state; nothing for other metals.
std::optional<int> metal_valence(const std::string& element);
/// Size of the charge of a bare or enclosed anion ("Cl" 1, "S" 2, "CO3" 2); nothing when unknown.
std::optional<int> anion_charge(const std::string& anion);

/// The nearest of {0, 2, 8, 18, 20, 34, 40, 58, 92}, the smaller of two equally near.
int nearest_magic_number(int electrons);
/// Distance to it.
int distance_to_magic_number(int electrons);

}  // namespace cupel::chemistry
