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
    Composition whole = metals;
    std::string enclosed;
    for (const auto& [anion, count] : anions) {
        if (atomic_number(anion) > 0) {
            whole[anion] += count;
        } else {
            enclosed += "(" + anion + ")" + (count > 1 ? std::to_string(count) : "");
        }
    }
    if (hydrides.value_or(0) > 0) {
        whole["H"] += *hydrides;
    }
    return hill_formula(whole) + enclosed;
}

}  // namespace cupel
