// Groups for alternatives that a file lists without any.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "disorder.hpp"

namespace cupel::chemistry {

void infer_groups(Crystal& crystal, const Packing& packing) {
    const auto site_of = [&](int i) -> Site& {
        return crystal
            .sites[static_cast<std::size_t>(packing.atoms[static_cast<std::size_t>(i)].site)];
    };
    const auto candidate = [&](int i) {
        const Site& site = site_of(i);
        const CellAtom& atom = packing.atoms[static_cast<std::size_t>(i)];
        return !atom.removed && site.group == 0 && site.assembly.empty() &&
               atom.occupancy < kFull && !is_metal(site.element);
    };
    Groups regions(packing.atoms.size());
    std::map<int, int> first_on_anchor;
    std::set<int> beside_groups;
    for (const auto& c : packing.contacts) {
        for (const auto& [i, other] : {std::pair{c.a, c.b}, std::pair{c.b, c.a}}) {
            if (c.excess > 0.3 || !candidate(i)) {
                continue;
            }
            if (candidate(other)) {
                regions.join(i, other);
            } else if (site_of(other).group != 0) {
                beside_groups.insert(i);
            } else if (!is_metal(site_of(other).element)) {
                regions.join(i, first_on_anchor.emplace(other, i).first->second);
            }
        }
    }
    std::map<int, std::vector<int>> members;
    for (int i = 0; i < static_cast<int>(packing.atoms.size()); ++i) {
        if (candidate(i)) {
            members[regions.root(i)].push_back(i);
        }
    }
    std::map<std::size_t, int> inferred;  // by site
    for (const auto& [region, atoms] : members) {
        double most = 0.0;
        double least = 1.0;
        for (const int i : atoms) {
            if (site_of(i).element != 1) {
                most = std::max(most, site_of(i).occupancy);
                least = std::min(least, site_of(i).occupancy);
            }
        }
        // Two alternatives and nothing between; equal halves do not tell which atoms belong
        // together.
        const bool two =
            std::abs(most + least - 1.0) < 0.03 && most - least > 0.03 &&
            std::all_of(atoms.begin(), atoms.end(), [&](int i) {
                const double occupancy = site_of(i).occupancy;
                return beside_groups.count(i) == 0 &&
                       (site_of(i).element == 1 || std::abs(occupancy - most) < 0.015 ||
                        std::abs(occupancy - least) < 0.015);
            });
        for (const int i : atoms) {
            if (two) {
                inferred[static_cast<std::size_t>(
                    packing.atoms[static_cast<std::size_t>(i)].site)] =
                    site_of(i).occupancy > 0.5 ? 1 : 2;
            }
        }
    }
    for (const auto& [site, group] : inferred) {
        crystal.sites[site].group = group;
    }
}

}  // namespace cupel::chemistry
