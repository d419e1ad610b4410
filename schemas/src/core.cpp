// Core composition and formula.
#include <cupel/domain/core.hpp>

namespace cupel {

int Core::nuclearity() const noexcept {
    int n = 0;
    for (const auto& [element, count] : metals) {
        n += count;
    }
    return n;
}

std::string Core::formula() const {
    // Metals first, then anions, then hydrides, as clusters are written: Cu20Cl, not ClCu20.
    Composition bare;
    std::string enclosed;
    for (const auto& [anion, count] : anions) {
        if (atomic_number(anion) > 0) {
            bare[anion] += count;
        } else {
            enclosed += "(" + anion + ")" + (count > 1 ? std::to_string(count) : "");
        }
    }
    const int h = hydrides.value_or(0);
    return hill_formula(metals) + hill_formula(bare) + enclosed +
           (h > 0 ? "H" + (h > 1 ? std::to_string(h) : "") : "");
}

}  // namespace cupel
