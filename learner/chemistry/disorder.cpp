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

/// Partly occupied atoms that cannot be there together: images of one molecule on a symmetry
/// element, or alternatives nobody gave a group. Pieces are kept whole, the fuller first.
void choose_pieces(const Crystal& crystal, Packing& packing, std::vector<std::string>& report) {
    const auto atom = [&](int i) -> CellAtom& {
        return packing.atoms[static_cast<std::size_t>(i)];
    };
    const auto partial = [&](int i) {
        const Site& s = crystal.sites[static_cast<std::size_t>(atom(i).site)];
        return s.occupancy < kFull && (atom(i).occupancy < kFull || s.group != 0);
    };
    const auto clashes = [&](const Contact& c) {
        return c.ratio < kClash || (c.excess < 0.3 && partial(c.a) && partial(c.b) &&
                                    never_bonded(atom(c.a).element, atom(c.b).element));
    };
    Groups pieces(packing.atoms.size());
    for (const auto& c : packing.contacts) {
        if (!atom(c.a).removed && !atom(c.b).removed && partial(c.a) && partial(c.b) &&
            !clashes(c) && c.excess < 0.3 && atom(c.a).operation == atom(c.b).operation) {
            pieces.join(c.a, c.b);
        }
    }
    std::map<int, std::vector<int>> rivals;
    std::set<int> against_full;
    for (const auto& c : packing.contacts) {
        if (atom(c.a).removed || atom(c.b).removed || !clashes(c)) {
            continue;
        }
        const bool pa = partial(c.a);
        const bool pb = partial(c.b);
        if (pa && pb) {
            const int a = pieces.root(c.a);
            const int b = pieces.root(c.b);
            if (a != b) {
                rivals[a].push_back(b);
                rivals[b].push_back(a);
            } else if (c.a != c.b && atom(c.a).site != atom(c.b).site) {
                // Two alternatives in one piece: the emptier atom goes.
                const int loser = atom(c.a).occupancy < atom(c.b).occupancy ? c.a : c.b;
                atom(loser).removed = true;
            }
        } else if (pa != pb) {
            against_full.insert(pa ? c.a : c.b);
        }
    }
    std::map<int, Mean> weight;
    std::map<int, std::vector<int>> members;
    for (int i = 0; i < static_cast<int>(packing.atoms.size()); ++i) {
        if (!atom(i).removed && partial(i)) {
            const int piece = pieces.root(i);
            const Site& s = crystal.sites[static_cast<std::size_t>(atom(i).site)];
            weight[piece].add(atom(i).element, s.occupancy);
            members[piece].push_back(i);
        }
    }
    for (const int i : against_full) {
        atom(i).removed = true;
    }
    std::vector<int> order;
    for (const auto& [piece, all] : members) {
        order.push_back(piece);
    }
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        const double wa = weight[a].value();
        const double wb = weight[b].value();
        if (std::abs(wa - wb) > 1e-6) {
            return wa > wb;
        }
        return atom(members[a].front()).operation < atom(members[b].front()).operation;
    });
    std::set<int> standing;
    std::set<int> told;
    for (const int piece : order) {
        const auto found = rivals.find(piece);
        const bool free = found == rivals.end() ||
                          std::none_of(found->second.begin(), found->second.end(), [&](int rival) {
                              return standing.count(rival) > 0;
                          });
        if (free) {
            standing.insert(piece);
            for (const int i : members[piece]) {
                // An image of a molecule on a symmetry element stands for all of them.
                atom(i).occupancy = found == rivals.end() ? atom(i).occupancy : 1.0;
            }
            continue;
        }
        for (const int i : members[piece]) {
            atom(i).removed = true;
        }
        const int first = members[piece].front();
        if (atom(first).element != 1 && told.insert(atom(first).site).second) {
            const Site& s = crystal.sites[static_cast<std::size_t>(atom(first).site)];
            add_line(report,
                     s.label +
                         " and what hangs on it overlap with a fuller alternative or with "
                         "their own image (occupancy " +
                         occupancy_text(s.occupancy) + "): one of them kept");
        }
    }
}

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

/// Terminal atoms round a full carrier, as in BF4- or water on a symmetry element, or turned about
/// an axis: where nobody gave them groups, as many stay as their occupancies add up to.
void thin_out_ends(const Crystal& crystal, Packing& packing) {
    std::size_t choices_left = 1'000'000;  // of one file
    const auto atom = [&](int i) -> CellAtom& {
        return packing.atoms[static_cast<std::size_t>(i)];
    };
    const auto site = [&](int i) -> const Site& {
        return crystal.sites[static_cast<std::size_t>(atom(i).site)];
    };
    std::map<std::pair<int, int>, std::vector<End>> rounds;  // carrier, element -> ends
    for (const auto& c : packing.contacts) {
        if (c.excess > 0.3 || c.ratio < 0.6 || atom(c.a).removed || atom(c.b).removed) {
            continue;
        }
        const Shift back{-c.shift[0], -c.shift[1], -c.shift[2]};
        const auto consider = [&](int carrier, int end, const Shift& shift) {
            const int z = atom(end).element;
            if (is_terminal(z) && z != atom(carrier).element && site(end).occupancy < kFull &&
                site(carrier).occupancy >= kFull && !is_metal(atom(carrier).element)) {
                rounds[{carrier, z}].push_back(
                    {end, moved(packing, atom(end).place, shift), site(end).occupancy});
            }
        };
        consider(c.a, c.b, c.shift);
        consider(c.b, c.a, back);
    }
    for (auto& [key, ends] : rounds) {
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
        if (!images &&
            (grouped || ends.size() <= wanted || std::abs(sum - std::round(sum)) > 0.15)) {
            continue;  // alternatives were chosen already, or no number of atoms fits
        }
        std::stable_sort(ends.begin(), ends.end(), [&](const End& a, const End& b) {
            return std::tuple(-a.occupancy, atom(a.atom).operation, a.atom) <
                   std::tuple(-b.occupancy, atom(b.atom).operation, b.atom);
        });
        for (const auto& end : ends) {
            atom(end.atom).removed = true;
        }
        const auto kept = farthest_apart(ends, std::min(wanted, ends.size()), choices_left);
        for (const auto& end : kept) {
            atom(end.atom).removed = false;
            atom(end.atom).occupancy = 1.0;
        }
    }
}

}  // namespace

void resolve_disorder(const Crystal& crystal, Packing& packing, std::vector<std::string>& report) {
    choose_groups(crystal, packing, report);
    thin_out_ends(crystal, packing);
    choose_pieces(crystal, packing, report);
}

}  // namespace cupel::chemistry
