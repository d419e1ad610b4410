// Small tables with a known structure.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <cupel/acquisition/replay_table.hpp>

namespace cupel::test {

/// `sizes[s]` labels in slot s, every combination once; `features[s][label]` describes slot s when
/// given; an experiment is a hit when `y(labels)` is above `threshold`.
template <typename Outcome>
acquisition::ReplayTable full_table(const std::vector<std::size_t>& sizes,
                                    const std::vector<std::vector<std::vector<double>>>& features,
                                    double threshold,
                                    Outcome y) {
    acquisition::ReplayTable table;
    table.name = "synthetic.csv";
    for (std::size_t s = 0; s < sizes.size(); ++s) {
        acquisition::Slot slot;
        slot.name = std::string(1, static_cast<char>('a' + s));
        for (std::size_t label = 0; label < sizes[s]; ++label) {
            slot.labels.push_back(slot.name + std::to_string(label));
        }
        if (s < features.size()) {
            slot.features = features[s];
        }
        table.slots.push_back(slot);
    }
    std::vector<std::uint32_t> at(sizes.size(), 0);
    for (;;) {
        for (std::size_t s = 0; s < sizes.size(); ++s) {
            table.slots[s].label_of_row.push_back(at[s]);
        }
        const double outcome = y(at);
        table.y.push_back(outcome);
        table.hit.push_back(outcome > threshold ? 1 : 0);
        std::size_t s = 0;
        while (s < sizes.size() && ++at[s] == sizes[s]) {
            at[s++] = 0;
        }
        if (s == sizes.size()) {
            return table;
        }
    }
}

/// One number per label, evenly over 0 .. 1.
inline std::vector<std::vector<double>> evenly(std::size_t labels) {
    std::vector<std::vector<double>> values;
    for (std::size_t i = 0; i < labels; ++i) {
        values.push_back({static_cast<double>(i) / static_cast<double>(labels - 1)});
    }
    return values;
}

/// Hits lie where both coordinates agree: every label of either slot is as popular as the next.
inline acquisition::ReplayTable diagonal_table(std::size_t size = 24) {
    const auto features = evenly(size);
    return full_table({size, size}, {features, features}, -0.045, [&](const auto& at) {
        return -std::abs(features[at[0]][0] - features[at[1]][0]);
    });
}

/// Hits are made by good labels: additive, with nothing else to find.
inline acquisition::ReplayTable additive_table() {
    return full_table({8, 8, 6}, {}, 1.25, [](const auto& at) {
        return (at[0] % 4 == 0 ? 0.6 : 0.0) + (at[1] % 4 == 0 ? 0.5 : 0.0) +
               (at[2] % 3 == 0 ? 0.4 : 0.0);
    });
}

/// Good labels, noise that no label explains, and nine of ten experiments hit.
inline acquisition::ReplayTable rich_table() {
    std::mt19937_64 engine(11);
    // Twelve uniform draws minus six: close to a standard normal, the same with every library.
    const auto normal = [&] {
        double sum = -6.0;
        for (int i = 0; i < 12; ++i) {
            sum += static_cast<double>(engine() >> 11) * 0x1.0p-53;
        }
        return sum;
    };
    std::array<std::array<double, 10>, 3> effects{};
    for (auto& slot : effects) {
        for (auto& effect : slot) {
            effect = normal();
        }
    }
    auto table = full_table({10, 10, 9}, {}, 0.0, [&](const auto& at) {
        return effects[0][at[0]] + effects[1][at[1]] + effects[2][at[2]] + 0.7 * normal();
    });
    auto sorted = table.y;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t row = 0; row < table.rows(); ++row) {
        table.hit[row] = table.y[row] >= sorted[table.rows() / 10] ? 1 : 0;
    }
    return table;
}

}  // namespace cupel::test
