// Cluster formulas as chemists write them, read into candidates and written from them.
#pragma once

#include <string>
#include <string_view>

#include <cupel/chemistry/abbreviations.hpp>
#include <cupel/domain/candidate.hpp>

namespace cupel::chemistry {

/// Reads "[Cu20Cl(PET)12(PPh3)4(MeCOO)6]+", "[Au25(PET)18]-", "PdAu24(PET)18",
/// "Ag20{S2P(OnPr)2}12", "(CO3)2@Ag24(CCtBu)16(PhCOO)4".
/// Metals and bare anions stand with their counts outside brackets (or alone inside them),
/// ligands inside (), {} or [], as a name of `abbreviations` or as SMILES as bound. A charge needs
/// square brackets around the whole formula: "[...]2-", "[...]^2-", "[...](2-)", "[...]0"; without
/// it the charge is unknown. It is at most four above the number of metal atoms. Hydrides are
/// unknown unless written. Unicode subscripts, superscripts and minus (U+2212) count as their
/// ASCII forms.
/// Throws InputError("bad_name") naming what is not understood.
Candidate parse_candidate_name(std::string_view name, const Abbreviations& abbreviations);

/// As Candidate::name(), with the short names of ligands where they have one: what
/// parse_candidate_name reads back.
std::string short_name(const Candidate& candidate, const Abbreviations& abbreviations);

}  // namespace cupel::chemistry
