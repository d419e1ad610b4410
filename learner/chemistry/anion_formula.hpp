// Formulas of enclosed anions, which may hold groups and fractions.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace cupel::chemistry {

/// Atoms of each element in "CO3", "K(H2O)HP5W30O110" or "(Co0.58W0.42)3(OH)3"; nothing when it is
/// no formula of known elements.
std::optional<std::map<std::string, double>> try_parse_anion(const std::string& formula);

}  // namespace cupel::chemistry
