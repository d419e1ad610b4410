// Neighbour grid and the check that a finished cluster can be read back.
#include "cluster.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <cupel/domain/element.hpp>

namespace cupel::simulator {
namespace {

// Bonds must lie well inside any reader's tolerance, accidental contacts well outside it.
constexpr double kSurelyBonded = 0.25;      ///< angstrom above the sum of radii
constexpr double kSurelyBondedMetal = 0.4;  ///< metal-metal
constexpr double kMaybeBonded = 0.6;

int root(std::vector<int>& parent, int i) {
    while (parent[static_cast<std::size_t>(i)] != i) {
        i = parent[static_cast<std::size_t>(i)] =
            parent[static_cast<std::size_t>(parent[static_cast<std::size_t>(i)])];
    }
    return i;
}

}  // namespace

std::array<int, 3> Cluster::cell_of(const Vec3& at) {
    return {static_cast<int>(std::floor(at[0] / kReach)),
            static_cast<int>(std::floor(at[1] / kReach)),
            static_cast<int>(std::floor(at[2] / kReach))};
}

void Cluster::add(const ClusterAtom& atom) {
    const auto cell = cell_of(atom.at);
    cells_[key(cell[0], cell[1], cell[2])].push_back(static_cast<int>(atoms_.size()));
    atoms_.push_back(atom);
}

std::string contact_fault(const Cluster& cluster) {
    const auto& atoms = cluster.atoms();
    std::vector<int> parent(atoms.size());
    std::iota(parent.begin(), parent.end(), 0);
    std::vector<int> first_of_ligand;
    std::string fault;
    const auto index_of = [&](const ClusterAtom& atom) {
        return static_cast<int>(&atom - atoms.data());
    };
    for (std::size_t i = 0; i < atoms.size() && fault.empty(); ++i) {
        const ClusterAtom& a = atoms[i];
        if (a.owner >= 0) {  // a ligand hangs together by its own bonds
            const auto ligand = static_cast<std::size_t>(a.owner);
            if (ligand >= first_of_ligand.size()) {
                first_of_ligand.resize(ligand + 1, static_cast<int>(i));
            }
            parent[static_cast<std::size_t>(root(parent, static_cast<int>(i)))] =
                root(parent, first_of_ligand[ligand]);
        }
        cluster.near(a.at, [&](const ClusterAtom& b, double apart) {
            if (&a == &b || (a.owner >= 0 && a.owner == b.owner)) {
                return true;
            }
            const double excess = apart - covalent_radius(a.element) - covalent_radius(b.element);
            const bool metal = a.owner == kMetal || b.owner == kMetal;
            if (!metal && excess < kMaybeBonded) {
                fault = "a ligand or anion touches another";
                return false;
            }
            const bool both = a.owner == kMetal && b.owner == kMetal;
            const bool binds = a.owner == kMetal && (b.owner == kAnion || b.donor);
            if ((both && excess < kSurelyBondedMetal) || (binds && excess < kSurelyBonded)) {
                parent[static_cast<std::size_t>(root(parent, static_cast<int>(i)))] =
                    root(parent, index_of(b));
            }
            return true;
        });
    }
    for (std::size_t i = 0; i < atoms.size() && fault.empty(); ++i) {
        if (root(parent, static_cast<int>(i)) != root(parent, 0)) {
            fault = "the cluster falls into pieces";
        }
    }
    return fault;
}

}  // namespace cupel::simulator
