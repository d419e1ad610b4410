// The fixed divisions of the starter table and their negatives.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cupel::chemistry {

/// One division, by row ids. A pair is (core, ligand set), counts ignored, named by the id of its
/// first row.
struct FixedSplit {
    int seed = 0;
    std::vector<std::string> train;
    std::vector<std::string> test_positives;
    /// One for each test positive: the same ligand set stands in training on a core that differs by
    /// at most one metal atom (or one substitution).
    std::vector<bool> relative;
    /// Degree-matched: (row id of the core, row id of the ligand set).
    std::vector<std::pair<std::string, std::string>> test_negatives;
};

/// By name ("random", "core-cold", ...), one per seed.
using FixedSplits = std::map<std::string, std::vector<FixedSplit>>;

/// Reads splits.json. Throws InputError("bad_splits") naming the file and the place.
FixedSplits load_splits(const std::filesystem::path& path);

}  // namespace cupel::chemistry
