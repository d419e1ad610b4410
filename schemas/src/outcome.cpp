// From outcome to labels: the one place where chemistry's answers become numbers.
#include <cupel/domain/outcome.hpp>

namespace cupel {

double analogue_grade(bool core_differs, int ligand_species_differing, bool counts_differ) {
    if (core_differs) {
        return ligand_species_differing > 0 ? 0.1 : 0.25;
    }
    if (ligand_species_differing > 1) {
        return 0.2;
    }
    if (ligand_species_differing == 1) {
        return 0.4;
    }
    return counts_differ ? 0.5 : 1.0;
}

Label label_of(const Outcome& outcome) {
    Label label;
    const auto both = [&](double pair, double target) {
        label.pair = pair;
        label.target = target;
    };
    switch (outcome.kind) {
        case OutcomeKind::Confirmed:
            both(1.0, 1.0);
            break;
        case OutcomeKind::Analogue:
            both(outcome.only_counts_differ ? 1.0 : 0.0, outcome.analogue_grade.value_or(0.25));
            break;
        case OutcomeKind::MassConfirmed:
            both(0.8, 0.8);
            label.provisional = true;
            break;
        case OutcomeKind::Mixture: {
            const double grade = !outcome.target_seen ? 0.2 : *outcome.target_seen ? 0.5 : 0.1;
            both(grade, grade);
            break;
        }
        case OutcomeKind::Amorphous:
            both(0.05, 0.0);
            break;
        case OutcomeKind::NoReaction:
            both(0.0, 0.0);
            break;
        case OutcomeKind::Decomposed:
            if (outcome.after_isolation) {
                both(1.0, 1.0);
                label.unstable = true;
            } else {
                both(0.0, 0.0);
            }
            break;
        case OutcomeKind::CrystalsUnsolved:
        case OutcomeKind::ExecutionFailed:
        case OutcomeKind::Abandoned:
            break;
    }
    return label;
}

}  // namespace cupel
