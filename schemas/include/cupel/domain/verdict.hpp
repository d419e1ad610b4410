// What a structure says about the target it was meant to be.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/core.hpp>
#include <cupel/domain/ligand.hpp>

namespace cupel {

enum class Agreement { Yes, No, NotDetermined };

/// One field of the comparison: "metals", "anions", "hydrides", "ligands", "ligand_counts",
/// "charge".
struct FieldVerdict {
    std::string field;
    Agreement agreement = Agreement::NotDetermined;
    std::string text;  ///< expected against found, in words; names the metal or ligand that differs
};

/// `confirmed` has no field with No; only what a structure determines can differ.
struct Verdict {
    bool confirmed = false;  ///< false = analogue: another cluster was found
    std::vector<FieldVerdict> fields;
    std::vector<std::string> unchecked;  ///< fields the structure does not determine
    std::vector<std::string>
        notes;                  ///< "element not distinguishable, needs MS", "charge state differs"
    double target_grade = 1.0;  ///< the target label: 1 confirmed, else graded by what differs
    std::string text;           ///< the verdict in one sentence
};

/// A species beside the cluster in the crystal.
struct OtherSpecies {
    std::string formula;
    int count = 0;
    std::string role;  ///< "solvent" or "counterion"
};

/// The result of structure analysis of one file.
struct StructureReport {
    std::string file;
    std::string block;
    Core core;
    LigandSet ligands;
    std::optional<int> charge;
    std::vector<OtherSpecies> other;
    int cluster_atoms = 0;
    std::vector<std::string> disorder;
    std::vector<std::string> warnings;
    /// Metals of shared or partly occupied sites, as refined; empty when all counts are whole.
    /// `core.metals` then holds the nearest whole numbers.
    std::map<std::string, double> fractional_metals;
    /// The same of anions: what is absent more often than there is not in `core.anions`.
    std::map<std::string, double> fractional_anions;
    /// By formula, how many there are on average of ligands that are not always there; what is
    /// absent more often than there is not in `ligands`.
    std::map<std::string, double> fractional_ligands;
    bool hydrogens_missing = false;  ///< not every hydrogen was located; completed by valence
    /// Some ligands are disordered in a way that could not be told apart: `ligands` holds the
    /// others.
    bool ligands_undecided = false;
    std::optional<Verdict> verdict;
};

}  // namespace cupel
