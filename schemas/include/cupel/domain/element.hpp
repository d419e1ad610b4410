// The elements as Cupel sees them: symbols, radii, valence electrons, roles.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cupel {

/// Atomic number of a symbol such as "Au" (case-sensitive; "D" reads as hydrogen); 0 for others.
int atomic_number(std::string_view symbol) noexcept;
/// Symbol of atomic number 1..103; empty for any other.
std::string_view element_symbol(int atomic_number) noexcept;
/// Single-bond covalent radius in angstrom (Cordero et al., Dalton Trans. 2008, 2832); 0 if
/// unknown.
double covalent_radius(int atomic_number) noexcept;
/// Pauling electronegativity; 0 if unknown.
double electronegativity(int atomic_number) noexcept;
/// Standard atomic weight in g/mol; 0 if unknown.
double atomic_weight(int atomic_number) noexcept;
/// Group (1..18, lanthanides and actinides 3) and period (1..7) of the table.
int element_group(int atomic_number) noexcept;
int element_period(int atomic_number) noexcept;

/// Cu, Ag, Au.
bool is_coinage_metal(int atomic_number) noexcept;
/// Any metal, the coinage metals among them (Ge, Sn, Sb, As, Te and B, Si are not).
bool is_metal(int atomic_number) noexcept;

/// Element -> number of atoms.
using Composition = std::map<std::string, int>;
/// Hill order without spaces: carbon, hydrogen, then alphabetical; "1" is left out ("C8H9S",
/// "Cu3Cl").
std::string hill_formula(const Composition& composition);
/// Reads "C8H9S", "C8 H9 S1" or "Au25"; nothing when it is not a formula. Counts are whole numbers.
std::optional<Composition> try_parse_formula(std::string_view text);

}  // namespace cupel
