// Sorted once, cut into equal shares.
#include "calibration.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cupel::acquisition {

Calibration calibration_of(const std::vector<double>& probabilities, const std::vector<char>& hit) {
    constexpr std::size_t kBins = 15;
    const std::size_t n = hit.size();
    Calibration out;
    if (n == 0) {
        return out;
    }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return probabilities[a] < probabilities[b];
    });
    double brier = 0.0, hits = 0.0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        double gap = 0.0;
        for (std::size_t k = bin * n / kBins; k < (bin + 1) * n / kBins; ++k) {
            const double p = probabilities[order[k]];
            const double outcome = hit[order[k]] != 0 ? 1.0 : 0.0;
            gap += p - outcome;
            brier += (p - outcome) * (p - outcome);
            hits += outcome;
        }
        out.ece += std::abs(gap) / static_cast<double>(n);
    }
    const double rate = hits / static_cast<double>(n);
    const double reference = static_cast<double>(n) * rate * (1.0 - rate);
    out.brier_skill = reference > 0.0 ? 1.0 - brier / reference : 0.0;
    return out;
}

}  // namespace cupel::acquisition
