// Counts and thresholds of finished tables.
#include <algorithm>
#include <numeric>

#include <cupel/acquisition/replay_table.hpp>

namespace cupel::acquisition {

std::size_t ReplayTable::hits() const {
    return static_cast<std::size_t>(std::count(hit.begin(), hit.end(), char{1}));
}

HitThreshold find_threshold(const ReplayTable& table) {
    std::vector<std::size_t> order(table.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return table.y[a] < table.y[b];
    });
    const std::size_t hits = table.hits();
    HitThreshold best;
    best.exceptions = table.rows() + 1;
    std::size_t hits_below = 0;
    for (std::size_t k = 1; k < order.size(); ++k) {
        hits_below += table.hit[order[k - 1]] != 0 ? 1 : 0;
        const double low = table.y[order[k - 1]];
        const double high = table.y[order[k]];
        if (!(low < high)) {
            continue;
        }
        const std::size_t misses_above = (order.size() - k) - (hits - hits_below);
        const std::size_t wrong_up = hits_below + misses_above;
        const std::size_t wrong_down = order.size() - wrong_up;
        if (std::min(wrong_up, wrong_down) < best.exceptions) {
            best.exceptions = std::min(wrong_up, wrong_down);
            best.direction = wrong_up <= wrong_down ? 1.0 : -1.0;
            best.value = low + (high - low) / 2;
        }
    }
    return best;
}

}  // namespace cupel::acquisition
