// Groups for alternatives that a file lists without any: by occupancy, else by what can be bonded.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "alternatives.hpp"
#include "disorder.hpp"

namespace cupel::chemistry {
namespace {

constexpr double kLongestBond = 1.10;    ///< of the sum of radii
constexpr double kNarrowAngle = 2.3;     ///< angstrom; nearer they are bent together
constexpr double kHydrogenBond = 0.97;   ///< angstrom
constexpr std::size_t kMaxPlace = 500;   ///< heavy sites
constexpr std::size_t kSteps = 200'000;  ///< of the search in one place

/// How well a contact would do as a bond, 0 to 1.
double as_bond(const Contact& c) {
    const double sum = c.length / c.ratio;
    const double off = std::max({0.0, 0.86 * sum - c.length, c.length - 1.06 * sum});
    return std::max(0.0, 1.0 - off * off / 0.01);
}

/// What a label ends with after its number: "A", "B", "'".
std::string tail_of(const std::string& label) {
    const auto at = label.find_last_of("0123456789");
    return at == std::string::npos ? "" : label.substr(at + 1);
}

class Inference {
  public:
    Inference(Crystal& crystal, const Packing& packing)
        : crystal_(crystal), packing_(packing), regions_(packing.atoms.size()) {}

    void run() {
        join_regions();
        std::map<int, std::vector<int>> members;
        for (int i = 0; i < static_cast<int>(packing_.atoms.size()); ++i) {
            if (candidate(i)) {
                members[regions_.root(i)].push_back(i);
            }
        }
        for (const auto& c : packing_.contacts) {
            if (candidate(c.a) && candidate(c.b) && regions_.root(c.a) == regions_.root(c.b)) {
                contacts_[regions_.root(c.a)].push_back(&c);
            }
        }
        for (const auto& c : packing_.contacts) {
            for (const auto& [i, other] : {std::pair{c.a, c.b}, std::pair{c.b, c.a}}) {
                if (!heavy(i) && candidate(i) && heavy(other) && !is_metal(site(other).element)) {
                    near_hydrogens_[regions_.root(i)].emplace_back(i, other, c.length);
                }
            }
        }
        for (const auto& [region, atoms] : members) {
            if (beside_groups_.count(region) == 0 && inferred_.count(site_index(atoms[0])) == 0) {
                decide(region, atoms);
            }
        }
        for (const auto& [site, group] : inferred_) {
            crystal_.sites[static_cast<std::size_t>(site)].group = group;
        }
    }

  private:
    int site_index(int i) const { return packing_.atoms[static_cast<std::size_t>(i)].site; }
    const Site& site(int i) const {
        return crystal_.sites[static_cast<std::size_t>(site_index(i))];
    }
    bool heavy(int i) const { return site(i).element != 1; }
    bool candidate(int i) const {
        const CellAtom& atom = packing_.atoms[static_cast<std::size_t>(i)];
        return !atom.removed && site(i).group == 0 && site(i).assembly.empty() &&
               atom.occupancy < kFull && !is_metal(site(i).element);
    }

    /// A region: partly occupied atoms that touch or hang on one atom.
    void join_regions() {
        std::set<int> beside;
        std::set<int> beside_metal;
        for (const auto& c : packing_.contacts) {
            const auto back = Shift{-c.shift[0], -c.shift[1], -c.shift[2]};
            for (const auto& [i, other, shift] :
                 {std::tuple{c.a, c.b, back}, std::tuple{c.b, c.a, c.shift}}) {
                if (c.excess > kBonded || !candidate(i)) {
                    continue;
                }
                if (candidate(other)) {
                    regions_.join(i, other);
                } else if (is_metal(site(other).element) && site(other).occupancy < kFull) {
                    beside_metal.insert(i);
                } else if (site(other).group != 0) {
                    beside.insert(i);
                } else if (!is_metal(site(other).element)) {
                    const CellAtom& atom = packing_.atoms[static_cast<std::size_t>(i)];
                    ends_[other].push_back({i, moved(packing_, atom.place, shift)});
                    regions_.join(i, ends_[other].front().first);
                }
            }
        }
        for (const int i : beside) {
            beside_groups_.insert(regions_.root(i));
        }
        for (const int i : beside_metal) {
            metal_regions_.insert(regions_.root(i));
        }
    }

