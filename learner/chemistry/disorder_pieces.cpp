// The choice among pieces that overlap: images about a symmetry element, alternatives without
// group.
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "disorder.hpp"
#include "molecules.hpp"

namespace cupel::chemistry {
namespace {

constexpr double kMetalsApart = 0.82;  ///< of the sum of radii: two metals are never that near

class PieceChoice {
  public:
    PieceChoice(const Crystal& crystal, Packing& packing)
        : crystal_(crystal), packing_(packing), pieces_(packing.atoms.size()) {}

    std::set<int> choose(std::vector<std::string>& report) {
        join_pieces();
        find_rivals();
        weigh();
        leave_out_beside_full(report);
        settle(report);
        find_strained();
        tell_undecided(report);
        return undecided_;
    }

  private:
    CellAtom& atom(int i) { return packing_.atoms[static_cast<std::size_t>(i)]; }
    const CellAtom& atom(int i) const { return packing_.atoms[static_cast<std::size_t>(i)]; }
    const Site& site(int i) const { return crystal_.sites[static_cast<std::size_t>(atom(i).site)]; }
    int count() const { return static_cast<int>(packing_.atoms.size()); }
    bool gone(const Contact& c) const { return atom(c.a).removed || atom(c.b).removed; }

    bool partial(int i) const {
        return site(i).occupancy < kFull && !always_there(crystal_, packing_, i) &&
               (atom(i).occupancy < kFull || site(i).group != 0);
    }
    /// Atoms of a negative group are bonded to none that another operation makes.
    bool apart(const Contact& c) const {
        return site(c.a).group < 0 && site(c.b).group < 0 &&
               atom(c.a).operation != atom(c.b).operation;
    }
    bool exclude(const Contact& c) const {
        const int a = atom(c.a).element;
        const int b = atom(c.b).element;
        const bool both = partial(c.a) && partial(c.b);
        // Of one occupancy they may be the ends of a short triple bond.
        const bool one = both && atom(c.a).operation == atom(c.b).operation &&
                         site(c.a).group == site(c.b).group &&
                         std::abs(site(c.a).occupancy - site(c.b).occupancy) < kSameOccupancy;
        return c.ratio < (one ? shortest_bond(a, b) : kClash) ||
               (both && c.excess < kBonded && (never_bonded(a, b) || apart(c))) ||
               (both && is_metal(a) && is_metal(b) && c.ratio < kMetalsApart &&
                site(c.a).occupancy + site(c.b).occupancy < kAtMostOne);
    }

    void join_pieces() {
        std::map<std::pair<int, int>, int> hanging;  // anchor and operation -> first atom
        for (const auto& c : packing_.contacts) {
            if (gone(c) || c.excess >= kBonded) {
                continue;
            }
            if (partial(c.a) && partial(c.b)) {
                if (!exclude(c) && atom(c.a).operation == atom(c.b).operation) {
                    pieces_.join(c.a, c.b);
                }
                continue;
            }
            for (const auto& [anchor, end] : {std::pair{c.a, c.b}, std::pair{c.b, c.a}}) {
                if (partial(end) && site(end).group < 0 && !is_metal(atom(anchor).element)) {
                    const std::pair key{anchor, atom(end).operation};
                    pieces_.join(end, hanging.emplace(key, end).first->second);
                }
            }
        }
    }

    void find_rivals() {
        for (const auto& c : packing_.contacts) {
            if (gone(c) || !exclude(c)) {
                continue;
            }
            const bool pa = partial(c.a);
            const bool pb = partial(c.b);
            const int a = pieces_.root(c.a);
            const int b = pieces_.root(c.b);
            if (pa && pb && a != b) {
                rivals_[a].insert(b);
                rivals_[b].insert(a);
            } else if (pa && pb && atom(c.a).site != atom(c.b).site) {
                // Two alternatives in one piece that nothing tells apart: the emptier atom goes.
                atom(atom(c.a).occupancy < atom(c.b).occupancy ? c.a : c.b).removed = true;
                mixed_.insert(a);
            } else if (pa != pb) {
                beside_full_.insert(pa ? c.a : c.b);
            }
        }
    }

