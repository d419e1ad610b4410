// What the sources on disorder share: limits, sets that grow together, lines of the report.
#pragma once

#include <cstdio>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <cupel/domain/element.hpp>

#include "packing.hpp"

namespace cupel::chemistry {

constexpr double kClash = 0.75;   ///< of the sum of radii: no bond is that short
constexpr double kNoAngle = 2.0;  ///< angstrom; nearer two bonds of one atom do not end
constexpr double kSameOccupancy = 0.02;
constexpr double kAtMostOne = 1.05;     ///< what excludes each other adds up to no more
constexpr double kAsGoodAsOne = 0.895;  ///< what adds up to more is there always
constexpr double kBonded = 0.3;  ///< angstrom above the sum of radii, up to which atoms may bond
constexpr std::size_t kMaxDisorderLines = 40;

/// Sets of indices that grow together (union-find).
class Groups {
  public:
    explicit Groups(std::size_t size) : parent_(size) {
        std::iota(parent_.begin(), parent_.end(), 0);
    }
    int root(int i) {
        auto at = static_cast<std::size_t>(i);
        while (parent_[at] != static_cast<int>(at)) {
            parent_[at] = parent_[static_cast<std::size_t>(parent_[at])];
            at = static_cast<std::size_t>(parent_[at]);
        }
        return static_cast<int>(at);
    }
    void join(int a, int b) { parent_[static_cast<std::size_t>(root(a))] = root(b); }

  private:
    std::vector<int> parent_;
};

inline std::string occupancy_text(double occupancy) {
    char text[16];
    std::snprintf(text, sizeof text, "%.2f", occupancy);
    return text;
}

inline void add_line(std::vector<std::string>& report, const std::string& line) {
    if (report.size() < kMaxDisorderLines) {
        report.push_back(line);
    } else if (report.size() == kMaxDisorderLines) {
        report.push_back("... and more");
    }
}

/// Elements that end a chain: two of them side by side are alternatives, not a bond.
inline bool is_terminal(int z) {
    return z == 1 || z == 8 || element_group(z) == 17;
}

inline bool never_bonded(int a, int b) {
    return is_terminal(a) && is_terminal(b) && !(a == 1 && b == 8) && !(a == 8 && b == 1) &&
           !(a == 8 && b > 9) && !(b == 8 && a > 9);
}

/// Two such atoms are never there together.
inline bool overlapping(const Contact& c, int a, int b) {
    return c.ratio < kClash || (c.excess < kBonded && never_bonded(a, b));
}

/// Mean occupancy of the heavy atoms of some alternative (of all where there are no heavy ones).
struct Mean {
    double sum = 0.0;
    int count = 0;
    double light_sum = 0.0;
    int light = 0;
    void add(int element, double occupancy) {
        (element == 1 ? light_sum : sum) += occupancy;
        ++(element == 1 ? light : count);
    }
    double value() const { return count > 0 ? sum / count : light > 0 ? light_sum / light : 0.0; }
};

/// Where the file gives groups: keeps the fullest units that do not exclude each other and marks
/// the atoms of the others removed.
void choose_groups(const Crystal& crystal, Packing& packing, std::vector<std::string>& report);

/// Partly occupied atoms that cannot be there together: images of one molecule on a symmetry
/// element, or alternatives nobody gave a group. Pieces are kept whole, the fuller first. Returns
/// the atoms that are left where several alternatives make one piece.
std::set<int> choose_pieces(const Crystal& crystal,
                            Packing& packing,
                            std::vector<std::string>& report);

/// Is this atom of the cell there in each of the alternatives? So are those on a symmetry element
/// whose images fall together, as the boron of a disordered BF4-.
bool always_there(const Crystal& crystal, const Packing& packing, int atom);

}  // namespace cupel::chemistry
