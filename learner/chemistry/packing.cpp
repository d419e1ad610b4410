// Symmetry applied once; neighbours from a hash grid over the cell and a rim of its images.
#include "packing.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::chemistry {
namespace {

constexpr double kSamePlace = 0.4;  ///< images of one site nearer than this are one atom
constexpr double kMetalReach = 0.75;
constexpr double kBondReach = 0.5;
constexpr double kHydrogenReach = 0.4;
constexpr double kHydrogenPair = 1.3;  ///< two hydrogens so near are alternatives
constexpr std::size_t kMaxImages = 1'500'000;
constexpr std::size_t kMaxContacts = 3'000'000;

/// Moves into the cell; what lies on a face within rounding goes to its low side.
void wrap(Point& f) {
    for (double& x : f) {
        x -= std::floor(x + 1e-9);
    }
}

double nearest_image(const Lattice& lattice, const Point& a, const Point& b) {
    Point d{};
    for (std::size_t k = 0; k < 3; ++k) {
        d[k] = a[k] - b[k];
        d[k] -= std::round(d[k]);
    }
    return distance(lattice.cartesian(d), Point{});
}

void place_sites(const Crystal& crystal, Packing& packing) {
    packing.lattice = crystal.lattice;
    for (std::size_t s = 0; s < crystal.sites.size(); ++s) {
        const Site& site = crystal.sites[s];
        std::vector<Point> images;
        for (std::size_t o = 0; o < crystal.operations.size(); ++o) {
            Point f = site.position;
            if (crystal.lattice) {
                f = crystal.operations[o].apply(f);
                wrap(f);
                const bool known = std::any_of(images.begin(), images.end(), [&](const Point& p) {
                    return nearest_image(*crystal.lattice, p, f) < kSamePlace;
                });
                if (known) {
                    continue;
                }
            }
            images.push_back(f);
            packing.atoms.push_back({static_cast<int>(s),
                                     static_cast<int>(o),
                                     site.element,
                                     crystal.lattice ? crystal.lattice->cartesian(f) : f,
                                     site.occupancy,
                                     false});
            if (packing.atoms.size() > kMaxCellAtoms) {
                throw InputError(
                    "too_large",
                    "more than " + std::to_string(kMaxCellAtoms) + " atoms in the unit cell");
            }
        }
        packing.multiplicity.push_back(static_cast<int>(images.size()));
        // Older files divide the occupancy of special positions by their order, and do not tell it.
        const double order =
            static_cast<double>(crystal.operations.size()) / static_cast<double>(images.size());
        if (!crystal.tells_orders && site.group == 0 && order > 1.5 &&
            std::abs(site.occupancy * order - 1.0) < 0.03) {
            for (auto it = packing.atoms.rbegin();
                 it != packing.atoms.rend() && it->site == static_cast<int>(s);
                 ++it) {
                it->occupancy = 1.0;
            }
        }
    }
}

struct Image {
    int atom = 0;
    Shift shift{};
    Point place{};
};

/// The atoms themselves and their images within `rim` angstrom of the cell.
std::vector<Image> images_of(const Packing& packing, double rim) {
    std::vector<Image> images;
    for (std::size_t i = 0; i < packing.atoms.size(); ++i) {
        images.push_back({static_cast<int>(i), {}, packing.atoms[i].place});
    }
    if (!packing.lattice) {
        return images;
    }
    const Lattice& lattice = *packing.lattice;
    Point margin{};
    Shift most{};
    for (std::size_t k = 0; k < 3; ++k) {
        margin[k] = rim / lattice.heights()[k];
        most[k] = static_cast<int>(std::ceil(margin[k]));
    }
    for (std::size_t i = 0; i < packing.atoms.size(); ++i) {
        const Point f = lattice.fractional(packing.atoms[i].place);
        Shift s{};
        for (s[0] = -most[0]; s[0] <= most[0]; ++s[0]) {
            for (s[1] = -most[1]; s[1] <= most[1]; ++s[1]) {
                for (s[2] = -most[2]; s[2] <= most[2]; ++s[2]) {
                    Point g = f;
                    bool inside = s != Shift{};
                    for (std::size_t k = 0; k < 3; ++k) {
                        g[k] += s[k];
                        inside = inside && g[k] >= -margin[k] && g[k] <= 1.0 + margin[k];
                    }
                    if (inside) {
                        images.push_back({static_cast<int>(i), s, lattice.cartesian(g)});
                    }
                }
            }
        }
        if (images.size() > kMaxImages) {
            throw InputError("too_large", "the cell is too crowded to be searched for contacts");
        }
    }
    return images;
}

class Grid {
  public:
    Grid(const std::vector<Image>& images, double edge) : images_(images), edge_(edge) {
        for (std::size_t i = 0; i < images.size(); ++i) {
            cells_[key(index(images[i].place))].push_back(static_cast<int>(i));
        }
    }

