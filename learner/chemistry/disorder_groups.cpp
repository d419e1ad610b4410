// The choice among disorder groups: units that come and go as one, the fullest first.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "disorder.hpp"

namespace cupel::chemistry {
namespace {

constexpr double kOneRefined = 0.1;  ///< atoms of one molecule, each with an occupancy of its own
constexpr std::size_t kMaxUnits = 500;

/// Atoms of one group and of one occupancy in a region: they are there or absent together.
struct Unit {
    int group = 0;
    Mean mean;
    std::vector<int> atoms;
    std::set<int> overlapping;  ///< units that cannot be there at the same time
    std::set<int> beside;       ///< units of other groups that touch
    int beaten_by = -1;

    double occupancy() const { return mean.value(); }
};

class GroupChoice {
  public:
    GroupChoice(const Crystal& crystal, Packing& packing)
        : crystal_(crystal), packing_(packing), regions_(size()), owner_(size(), -1) {}

    void choose(std::vector<std::string>& report) {
        collect_ends();
        join_regions();
        make_units();
        find_rivals();
        settle();
        mark();
        tell(report);
    }

  private:
    std::size_t size() const { return packing_.atoms.size(); }
    CellAtom& atom(int i) { return packing_.atoms[static_cast<std::size_t>(i)]; }
    const CellAtom& atom(int i) const { return packing_.atoms[static_cast<std::size_t>(i)]; }
    const Site& site(int i) const { return crystal_.sites[static_cast<std::size_t>(atom(i).site)]; }
    Unit& unit_of(int i) {
        return units_[static_cast<std::size_t>(owner_[static_cast<std::size_t>(i)])];
    }

    /// An atom with a group, moved to where it hangs on one that is always there.
    struct End {
        int atom = 0;
        Point place{};
    };

    void collect_ends() {
        const auto add = [&](int anchor, int end, const Shift& shift) {
            if (site(anchor).group == 0 && site(end).group != 0 && site(end).assembly.empty() &&
                !is_metal(site(anchor).element)) {
                ends_[anchor].push_back({end, moved(packing_, atom(end).place, shift)});
            }
        };
        for (const auto& c : packing_.contacts) {
            if (c.excess < kBonded) {
                add(c.a, c.b, c.shift);
                add(c.b, c.a, {-c.shift[0], -c.shift[1], -c.shift[2]});
            }
        }
    }

    /// A region: one assembly; or, where none is named, disordered atoms that touch or hang on one
    /// atom, whatever their group.
    void join_regions() {
        std::map<std::string, int> first_of_assembly;
        for (int i = 0; i < static_cast<int>(size()); ++i) {
            if (site(i).group != 0 && !site(i).assembly.empty()) {
                regions_.join(i, first_of_assembly.emplace(site(i).assembly, i).first->second);
            }
        }
        for (const auto& [anchor, ends] : ends_) {
            for (const auto& end : ends) {
                regions_.join(end.atom, ends.front().atom);
            }
        }
        for (const auto& c : packing_.contacts) {
            if (touch(c)) {
                regions_.join(c.a, c.b);
            }
        }
    }

    bool touch(const Contact& c) const {
        const Site& a = site(c.a);
        const Site& b = site(c.b);
        return a.group != 0 && b.group != 0 && a.assembly == b.assembly;
    }

    void make_units() {
        Groups together(size());
        std::map<std::pair<int, int>, std::vector<int>> kinds;  // region and group
        for (int i = 0; i < static_cast<int>(size()); ++i) {
            if (site(i).group != 0) {
                kinds[{regions_.root(i), site(i).group}].push_back(i);
            }
        }
        for (auto& [kind, atoms] : kinds) {
            std::stable_sort(atoms.begin(), atoms.end(), [&](int a, int b) {
                return site(a).occupancy < site(b).occupancy;
            });
            for (std::size_t k = 1; k < atoms.size(); ++k) {
                if (site(atoms[k]).occupancy - site(atoms[k - 1]).occupancy < kSameOccupancy) {
                    together.join(atoms[k], atoms[k - 1]);
                }
            }
        }
        for (const auto& c : packing_.contacts) {
            if (touch(c) && site(c.a).group == site(c.b).group && of_one_molecule(c)) {
                together.join(c.a, c.b);
            }
        }
        std::map<int, int> known;
        for (int i = 0; i < static_cast<int>(size()); ++i) {
            if (site(i).group == 0) {
                continue;
            }
            const auto [entry, fresh] =
                known.emplace(together.root(i), static_cast<int>(units_.size()));
            if (fresh) {
                units_.emplace_back();
                units_.back().group = site(i).group;
            }
            owner_[static_cast<std::size_t>(i)] = entry->second;
            unit_of(i).atoms.push_back(i);
            unit_of(i).mean.add(site(i).element, site(i).occupancy);
        }
    }

    bool of_one_molecule(const Contact& c) const {
        const int a = site(c.a).element;
        const int b = site(c.b).element;
        const bool hydrogen = a == 1 || b == 1;
        return c.excess < kBonded && !is_metal(a) && !is_metal(b) && !overlapping(c, a, b) &&
               (hydrogen || std::abs(site(c.a).occupancy - site(c.b).occupancy) < kOneRefined);
    }

