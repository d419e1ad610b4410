// What came of an attempt, and the labels it teaches.
#pragma once

#include <optional>
#include <string>

namespace cupel {

enum class OutcomeKind {
    Confirmed,
    Analogue,
    MassConfirmed,
    Mixture,
    Amorphous,
    NoReaction,
    Decomposed,
    CrystalsUnsolved,
    ExecutionFailed,
    Abandoned,
};

/// An outcome with the details that change its label.
struct Outcome {
    OutcomeKind kind = OutcomeKind::Abandoned;
    std::optional<bool> target_seen;       ///< mixture: nothing = unknown
    bool after_isolation = false;          ///< decomposed: the cluster had formed
    std::optional<double> analogue_grade;  ///< analogue: the verdict's target_grade
    bool only_counts_differ = false;       ///< analogue: same core and ligand species
};

/// The two labels. Nothing = censored or no chemistry: trains nothing.
struct Label {
    std::optional<double>
        pair;  ///< do this core and these ligands form a cluster (counts ignored)?
    std::optional<double> target;  ///< was exactly this made?
    bool provisional = false;      ///< MS/NMR only
    bool unstable = false;
};

/// The one documented function from outcome to labels; the table stands in schemas/README.md.
Label label_of(const Outcome& outcome);

/// The target grade of an analogue: counts 0.5, one ligand species 0.4, core 0.25, both 0.1.
double analogue_grade(bool core_differs, int ligand_species_differing, bool counts_differ);

}  // namespace cupel