    template <typename Visit>
    void near(const Point& place, Visit visit) const {
        const auto centre = index(place);
        for (long x = -1; x <= 1; ++x) {
            for (long y = -1; y <= 1; ++y) {
                for (long z = -1; z <= 1; ++z) {
                    const auto found =
                        cells_.find(key({centre[0] + x, centre[1] + y, centre[2] + z}));
                    if (found == cells_.end()) {
                        continue;
                    }
                    for (const int i : found->second) {
                        visit(images_[static_cast<std::size_t>(i)]);
                    }
                }
            }
        }
    }

  private:
    std::array<long, 3> index(const Point& p) const {
        return {static_cast<long>(std::floor(p[0] / edge_)),
                static_cast<long>(std::floor(p[1] / edge_)),
                static_cast<long>(std::floor(p[2] / edge_))};
    }
    static long key(const std::array<long, 3>& i) {
        constexpr long kHalf = 1L << 19;
        return ((i[0] + kHalf) << 42) ^ ((i[1] + kHalf) << 21) ^ (i[2] + kHalf);
    }

    const std::vector<Image>& images_;
    double edge_;
    std::unordered_map<long, std::vector<int>> cells_;
};

double reach(int a, int b) {
    const double sum = covalent_radius(a) + covalent_radius(b);
    if (a == 1 || b == 1) {
        return a == 1 && b == 1 ? kHydrogenPair : sum + kHydrogenReach;
    }
    return sum + (is_metal(a) && is_metal(b) ? kMetalReach : kBondReach);
}

double longest_reach(const std::vector<CellAtom>& atoms) {
    double longest = 0.5;
    std::array<bool, 104> seen{};
    for (const auto& atom : atoms) {
        seen[static_cast<std::size_t>(std::clamp(atom.element, 0, 103))] = true;
    }
    for (int a = 1; a <= 103; ++a) {
        for (int b = a; b <= 103; ++b) {
            if (seen[static_cast<std::size_t>(a)] && seen[static_cast<std::size_t>(b)]) {
                longest = std::max(longest, reach(a, b));
            }
        }
    }
    return longest;
}

void find_contacts(Packing& packing) {
    const double rim = longest_reach(packing.atoms);
    const auto images = images_of(packing, rim);
    const Grid grid(images, rim);
    std::size_t looked_at = 0;
    for (std::size_t i = 0; i < packing.atoms.size(); ++i) {
        const CellAtom& a = packing.atoms[i];
        const int here = static_cast<int>(i);
        grid.near(a.place, [&](const Image& image) {
            // Each pair once: the lower index first; a pair of one atom by the sign of its shift.
            if (image.atom < here || (image.atom == here && image.shift <= Shift{})) {
                return;
            }
            ++looked_at;
            const int other = packing.atoms[static_cast<std::size_t>(image.atom)].element;
            const double length = distance(a.place, image.place);
            if (length > reach(a.element, other)) {
                return;
            }
            const double sum = covalent_radius(a.element) + covalent_radius(other);
            packing.contacts.push_back(
                {here, image.atom, image.shift, length, length / sum, length - sum});
        });
        if (packing.contacts.size() > kMaxContacts || looked_at > 100 * kMaxContacts) {
            throw InputError("too_large",
                             "the atoms lie on top of each other: too many contacts to walk");
        }
    }
}

}  // namespace

Point moved(const Packing& packing, const Point& place, const Shift& shift) {
    if (!packing.lattice || shift == Shift{}) {
        return place;
    }
    const Point by = packing.lattice->cartesian({static_cast<double>(shift[0]),
                                                 static_cast<double>(shift[1]),
                                                 static_cast<double>(shift[2])});
    return {place[0] + by[0], place[1] + by[1], place[2] + by[2]};
}

Packing pack(const Crystal& crystal) {
    Packing packing;
    place_sites(crystal, packing);
    find_contacts(packing);
    return packing;
}

}  // namespace cupel::chemistry
