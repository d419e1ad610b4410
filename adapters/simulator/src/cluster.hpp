// A cluster under construction: its atoms, who owns them, and a grid that finds neighbours.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "geometry.hpp"

namespace cupel::simulator {

constexpr int kMetal = -2;  ///< owner of metals
constexpr int kAnion = -1;  ///< owner of bare anions; ligands are numbered from 0

struct ClusterAtom {
    int element = 0;
    Vec3 at{};
    int owner = kMetal;
    bool donor = false;
};

/// Atoms with a hash grid of cells that makes neighbour queries cheap.
class Cluster {
  public:
    void add(const ClusterAtom& atom);
    const std::vector<ClusterAtom>& atoms() const { return atoms_; }
    /// Calls visit(atom, distance) for every atom within kReach of `at`; stops when it says false.
    template <typename Visit>
    void near(const Vec3& at, Visit visit) const {
        const auto base = cell_of(at);
        for (int x = -1; x <= 1; ++x) {
            for (int y = -1; y <= 1; ++y) {
                for (int z = -1; z <= 1; ++z) {
                    const auto found = cells_.find(key(base[0] + x, base[1] + y, base[2] + z));
                    if (found == cells_.end()) {
                        continue;
                    }
                    for (const int i : found->second) {
                        const double apart = distance(atoms_[static_cast<std::size_t>(i)].at, at);
                        if (apart < kReach && !visit(atoms_[static_cast<std::size_t>(i)], apart)) {
                            return;
                        }
                    }
                }
            }
        }
    }

    static constexpr double kReach = 4.0;  ///< angstrom

  private:
    static std::array<int, 3> cell_of(const Vec3& at);
    static long key(int x, int y, int z) {
        return (static_cast<long>(x + 4096) << 26) | (static_cast<long>(y + 4096) << 13) |
               static_cast<long>(z + 4096);
    }

    std::vector<ClusterAtom> atoms_;
    std::unordered_map<long, std::vector<int>> cells_;
};

/// What a reader would get wrong, in words; empty when every ligand and anion is bonded to a metal,
/// all hang together, and no ligand touches another ligand or an anion.
std::string contact_fault(const Cluster& cluster);

}  // namespace cupel::simulator
