// One alternative of each disordered region is kept; what shares a place stays shared.
#include "disorder.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace cupel::chemistry {
namespace {

/// A terminal atom round its carrier, moved beside it.
struct End {
    int atom = 0;
    Point place{};
    double occupancy = 0.0;
};

/// How many choices of `wanted` out of `size` there are, or more than `limit`.
std::size_t number_of_choices(std::size_t size, std::size_t wanted, std::size_t limit) {
    std::size_t choices = 1;
    for (std::size_t k = 1; k <= wanted && choices <= limit; ++k) {
        choices = choices * (size - wanted + k) / k;
    }
    return choices;
}

/// Calls `visit` with each choice of `wanted` out of `size`, in order.
template <typename Visit>
void each_choice(std::size_t size, std::size_t wanted, Visit visit) {
    std::vector<std::size_t> chosen(wanted);
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
    for (bool more = true; more;) {
        visit(chosen);
        more = false;
        for (std::size_t k = wanted; k > 0 && !more; --k) {
            if (chosen[k - 1] < size - wanted + k - 1) {
                std::iota(
                    chosen.begin() + static_cast<long>(k) - 1, chosen.end(), chosen[k - 1] + 1);
                more = true;
            }
        }
    }
}

/// Those of `ends` that stay: the fullest, and of equally full ones those farthest apart, which are
/// one of the alternatives and not some of each. The first where `choices_left` are too few.
std::vector<End> farthest_apart(const std::vector<End>& ends,
                                std::size_t wanted,
                                std::size_t& choices_left) {
    std::vector<End> best(ends.begin(), ends.begin() + static_cast<long>(wanted));
    const std::size_t choices = number_of_choices(ends.size(), wanted, choices_left);
    if (choices > choices_left) {
        return best;
    }
    choices_left -= choices;
    std::pair<double, double> rank{-1.0, -1.0};
    each_choice(ends.size(), wanted, [&](const std::vector<std::size_t>& chosen) {
        double sum = 0.0;
        double least = 1e9;
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            sum += ends[chosen[i]].occupancy;
            for (std::size_t j = 0; j < i; ++j) {
                least = std::min(least, distance(ends[chosen[i]].place, ends[chosen[j]].place));
            }
        }
        if (sum > rank.first + 1e-6 || (sum > rank.first - 1e-6 && least > rank.second + 1e-6)) {
            rank = {sum, least};
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                best[i] = ends[chosen[i]];
            }
        }
    });
    return best;
}

/// Terminal atoms round a carrier that is always there, as in BF4- or water on a symmetry element,
/// or turned about an axis, and methyls whose images overlap: where nobody gave them groups, as
/// many stay as their occupancies add up to.
class Ends {
  public:
    Ends(const Crystal& crystal, Packing& packing) : crystal_(crystal), packing_(packing) {}

    void thin_out() {
        find_neighbours();
        for (auto& [key, ends] : rounds()) {
            thin_out_round(key.second, ends);
        }
    }

  private:
    using Rounds = std::map<std::pair<int, int>, std::vector<End>>;  ///< carrier, element -> ends

    CellAtom& atom(int i) { return packing_.atoms[static_cast<std::size_t>(i)]; }
    const CellAtom& atom(int i) const { return packing_.atoms[static_cast<std::size_t>(i)]; }
    const Site& site(int i) const { return crystal_.sites[static_cast<std::size_t>(atom(i).site)]; }
    bool near(const Contact& c) const {
        return c.excess <= kBonded && c.ratio >= 0.6 && !atom(c.a).removed && !atom(c.b).removed;
    }

    void find_neighbours() {
        for (const auto& c : packing_.contacts) {
            if (c.excess > kBonded || atom(c.a).removed || atom(c.b).removed) {
                continue;
            }
            for (const auto& [i, other] : {std::pair{c.a, c.b}, std::pair{c.b, c.a}}) {
                if (atom(i).element == 6 && site(i).occupancy < kFull) {
                    neighbours_[i].insert(other);
                }
            }
        }
    }

