// A search that parts atoms without groups into alternatives of one composition.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace cupel::chemistry {

/// A disordered place: the sites in it and what is known of each two of them.
struct Alternatives {
    struct Site {
        int element = 0;
        double occupancy = 0.0;
        std::map<int, int> anchors;  ///< atoms that are always there: how often it hangs on each
    };
    enum class Relation { Bond, Strained, Never };
    struct Pair {
        int a = 0;
        int b = 0;
        Relation relation = Relation::Never;  ///< in one alternative
        double gain = 0.0;                    ///< of having both in one alternative
    };
    std::vector<Site> sites;
    std::vector<Pair> pairs;
};

/// The alternative of each site, the fullest first: two to four of equal composition that hang
/// together alike and whose occupancies add up to one. Nothing where none is found within
/// `steps_left`, which is what the search may still cost.
std::optional<std::vector<int>> part_alternatives(const Alternatives& place,
                                                  std::size_t& steps_left);

}  // namespace cupel::chemistry
