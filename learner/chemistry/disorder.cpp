// One alternative of each disordered region is kept; what shares a place stays shared.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include <cupel/domain/element.hpp>

#include "packing.hpp"

namespace cupel::chemistry {
namespace {

constexpr double kFull = 0.99;
constexpr double kSharedSite = 0.35;  ///< angstrom between two metals on one site
constexpr double kOnePlace = 0.1;     ///< angstrom between an atom and its repetition
constexpr double kClash = 0.75;       ///< of the sum of radii: no bond is that short
constexpr std::size_t kMaxLines = 40;

std::string occupancy_text(double occupancy) {
    char text[16];
    std::snprintf(text, sizeof text, "%.2f", occupancy);
    return text;
}

void add_line(std::vector<std::string>& report, const std::string& line) {
    if (report.size() < kMaxLines) {
        report.push_back(line);
    } else if (report.size() == kMaxLines) {
        report.push_back("... and more");
    }
}

/// Elements that end a chain: two of them side by side are alternatives, not a bond.
bool is_terminal(int z) {
    return z == 1 || z == 8 || element_group(z) == 17;
}

bool never_bonded(int a, int b) {
    return is_terminal(a) && is_terminal(b) && !(a == 1 && b == 8) && !(a == 8 && b == 1) &&
           !(a == 8 && b > 9) && !(b == 8 && a > 9);
}

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

/// One of the alternatives is always there; else their place is empty now and then.
bool shares_up_to_one(const std::map<int, Mean>& groups) {
    double sum = 0.0;
    for (const auto& [group, mean] : groups) {
        sum += mean.value();
    }
    return sum > 0.9;
}

void choose_groups(const Crystal& crystal, Packing& packing, std::vector<std::string>& report) {
    const auto site = [&](int atom) -> const Site& {
        return crystal
            .sites[static_cast<std::size_t>(packing.atoms[static_cast<std::size_t>(atom)].site)];
    };
    // A region: one assembly; or, where none is named, disordered atoms that touch or hang on one
    // atom, whatever their group.
    Groups regions(packing.atoms.size());
    std::map<std::string, int> first_of_assembly;
    for (int i = 0; i < static_cast<int>(packing.atoms.size()); ++i) {
        if (site(i).group != 0 && !site(i).assembly.empty()) {
            regions.join(i, first_of_assembly.emplace(site(i).assembly, i).first->second);
        }
    }
    std::map<int, int> first_on_anchor;
    for (const auto& contact : packing.contacts) {
        for (const auto& [anchor, end] :
             {std::pair{contact.a, contact.b}, std::pair{contact.b, contact.a}}) {
            if (contact.excess < 0.3 && site(anchor).group == 0 && site(end).group != 0 &&
                site(end).assembly.empty() && !is_metal(site(anchor).element)) {
                regions.join(end, first_on_anchor.emplace(anchor, end).first->second);
            }
        }
    }
    for (const auto& contact : packing.contacts) {
        const Site& a = site(contact.a);
        const Site& b = site(contact.b);
        if (a.group != 0 && b.group != 0 && a.assembly == b.assembly) {
            regions.join(contact.a, contact.b);
        }
    }
    std::map<int, std::map<int, Mean>> occupancy;  // region -> group -> mean
    const int size = static_cast<int>(packing.atoms.size());
    for (int i = 0; i < size; ++i) {
        if (site(i).group != 0) {
            occupancy[regions.root(i)][site(i).group].add(site(i).element, site(i).occupancy);
        }
    }
    std::map<int, int> kept;
    for (const auto& [region, groups] : occupancy) {
        const auto best =
            std::max_element(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
                const double difference = a.second.value() - b.second.value();
                return std::abs(difference) > 1e-6 ? difference < 0.0
                                                   : std::abs(a.first) > std::abs(b.first);
            });
        kept[region] = best->first;
    }
    struct Choice {
        std::string first_label;
        int atoms = 0;
        double kept_occupancy = 0.0;
        double left_out = 0.0;
    };
    std::map<std::pair<std::string, int>, Choice> told;  // by assembly and region
    std::set<int> told_sites;
    for (int i = 0; i < size; ++i) {
        if (site(i).group == 0) {
            continue;
        }
        const int region = regions.root(i);
        if (kept[region] == site(i).group) {
            // Images that fall together on a symmetry element count as one atom there.
            const double order = static_cast<double>(crystal.operations.size()) /
                                 packing.multiplicity[static_cast<std::size_t>(
                                     packing.atoms[static_cast<std::size_t>(i)].site)];
            if (shares_up_to_one(occupancy[region]) || site(i).occupancy * order > 0.9) {
                packing.atoms[static_cast<std::size_t>(i)].occupancy = 1.0;
            }
            continue;
        }
        packing.atoms[static_cast<std::size_t>(i)].removed = true;
        if (site(i).element == 1 ||
            !told_sites.insert(packing.atoms[static_cast<std::size_t>(i)].site).second) {
            continue;
        }
        auto& choice = told[{site(i).assembly, region}];
        choice.first_label = choice.atoms == 0 ? site(i).label : choice.first_label;
        choice.kept_occupancy = occupancy[region][kept[region]].value();
        choice.left_out = occupancy[region][site(i).group].value();
        ++choice.atoms;
    }
    for (const auto& [key, choice] : told) {
        add_line(report,
                 (key.first.empty() ? std::string() : "assembly " + key.first + ": ") +
                     "alternative with " + choice.first_label + " (" +
                     std::to_string(choice.atoms) + " heavy atoms, occupancy " +
                     occupancy_text(choice.left_out) + ") left out; the one with occupancy " +
                     occupancy_text(choice.kept_occupancy) + " kept");
    }
}

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

bool share_metal_sites(Crystal& crystal, const Packing& packing, std::vector<std::string>& report) {
    // Contacts, not places in the list: a partner may be listed a cell or an operation away.
    std::map<std::size_t, std::set<std::size_t>> partners;
    for (const auto& c : packing.contacts) {
        const auto a = static_cast<std::size_t>(packing.atoms[static_cast<std::size_t>(c.a)].site);
        const auto b = static_cast<std::size_t>(packing.atoms[static_cast<std::size_t>(c.b)].site);
        const auto partial_metal = [&](std::size_t i) {
            return is_metal(crystal.sites[i].element) && crystal.sites[i].occupancy < kFull;
        };
        if (c.length <= kSharedSite && partial_metal(a) && partial_metal(b) &&
            crystal.sites[a].element != crystal.sites[b].element) {
            partners[std::min(a, b)].insert(std::max(a, b));
        }
    }
    std::set<std::size_t> gone;
    for (const auto& [first, others] : partners) {
        Site& site = crystal.sites[first];
        if (gone.count(first) > 0) {
            continue;
        }
        for (const std::size_t n : others) {
            const Site& other = crystal.sites[n];
            if (gone.count(n) > 0 || other.element == site.element ||
                site.occupancy + other.occupancy > 1.1) {
                continue;
            }
            if (site.shared.empty()) {
                site.shared.emplace_back(site.element, site.occupancy);
            }
            site.shared.emplace_back(other.element, other.occupancy);
            site.occupancy += other.occupancy;
            gone.insert(n);
        }
        if (!site.shared.empty()) {
            std::sort(site.shared.begin(), site.shared.end(), [](const auto& a, const auto& b) {
                return a.second > b.second;
            });
            site.element = site.shared.front().first;
            site.group = 0;
            std::string parts;
            for (const auto& [element, occupancy] : site.shared) {
                parts += (parts.empty() ? "" : ", ") + std::string(element_symbol(element)) + " " +
                         occupancy_text(occupancy);
            }
            add_line(report, "site " + site.label + " is shared: " + parts + "; kept fractional");
        }
    }
    std::size_t next = 0;
    for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
        if (gone.count(i) == 0) {
            if (next != i) {
                crystal.sites[next] = std::move(crystal.sites[i]);
            }
            ++next;
        }
    }
    crystal.sites.resize(next);
    return !gone.empty();
}