    void find_rivals() {
        for (const auto& c : packing_.contacts) {
            if (touch(c)) {
                meet(c.a, c.b, overlapping(c, site(c.a).element, site(c.b).element));
            }
        }
        for (const auto& [anchor, ends] : ends_) {
            for (std::size_t k = 0; k < ends.size(); ++k) {
                for (std::size_t m = 0; m < k; ++m) {
                    const bool near = distance(ends[k].place, ends[m].place) < kNoAngle;
                    const bool light =
                        site(ends[k].atom).element == 1 || site(ends[m].atom).element == 1;
                    meet(ends[k].atom, ends[m].atom, near && !light);
                }
            }
        }
        // The groups of an assembly exclude each other, wherever they stand.
        std::map<int, std::vector<int>> assemblies;
        for (std::size_t u = 0; u < units_.size(); ++u) {
            const int first = units_[u].atoms.front();
            if (!site(first).assembly.empty()) {
                assemblies[regions_.root(first)].push_back(first);
            }
        }
        for (const auto& [region, firsts] : assemblies) {
            if (firsts.size() > kMaxUnits) {
                continue;  // no assembly of a real structure; those that overlap have met
            }
            for (const int a : firsts) {
                for (const int b : firsts) {
                    meet(a, b, true);
                }
            }
        }
    }

    void meet(int a, int b, bool overlap) {
        if (site(a).group == site(b).group) {
            return;
        }
        for (const auto& [i, other] : {std::pair{a, b}, std::pair{b, a}}) {
            auto& met = overlap ? unit_of(i).overlapping : unit_of(i).beside;
            met.insert(owner_[static_cast<std::size_t>(other)]);
        }
    }

    double sum_with(const Unit& unit, const std::set<int>& others) const {
        double sum = unit.occupancy();
        for (const int other : others) {
            sum += units_[static_cast<std::size_t>(other)].occupancy();
        }
        return sum;
    }

    /// Units that exclude `unit`: those that overlap; and groups beside it, unless both fill their
    /// places with others, or add up to more than one atom can.
    std::set<int> rivals_of(const Unit& unit) const {
        const auto full = [&](const Unit& one) {
            return sum_with(one, one.overlapping) > kAsGoodAsOne;
        };
        std::set<int> rivals = unit.overlapping;
        for (const int other : unit.beside) {
            const Unit& met = units_[static_cast<std::size_t>(other)];
            if (unit.occupancy() + met.occupancy() <= kAtMostOne && !(full(unit) && full(met))) {
                rivals.insert(other);
            }
        }
        return rivals;
    }

    void settle() {
        std::vector<int> order;
        for (std::size_t u = 0; u < units_.size(); ++u) {
            order.push_back(static_cast<int>(u));
        }
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
            const Unit& ua = units_[static_cast<std::size_t>(a)];
            const Unit& ub = units_[static_cast<std::size_t>(b)];
            return std::tuple(-std::lround(1e5 * ua.occupancy()), std::abs(ua.group)) <
                   std::tuple(-std::lround(1e5 * ub.occupancy()), std::abs(ub.group));
        });
        for (const int u : order) {
            Unit& unit = units_[static_cast<std::size_t>(u)];
            if (unit.beaten_by >= 0) {
                continue;
            }
            for (const int rival : rivals_of(unit)) {
                int& beaten_by = units_[static_cast<std::size_t>(rival)].beaten_by;
                beaten_by = beaten_by < 0 ? u : beaten_by;
            }
        }
    }

    /// The unit that stays stands for its rivals too: as often there as all of them together.
    void mark() {
        for (const auto& unit : units_) {
            const double others = sum_with(unit, rivals_of(unit)) - unit.occupancy();
            for (const int i : unit.atoms) {
                if (unit.beaten_by >= 0) {
                    atom(i).removed = true;
                    continue;
                }
                // Images that fall together on a symmetry element count as one atom there.
                const double order = static_cast<double>(crystal_.operations.size()) /
                                     packing_.multiplicity[static_cast<std::size_t>(atom(i).site)];
                const double sum = std::max(site(i).occupancy + others, site(i).occupancy * order);
                atom(i).occupancy = sum > kAsGoodAsOne ? 1.0 : std::max(atom(i).occupancy, sum);
            }
        }
    }

    void tell(std::vector<std::string>& report) {
        std::set<int> told;
        for (const auto& unit : units_) {
            std::set<int> sites;
            std::string first;
            for (const int i : unit.atoms) {
                if (unit.beaten_by >= 0 && site(i).element != 1 &&
                    told.insert(atom(i).site).second) {
                    first = sites.empty() ? site(i).label : first;
                    sites.insert(atom(i).site);
                }
            }
            if (sites.empty()) {
                continue;
            }
            const std::string& assembly = site(unit.atoms.front()).assembly;
            const Unit& kept = units_[static_cast<std::size_t>(unit.beaten_by)];
            add_line(report,
                     (assembly.empty() ? std::string() : "assembly " + assembly + ": ") +
                         "alternative with " + first + " (" + std::to_string(sites.size()) +
                         " heavy atoms, occupancy " + occupancy_text(unit.occupancy()) +
                         ") left out; the one with occupancy " + occupancy_text(kept.occupancy()) +
                         " kept");
        }
    }

    const Crystal& crystal_;
    Packing& packing_;
    Groups regions_;
    std::map<int, std::vector<End>> ends_;  ///< by what they hang on
    std::vector<Unit> units_;
    std::vector<int> owner_;  ///< the unit of each atom, -1 without a group
};

}  // namespace

void choose_groups(const Crystal& crystal, Packing& packing, std::vector<std::string>& report) {
    GroupChoice(crystal, packing).choose(report);
}

}  // namespace cupel::chemistry
