// A finished table of experiments in plain numbers: what was chosen, what came out, what is a hit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <cupel/domain/atom_graph.hpp>

namespace cupel::acquisition {

/// One component of the experiment, chosen from a list of labels.
struct Slot {
    std::string name;
    std::vector<std::string> labels;
    std::vector<Fingerprint> fingerprints;      ///< none, or one per label
    std::vector<std::vector<double>> features;  ///< none, or one row per label; NaN = unknown
    std::vector<std::uint32_t> label_of_row;    ///< one per experiment
};

/// One numeric condition.
struct NumericColumn {
    std::string name;
    std::vector<double> values;  ///< one per experiment, finite
};

/// Every experiment of a table with its outcome.
struct ReplayTable {
    std::string name;
    std::vector<Slot> slots;
    std::vector<NumericColumn> numbers;
    std::vector<double> y;
    std::vector<char> hit;            ///< 1 or 0, one per experiment
    std::vector<std::string> unused;  ///< columns that say nothing here

    std::size_t rows() const { return hit.size(); }
    std::size_t hits() const;
};

/// The outcome from which on an experiment is a hit.
struct HitThreshold {
    double value = 0.0;          ///< halfway between the nearest hit and miss
    double direction = 1.0;      ///< 1: hits lie above, -1: below
    std::size_t exceptions = 0;  ///< experiments on the wrong side
};
/// The threshold with the fewest exceptions; `table` holds a hit and a miss.
HitThreshold find_threshold(const ReplayTable& table);

}  // namespace cupel::acquisition