void leave_out_repeated(const Crystal& crystal,
                        Packing& packing,
                        std::vector<std::string>& warnings) {
    const auto site_of = [&](int i) { return packing.atoms[static_cast<std::size_t>(i)].site; };
    std::set<int> repeated;
    std::string example;
    for (const auto& c : packing.contacts) {
        const Site& a = crystal.sites[static_cast<std::size_t>(site_of(c.a))];
        const Site& b = crystal.sites[static_cast<std::size_t>(site_of(c.b))];
        // Half atoms on one place may well be two halves.
        const bool whole = a.occupancy >= kFull && b.occupancy >= kFull;
        if (c.length > kOnePlace || site_of(c.a) == site_of(c.b) || a.element != b.element ||
            a.group != b.group || a.assembly != b.assembly || !whole) {
            continue;
        }
        const int later = site_of(c.a) > site_of(c.b) ? c.a : c.b;
        packing.atoms[static_cast<std::size_t>(later)].removed = true;
        if (repeated.insert(site_of(later)).second && repeated.size() == 1) {
            example = (later == c.a ? a : b).label + " stands where " +
                      (later == c.a ? b : a).label + " is";
        }
    }
    if (!repeated.empty()) {
        warnings.push_back(std::to_string(repeated.size()) +
                           " atoms are listed more than once and counted once: " + example);
    }
}

void resolve_disorder(const Crystal& crystal, Packing& packing, std::vector<std::string>& report) {
    choose_groups(crystal, packing, report);
    thin_out_ends(crystal, packing);
    choose_pieces(crystal, packing, report);
}

}  // namespace cupel::chemistry