    void decide(int region, const std::vector<int>& atoms) {
        if (two_occupancies(atoms)) {
            for (const int i : atoms) {
                inferred_[site_index(i)] = site(i).occupancy > 0.5 ? 1 : 2;
            }
            return;
        }
        if (beside_own_image(region)) {
            if (hangs_together(region) && metal_regions_.count(region) == 0) {
                for (const int i : atoms) {
                    inferred_[site_index(i)] = -1;
                }
            }
            return;
        }
        if (metal_regions_.count(region) == 0) {
            part(region, atoms);
        }  // else a piece with metals in it, which is chosen as a whole
    }

    void part(int region, const std::vector<int>& atoms) {
        Alternatives place;
        std::map<int, int> index;  // of each site in `place`
        for (const int i : atoms) {
            if (heavy(i) &&
                index.emplace(site_index(i), static_cast<int>(place.sites.size())).second) {
                place.sites.push_back({site(i).element, site(i).occupancy, {}});
            }
        }
        if (place.sites.size() > kMaxPlace) {
            return;
        }
        const bool overlap = relate(region, index, place);
        const bool hangs = hang(region, index, place);
        if (!overlap && !hangs) {
            return;  // a molecule that is there now and then
        }
        // Hydrogens tell much, but may be missing or misplaced.
        const auto carriers = best_carriers(region);
        if (!infer_from(with_hydrogens(region, carriers, index, place)) &&
            infer_from({index, place})) {
            for (const auto& [hydrogen, carrier] : carriers) {
                if (index.count(carrier) > 0) {
                    inferred_[hydrogen] = inferred_.at(carrier);
                }
            }
        }
    }

    using Indexed = std::pair<std::map<int, int>, Alternatives>;  ///< with the index of each site

    bool infer_from(const Indexed& all) {
        const auto found = search(all.second);
        if (!found) {
            return false;
        }
        for (const auto& [at, k] : all.first) {
            inferred_[at] = 1 + (*found)[static_cast<std::size_t>(k)];
        }
        return true;
    }

    std::optional<std::vector<int>> search(const Alternatives& place) {
        std::size_t steps = std::min(kSteps, steps_left_);
        steps_left_ -= steps;
        const auto found = part_alternatives(place, steps);
        steps_left_ += steps;
        return found;
    }

    /// Does anything lie over its own image? As parts of molecules do on a symmetry element; ions
    /// whose ends alone do are thinned out later, and so is a whole cluster.
    bool beside_own_image(int region) const {
        return any_contact(region, [&](const Contact& c) {
            return site_index(c.a) == site_index(c.b) && site(c.a).occupancy < 0.55;
        });
    }
    bool hangs_together(int region) const {
        return any_contact(region, [&](const Contact& c) {
            return site_index(c.a) != site_index(c.b) &&
                   !overlapping(c, site(c.a).element, site(c.b).element);
        });
    }
    template <typename Condition>
    bool any_contact(int region, Condition condition) const {
        const auto found = contacts_.find(region);
        return found != contacts_.end() &&
               std::any_of(found->second.begin(), found->second.end(), [&](const Contact* c) {
                   return heavy(c->a) && heavy(c->b) && c->excess < kBonded && condition(*c);
               });
    }

    /// Two alternatives and nothing between.
    bool two_occupancies(const std::vector<int>& atoms) const {
        double most = 0.0;
        double least = 1.0;
        for (const int i : atoms) {
            if (heavy(i)) {
                most = std::max(most, site(i).occupancy);
                least = std::min(least, site(i).occupancy);
            }
        }
        return std::abs(most + least - 1.0) < 0.03 && most - least > 0.03 &&
               std::all_of(atoms.begin(), atoms.end(), [&](int i) {
                   const double occupancy = site(i).occupancy;
                   return !heavy(i) || std::abs(occupancy - most) < 0.015 ||
                          std::abs(occupancy - least) < 0.015;
               });
    }

    /// Does anything overlap?
    bool relate(int region, const std::map<int, int>& index, Alternatives& place) const {
        bool overlap = false;
        const auto found = contacts_.find(region);
        if (found == contacts_.end()) {
            return false;
        }
        for (const Contact* c : found->second) {
            if (!heavy(c->a) || !heavy(c->b) || site_index(c->a) == site_index(c->b)) {
                continue;
            }
            Alternatives::Pair pair{index.at(site_index(c->a)), index.at(site_index(c->b))};
            if (!overlapping(*c, site(c->a).element, site(c->b).element) &&
                c->ratio < kLongestBond) {
                pair.relation = Alternatives::Relation::Bond;
                pair.gain = as_bond(*c) +
                            (tail_of(site(c->a).label) == tail_of(site(c->b).label) ? 0.05 : 0.0);
            }
            overlap = overlap || pair.relation == Alternatives::Relation::Never;
            place.pairs.push_back(pair);
        }
        return overlap;
    }

