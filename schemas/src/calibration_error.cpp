// Sorted once, cut into equal shares.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include <cupel/domain/calibration_error.hpp>

namespace cupel {

double calibration_error(const std::vector<double>& probabilities,
                         const std::vector<double>& outcomes) {
    constexpr std::size_t kBins = 15;
    const std::size_t n = outcomes.size();
    if (n == 0) {
        return 0.0;
    }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return probabilities[a] < probabilities[b];
    });
    // A bin may end among equal probabilities. Whoever lists hits before misses would then find
    // the hits in one bin and the misses in the next: an error that the probabilities do not have.
    std::vector<double> gap(n);
    for (std::size_t first = 0; first < n;) {
        const double p = probabilities[order[first]];
        std::size_t last = first;
        double sum = 0.0;
        for (; last < n && probabilities[order[last]] == p; ++last) {
            sum += outcomes[order[last]];
        }
        // A probability that is no number equals nothing, not even itself.
        last = std::max(last, first + 1);
        const double mean = sum / static_cast<double>(last - first);
        std::fill(gap.begin() + static_cast<std::ptrdiff_t>(first),
                  gap.begin() + static_cast<std::ptrdiff_t>(last),
                  p - mean);
        first = last;
    }
    double error = 0.0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        double sum = 0.0;
        for (std::size_t k = bin * n / kBins; k < (bin + 1) * n / kBins; ++k) {
            sum += gap[k];
        }
        error += std::abs(sum) / static_cast<double>(n);
    }
    return error;
}

}  // namespace cupel