    void weigh() {
        for (int i = 0; i < count(); ++i) {
            if (!atom(i).removed && partial(i)) {
                weight_[pieces_.root(i)].add(atom(i).element, site(i).occupancy);
                members_[pieces_.root(i)].push_back(i);
            }
        }
    }

    void leave_out_beside_full(std::vector<std::string>& report) {
        for (const int i : beside_full_) {
            atom(i).removed = true;
            if (atom(i).element != 1 && told_.insert(atom(i).site).second) {
                add_line(report,
                         site(i).label + " (occupancy " + occupancy_text(site(i).occupancy) +
                             ") left out: it overlaps with an atom that is always there");
            }
        }
    }

    std::vector<int> fullest_first() {
        std::vector<int> order;
        for (const auto& [piece, all] : members_) {
            order.push_back(piece);
        }
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
            const double wa = weight_[a].value();
            const double wb = weight_[b].value();
            if (std::abs(wa - wb) > 1e-6) {
                return wa > wb;
            }
            return atom(members_[a].front()).operation < atom(members_[b].front()).operation;
        });
        return order;
    }

    void settle(std::vector<std::string>& report) {
        std::set<int> standing;
        for (const int piece : fullest_first()) {
            const std::set<int>& rivals = rivals_[piece];
            const bool free = std::none_of(
                rivals.begin(), rivals.end(), [&](int rival) { return standing.count(rival) > 0; });
            if (free) {
                standing.insert(piece);
                stand_for(piece, rivals);
            } else {
                leave_out(piece, report);
            }
        }
    }

    /// A piece is there as often as it and all that it excludes are.
    void stand_for(int piece, const std::set<int>& rivals) {
        double others = 0.0;
        for (const int rival : rivals) {
            others += weight_[rival].value();
        }
        for (const int i : members_[piece]) {
            const double sum = site(i).occupancy + others;
            if (!rivals.empty()) {
                atom(i).occupancy = sum > kAsGoodAsOne ? 1.0 : std::max(atom(i).occupancy, sum);
            }
        }
    }

    void leave_out(int piece, std::vector<std::string>& report) {
        for (const int i : members_[piece]) {
            atom(i).removed = true;
        }
        const int first = members_[piece].front();
        if (atom(first).element != 1 && told_.insert(atom(first).site).second) {
            add_line(report,
                     site(first).label +
                         " and what hangs on it overlap with a fuller alternative or with "
                         "their own image (occupancy " +
                         occupancy_text(site(first).occupancy) + "): one of them kept");
        }
    }

    /// Nearer than atoms of one molecule come that are not bonded, and too far for a bond.
    void find_strained() {
        for (const auto& c : packing_.contacts) {
            const auto light = [&](int i) {
                return !partial(i) || atom(i).element == 1 || atom(i).element == 5 ||
                       is_metal(atom(i).element);
            };
            if (!gone(c) && !light(c.a) && !light(c.b) && c.ratio > 1.14 && c.excess < 0.4) {
                mixed_.insert(pieces_.root(c.a));
                mixed_.insert(pieces_.root(c.b));
            }
        }
    }

    void tell_undecided(std::vector<std::string>& report) {
        for (const int piece : mixed_) {
            std::string first;
            for (const int i : members_[piece]) {
                if (!atom(i).removed) {
                    undecided_.insert(i);
                    first = first.empty() || atom(i).element != 1 ? site(i).label : first;
                }
            }
            if (!first.empty() && told_undecided_.insert(first).second) {
                add_line(report,
                         "undecided: the alternatives about " + first +
                             " could not be told apart; give them disorder groups");
            }
        }
    }

    const Crystal& crystal_;
    Packing& packing_;
    Groups pieces_;
    std::map<int, std::set<int>> rivals_;  ///< by piece, as all below
    std::map<int, Mean> weight_;
    std::map<int, std::vector<int>> members_;
    std::set<int> mixed_;        ///< hold atoms of several alternatives
    std::set<int> beside_full_;  ///< atoms
    std::set<int> undecided_;    ///< atoms
    std::set<int> told_;         ///< sites
    std::set<std::string> told_undecided_;
};

}  // namespace

std::set<int> choose_pieces(const Crystal& crystal,
                            Packing& packing,
                            std::vector<std::string>& report) {
    return PieceChoice(crystal, packing).choose(report);
}

}  // namespace cupel::chemistry