    /// Does anything hang on an atom that is always there?
    bool hang(int region, const std::map<int, int>& index, Alternatives& place) {
        bool hangs = false;
        for (const auto& [anchor, ends] : ends_) {
            if (regions_.root(ends.front().first) != region) {
                continue;
            }
            for (std::size_t k = 0; k < ends.size(); ++k) {
                if (!heavy(ends[k].first)) {
                    continue;
                }
                const int a = index.at(site_index(ends[k].first));
                ++place.sites[static_cast<std::size_t>(a)].anchors[anchor];
                hangs = true;
                for (std::size_t m = 0; m < k; ++m) {
                    const double length = distance(ends[k].second, ends[m].second);
                    if (heavy(ends[m].first) && length < kNarrowAngle &&
                        site_index(ends[k].first) != site_index(ends[m].first)) {
                        const int b = index.at(site_index(ends[m].first));
                        place.pairs.push_back({a,
                                               b,
                                               length < kNoAngle ? Alternatives::Relation::Never
                                                                 : Alternatives::Relation::Strained,
                                               length - kNarrowAngle});
                    }
                }
            }
        }
        return hangs;
    }

    Indexed with_hydrogens(int region,
                           const std::map<int, int>& carriers,
                           std::map<int, int> index,
                           Alternatives place) const {
        for (const auto& [hydrogen, carrier] : carriers) {
            if (index.count(carrier) > 0) {
                index[hydrogen] = static_cast<int>(place.sites.size());
                place.sites.push_back(
                    {1, crystal_.sites[static_cast<std::size_t>(hydrogen)].occupancy, {}});
            }
        }
        if (const auto found = contacts_.find(region); found != contacts_.end()) {
            for (const Contact* c : found->second) {
                relate_hydrogen(*c, index, place);
            }
        }
        return {std::move(index), std::move(place)};
    }

    /// Hydrogen to the atom that is nearest to where its carrier would be.
    std::map<int, int> best_carriers(int region) const {
        std::map<int, std::pair<double, int>> best;
        const auto near = near_hydrogens_.find(region);
        if (near == near_hydrogens_.end()) {
            return {};
        }
        for (const auto& [hydrogen, carrier, length] : near->second) {
            const std::pair fit{std::abs(length - kHydrogenBond), site_index(carrier)};
            const auto entry = best.try_emplace(site_index(hydrogen), fit).first;
            entry->second = std::min(entry->second, fit);
        }
        std::map<int, int> carriers;
        for (const auto& [hydrogen, fit] : best) {
            carriers[hydrogen] = fit.second;
        }
        return carriers;
    }

    /// Near an atom of its own alternative a hydrogen is bonded to it.
    void relate_hydrogen(const Contact& c,
                         const std::map<int, int>& index,
                         Alternatives& place) const {
        const auto a = index.find(site_index(c.a));
        const auto b = index.find(site_index(c.b));
        if ((heavy(c.a) && heavy(c.b)) || a == index.end() || b == index.end() ||
            a->first == b->first) {
            return;
        }
        Alternatives::Pair pair{a->second, b->second};
        const double off = std::abs(c.length - kHydrogenBond);
        if (heavy(c.a) != heavy(c.b) && off < 0.2) {
            pair.relation = Alternatives::Relation::Bond;
            pair.gain = 1.0 - off / 0.2;
        }
        place.pairs.push_back(pair);
    }

    Crystal& crystal_;
    const Packing& packing_;
    Groups regions_;
    std::size_t steps_left_ = 10 * kSteps;
    std::map<int, std::vector<std::pair<int, Point>>> ends_;  ///< by what they hang on
    std::map<int, std::vector<const Contact*>> contacts_;     ///< within each region
    /// Of each region: hydrogen, what it may hang on, how far that is.
    std::map<int, std::vector<std::tuple<int, int, double>>> near_hydrogens_;
    std::set<int> beside_groups_;  ///< regions
    std::set<int> metal_regions_;  ///< that hang on a partial metal
    std::map<int, int> inferred_;  ///< by site
};

}  // namespace

void infer_groups(Crystal& crystal, const Packing& packing) {
    Inference(crystal, packing).run();
}

}  // namespace cupel::chemistry
