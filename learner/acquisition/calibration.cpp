// The calibration error and the Brier score over the same rows.
#include "calibration.hpp"

#include <cupel/domain/calibration_error.hpp>

namespace cupel::acquisition {

Calibration calibration_of(const std::vector<double>& probabilities, const std::vector<char>& hit) {
    const std::size_t n = hit.size();
    Calibration out;
    if (n == 0) {
        return out;
    }
    std::vector<double> outcomes;
    double brier = 0.0, hits = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        outcomes.push_back(hit[i] != 0 ? 1.0 : 0.0);
        brier += (probabilities[i] - outcomes[i]) * (probabilities[i] - outcomes[i]);
        hits += outcomes[i];
    }
    out.ece = calibration_error(probabilities, outcomes);
    const double rate = hits / static_cast<double>(n);
    const double reference = static_cast<double>(n) * rate * (1.0 - rate);
    out.brier_skill = reference > 0.0 ? 1.0 - brier / reference : 0.0;
    return out;
}

}  // namespace cupel::acquisition