    /// Bonded to `carrier` and, its hydrogens and its own alternatives apart, to nothing else.
    bool is_methyl(int carbon, int carrier) const {
        const auto& all = neighbours_.at(carbon);
        return std::all_of(all.begin(), all.end(), [&](int i) {
            return i == carrier || atom(i).element == 1 ||
                   (neighbours_.count(i) > 0 && neighbours_.at(i).count(carrier) > 0);
        });
    }

    bool is_end(int i, int carrier) const {
        const int z = atom(i).element;
        const bool open =
            site(i).occupancy < kFull && (site(i).group == 0 || atom(i).occupancy < kFull);
        return open && z != atom(carrier).element && !is_metal(atom(carrier).element) &&
               always_there(crystal_, packing_, carrier) &&
               (is_terminal(z) || (z == 6 && is_methyl(i, carrier)));
    }

    Rounds rounds() const {
        Rounds found;
        for (const auto& c : packing_.contacts) {
            if (!near(c)) {
                continue;
            }
            const Shift back{-c.shift[0], -c.shift[1], -c.shift[2]};
            for (const auto& [carrier, end, shift] :
                 {std::tuple{c.a, c.b, c.shift}, std::tuple{c.b, c.a, back}}) {
                if (is_end(end, carrier)) {
                    const double occupancy =
                        site(end).group == 0 ? site(end).occupancy : atom(end).occupancy;
                    found[{carrier, atom(end).element}].push_back(
                        {end, moved(packing_, atom(end).place, shift), occupancy});
                }
            }
        }
        return found;
    }

    void thin_out_round(int element, std::vector<End>& ends) {
        double sum = 0.0;
        std::set<int> sites;
        bool grouped = false;
        for (const auto& end : ends) {
            sum += end.occupancy;
            sites.insert(atom(end.atom).site);
            grouped = grouped || site(end.atom).group != 0;
        }
        const bool images = sites.size() < ends.size();
        const auto wanted = static_cast<std::size_t>(std::max<long>(1, std::lround(sum)));
        if (!images && (grouped || element == 6 || ends.size() <= wanted ||
                        std::abs(sum - std::round(sum)) > 0.15)) {
            return;  // alternatives were chosen already, or no number of atoms fits
        }
        std::stable_sort(ends.begin(), ends.end(), [&](const End& a, const End& b) {
            return std::tuple(-a.occupancy, atom(a.atom).operation, a.atom) <
                   std::tuple(-b.occupancy, atom(b.atom).operation, b.atom);
        });
        for (const auto& end : ends) {
            atom(end.atom).removed = true;
        }
        const auto kept = farthest_apart(ends, std::min(wanted, ends.size()), choices_left_);
        for (const auto& end : kept) {
            atom(end.atom).removed = false;
            atom(end.atom).occupancy = 1.0;
        }
        for (const auto& end : ends) {
            if (element == 6 && atom(end.atom).removed) {
                leave_out_hydrogens(end.atom);
            }
        }
    }

    void leave_out_hydrogens(int carbon) {
        for (const int i : neighbours_.at(carbon)) {
            if (atom(i).element == 1 && atom(i).operation == atom(carbon).operation) {
                atom(i).removed = true;
            }
        }
    }

    const Crystal& crystal_;
    Packing& packing_;
    std::map<int, std::set<int>> neighbours_;  ///< of partly occupied carbon
    std::size_t choices_left_ = 1'000'000;     ///< of one file
};

}  // namespace

bool always_there(const Crystal& crystal, const Packing& packing, int atom) {
    const CellAtom& one = packing.atoms[static_cast<std::size_t>(atom)];
    const Site& site = crystal.sites[static_cast<std::size_t>(one.site)];
    const double order = static_cast<double>(crystal.operations.size()) /
                         packing.multiplicity[static_cast<std::size_t>(one.site)];
    return site.occupancy >= kFull ||
           (site.group <= 0 && order > 1.5 && std::abs(site.occupancy * order - 1.0) < 0.03);
}

void resolve_disorder(const Crystal& crystal, Packing& packing, std::vector<std::string>& report) {
    choose_groups(crystal, packing, report);
    Ends(crystal, packing).thin_out();
    for (const int i : choose_pieces(crystal, packing, report)) {
        packing.atoms[static_cast<std::size_t>(i)].undecided = true;
    }
}

}  // namespace cupel::chemistry
