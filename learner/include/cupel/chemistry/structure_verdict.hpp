// Is what the structure shows what was asked for?
#pragma once

#include <vector>

#include <cupel/chemistry/abbreviations.hpp>
#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/domain/candidate.hpp>
#include <cupel/domain/verdict.hpp>

namespace cupel::chemistry {

/// Compares a structure with a target, field by field. `confirmed` has no field that differs; only
/// what a structure determines can differ: unknown charge or hydrides are listed as unchecked, a
/// charge alone is noted. Metals that are neighbours in the periodic table (Pt/Au/Hg, Pd/Ag/Cd,
/// Ni/Cu/Zn) scatter alike: they are confirmed with a note. Ligands are compared by skeleton and
/// hydrogen count, so that a tautomer or another place of a charge is no difference.
/// Ligands are called by their names in `names` where they have one.
Verdict judge_structure(const StructureReport& report,
                        const Candidate& target,
                        const Abbreviations& names = {});

/// Writes the ligands of `report` that are ligands of `target` as the target writes them: stereo
/// marks, tautomer and the place of a charge are not in the atoms, and keys shall meet.
void adopt_spelling(StructureReport& report, const Candidate& target);

/// Compares every cluster of a file with the target and gives the one that matches best, with its
/// verdict, in the target's spelling: a confirmed one with fewest fields unchecked, else the first,
/// which is the one with most metal. Its warnings name the others.
/// Throws the InputError of a block that cannot be read where no other block is confirmed: the
/// target may stand in it. @since 0.2
StructureReport judge_best(std::vector<BlockAnalysis> blocks,
                           const Candidate& target,
                           const Abbreviations& names = {});

}  // namespace cupel::chemistry
