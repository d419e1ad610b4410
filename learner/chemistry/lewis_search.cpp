// Valences are closed atom by atom, the cheapest first, within a bound of steps.
#include "lewis_search.hpp"

#include <algorithm>
#include <cmath>

#include <cupel/domain/element.hpp>

namespace cupel::chemistry {
namespace {

constexpr int kMaxSteps = 4000;  ///< of the search, per conjugated part
constexpr double kOpenCarbon = 100.0;
constexpr double kDonorAnion = 0.05;      ///< an oxygen or sulfur on a metal likes to be an anion
constexpr double kChargedNitrogen = 2.5;  ///< using nitrogen's lone pair for a double bond

bool is_chalcogen(int z) {
    return z == 8 || z == 16 || z == 34 || z == 52;
}
bool is_pnictogen(int z) {
    return z == 15 || z == 33 || z == 51;
}

}  // namespace

LewisSearch::LewisSearch(const Fragment& fragment)
    : f_(fragment), near_(fragment.atoms.size()), order_(fragment.bonds.size(), 1) {
    for (std::size_t i = 0; i < f_.bonds.size(); ++i) {
        near_[at(f_.bonds[i].a)].push_back({f_.bonds[i].b, static_cast<int>(i)});
        near_[at(f_.bonds[i].b)].push_back({f_.bonds[i].a, static_cast<int>(i)});
    }
    find_five_rings();
    find_exocyclic();
}

int LewisSearch::solve(bool trust_hydrogens) {
    trusted_ = trust_hydrogens;
    std::fill(order_.begin(), order_.end(), 1);
    state_.assign(f_.atoms.size(), {});
    for (std::size_t i = 0; i < f_.atoms.size(); ++i) {
        prepare(static_cast<int>(i), trust_hydrogens);
    }
    settle_linear_groups();
    search_parts();
    int open = 0;
    for (std::size_t i = 0; i < f_.atoms.size(); ++i) {
        open += must_close(static_cast<int>(i)) ? state_[i].open : 0;
    }
    return open;
}

bool LewisSearch::hydrogens_plausible() const {
    for (std::size_t i = 0; i < f_.atoms.size(); ++i) {
        const auto& atom = f_.atoms[i];
        if (atom.element != 6 || atom.core_bonds > 0 || carbene(static_cast<int>(i))) {
            continue;
        }
        const int heavy = static_cast<int>(near_[i].size());
        const int open = 4 - heavy - atom.hydrogens;
        if (open >= 2 && geometric_open(static_cast<int>(i)) < 2) {
            return false;
        }
    }
    return true;
}

bool LewisSearch::is_ligand() const {
    return std::any_of(
        f_.atoms.begin(), f_.atoms.end(), [](const FragmentAtom& a) { return a.core_bonds > 0; });
}

double LewisSearch::ratio(int bond) const {
    const auto& b = f_.bonds[at(bond)];
    return b.length / (covalent_radius(atom(b.a).element) + covalent_radius(atom(b.b).element));
}

double LewisSearch::widest_angle(int i) const {
    double widest = 0.0;
    for (std::size_t p = 0; p < near_[at(i)].size(); ++p) {
        for (std::size_t q = p + 1; q < near_[at(i)].size(); ++q) {
            widest = std::max(widest,
                              angle_in_degrees(atom(near_[at(i)][p].atom).place,
                                               atom(i).place,
                                               atom(near_[at(i)][q].atom).place));
        }
    }
    return widest;
}

int LewisSearch::geometric_open(int i) const {
    const auto& near = near_[at(i)];
    double mean = 0.0;
    for (const auto& n : near) {
        mean += ratio(n.bond) / static_cast<double>(near.size());
    }
    if (near.size() == 1) {
        return mean < 0.835 ? 2 : mean < 0.915 ? 1 : 0;
    }
    if (near.size() == 2) {
        const double angle = widest_angle(i);
        if (angle > 153.0) {
            return 2;
        }
        // Wide angles and short bonds speak for sp2, each against the other; five-membered
        // rings are narrow by nature.
        const double usual = five_ring_[at(i)] != 0 ? 105.5 : 115.0;
        return (angle - usual) / 5.0 + (0.955 - mean) / 0.03 > 0.0 ? 1 : 0;
    }
    if (near.size() == 3) {
        double sum = 0.0;
        for (std::size_t p = 0; p < 3; ++p) {
            sum += angle_in_degrees(
                atom(near[p].atom).place, atom(i).place, atom(near[(p + 1) % 3].atom).place);
        }
        return sum > 350.0 ? 1 : 0;
    }
    return 0;
}

bool LewisSearch::terminal_oxygen(int i) const {
    return is_chalcogen(atom(i).element) && heavy(i) == 1 && atom(i).hydrogens == 0;
}

int LewisSearch::terminal_chalcogens(int i) const {
    return static_cast<int>(
        std::count_if(near_[at(i)].begin(), near_[at(i)].end(), [&](const Neighbour& n) {
            return terminal_oxygen(n.atom);
        }));
}

void LewisSearch::prepare(int i, bool trust) {
    State& s = state_[at(i)];
    const FragmentAtom& a = atom(i);
    const int z = a.element;
    s.degree = heavy(i) + a.hydrogens;
    const auto limited = [&](int valence) {
        const int open = std::max(0, valence - s.degree);
        const bool counted = trust || a.hydrogens > 0 || (z == 7 && a.core_bonds > 0);
        const int seen = counted ? open : std::min(open, geometric_open(i));
        s.implied = open - seen;
        return seen;
    };
    if (z == 6) {
        // A carbon on a metal may keep an open valence as its charge.
        const bool donor = a.core_bonds > 0 || (trust && carbene(i));
        s.open = donor ? std::max(0, 4 - s.degree) : limited(4);
        s.cost_left = donor ? cyclic_carbanion_cost(i) : kOpenCarbon;
    } else if (z == 7) {
        prepare_nitrogen(i, s.degree < 3 ? limited(3) : 0);
    } else if (z == 8) {
        s.open = std::max(0, 2 - s.degree);
        s.cost_left = a.core_bonds > 0 ? kDonorAnion : on_carbon(i) ? 0.4 : 1.0;
    } else if (is_chalcogen(z)) {
        s.cost_left = a.core_bonds > 0 ? kDonorAnion : 0.9;
        s.open = s.degree <= 2 ? 2 - s.degree : s.degree == 4 ? 2 : 1;
        if (s.degree == 3 && terminal_chalcogens(i) == 0) {
            s.open = 0;
            s.charge = 1;
        }
    } else if (is_pnictogen(z)) {
        s.cost_left = 1.5;
        s.open = s.degree <= 3 ? 3 - s.degree : 0;
        if (s.degree == 4) {
            s.open = takes_double_bond(i) ? 1 : 0;
            s.charge = s.open > 0 ? 0 : 1;
            s.cost_left = kOpenCarbon;
        } else if (s.degree == 6) {
            s.charge = -1;
        }
    } else if (z == 5) {
        s.charge = s.degree == 4 ? -1 : 0;
    } else if (element_group(z) == 14) {
        s.open = std::max(0, 4 - s.degree);
        s.cost_left = 1.5;
    } else if (element_group(z) == 17 && s.degree >= 3) {
        s.open = s.degree - 1;
        s.cost_left = kOpenCarbon;
    }
}

bool LewisSearch::takes_double_bond(int i) const {
    return std::any_of(near_[at(i)].begin(), near_[at(i)].end(), [&](const Neighbour& n) {
        const int z = atom(n.atom).element;
        const int degree = heavy(n.atom) + atom(n.atom).hydrogens;
        return terminal_oxygen(n.atom) || (z == 7 && degree <= 2) ||
               (z == 6 && degree <= 3 && atom(n.atom).core_bonds == 0 && degree <= 2);
    });
}

void LewisSearch::prepare_nitrogen(int i, int open) {
    State& s = state_[at(i)];
    const int oxygens = terminal_chalcogens(i);
    // An amide whose hydrogen nobody located is no imidic acid.
    const bool amide = !trusted_ && ring_atom_[at(i)] == 0;
    s.cost_left = atom(i).core_bonds > 0 ? (amide ? 0.1 : 0.5) : amide ? 0.2 : 1.5;
    if (s.degree >= 4) {
        s.charge = 1;
    } else if (s.degree == 3 && oxygens > 0) {
        // Nitro, nitrate, N-oxide.
        s.charge = 1;
        s.open = 1;
        s.cost_left = kOpenCarbon;
    } else if (s.degree == 3) {
        s.optional = true;
        s.open = 1;
        s.cost_left = 0.0;
    } else {
        s.open = open;
    }
}

void LewisSearch::find_five_rings() {
    five_ring_.assign(f_.atoms.size(), 0);
    for (std::size_t i = 0; i < f_.bonds.size(); ++i) {
        if (in_small_ring(static_cast<int>(i), 5)) {
            five_ring_[at(f_.bonds[i].a)] = five_ring_[at(f_.bonds[i].b)] = 1;
        }
    }
}

void LewisSearch::find_exocyclic() {
    exocyclic_.assign(f_.bonds.size(), 0);
    ring_atom_.assign(f_.atoms.size(), 0);
    for (std::size_t i = 0; i < f_.bonds.size(); ++i) {
        if (in_small_ring(static_cast<int>(i), 6)) {
            ring_atom_[at(f_.bonds[i].a)] = ring_atom_[at(f_.bonds[i].b)] = 1;
        } else {
            exocyclic_[i] = 1;
        }
    }
    for (std::size_t i = 0; i < f_.bonds.size(); ++i) {
        exocyclic_[i] =
            exocyclic_[i] != 0 && ring_atom_[at(f_.bonds[i].a)] != ring_atom_[at(f_.bonds[i].b)]
                ? 1
                : 0;
    }
}

bool LewisSearch::carbene(int i) const {
    return atom(i).hydrogens == 0 && heavy(i) == 2 &&
           std::all_of(near_[at(i)].begin(), near_[at(i)].end(), [&](const Neighbour& n) {
               return atom(n.atom).element == 7 && heavy(n.atom) == 3;
           });
}

bool LewisSearch::in_small_ring(int bond, int largest) const {
    const auto& b = f_.bonds[at(bond)];
    std::vector<int> reached{b.a};
    std::size_t begin = 0;
    for (int step = 0; step < largest - 1; ++step) {
        const std::size_t end = reached.size();
        for (; begin < end && reached.size() < 200; ++begin) {
            for (const auto& n : near_[at(reached[begin])]) {
                if (n.bond == bond) {
                    continue;
                }
                if (n.atom == b.b) {
                    return true;
                }
                if (std::find(reached.begin(), reached.end(), n.atom) == reached.end()) {
                    reached.push_back(n.atom);
                }
            }
        }
    }
    return false;
}

bool LewisSearch::on_carbon(int i) const {
    return std::all_of(near_[at(i)].begin(), near_[at(i)].end(), [&](const Neighbour& n) {
        return atom(n.atom).element == 6;
    });
}

double LewisSearch::cyclic_carbanion_cost(int i) const {
    double cost = atom(i).hydrogens == 0 ? 2.0 : 2.2;
    for (const auto& n : near_[at(i)]) {
        if (atom(n.atom).element != 6) {
            cost = std::min(cost, 1.9);
        }
    }
    return cost;
}

void LewisSearch::set_triple(int bond, int first, int first_charge, int second, int second_charge) {
    order_[at(bond)] = 3;
    state_[at(first)].open = state_[at(second)].open = 0;
    state_[at(first)].charge = first_charge;
    state_[at(second)].charge = second_charge;
    state_[at(second)].optional = false;
}

void LewisSearch::settle_linear_groups() {
    const int size = static_cast<int>(f_.atoms.size());
    for (int i = 0; i < size; ++i) {
        if (atom(i).element == 6 && heavy(i) == 1 && atom(i).hydrogens == 0) {
            const Neighbour n = near_[at(i)].front();
            const int z = atom(n.atom).element;
            const double length = f_.bonds[at(n.bond)].length;
            const bool short_bond = length < 1.3;
            if (z == 8 && heavy(n.atom) == 1 && length < 1.25) {
                set_triple(n.bond, i, -1, n.atom, 1);
            } else if (z == 7 && heavy(n.atom) == 1 && short_bond) {
                set_triple(n.bond, i, -1, n.atom, 0);
            } else if (z == 7 && heavy(n.atom) == 2 && short_bond) {
                set_triple(n.bond, i, -1, n.atom, 1);
            }
        }
        if (atom(i).element == 7 && heavy(i) == 2 && widest_angle(i) > 150.0 &&
            atom(near_[at(i)][0].atom).element == 7 && atom(near_[at(i)][1].atom).element == 7) {
            state_[at(i)].charge = 1;
            state_[at(i)].open = 2;
            state_[at(i)].cost_left = kOpenCarbon;
        }
    }
}

bool LewisSearch::must_close(int i) const {
    return state_[at(i)].cost_left >= kOpenCarbon;
}

double LewisSearch::cost_of_leaving(int i, int open) const {
    if (open == 0) {
        return 0.0;
    }
    const State& s = state_[at(i)];
    if (must_close(i)) {
        return kOpenCarbon * open;
    }
    // Two open valences on a donor carbon: a carbene, at ease beside nitrogen or oxygen.
    if (atom(i).element == 6 && open == 2) {
        return on_carbon(i) ? 4.5 : 2.0;
    }
    return s.cost_left * open * open;
}

double LewisSearch::cost_of_bond(int bond) const {
    const auto& b = f_.bonds[at(bond)];
    // Length tells C=O from C-OH well; inside rings it says little.
    const bool end = terminal_oxygen(b.a) || terminal_oxygen(b.b);
    double cost =
        end ? 3.0 * std::max(0.0, ratio(bond) - 0.86) : 0.5 * std::max(0.0, ratio(bond) - 0.8);
    cost += exocyclic_[at(bond)] != 0 ? 0.2 : 0.0;
    for (const int i : {b.a, b.b}) {
        cost += state_[at(i)].optional ? kChargedNitrogen : 0.0;
    }
    return cost;
}

void LewisSearch::search_parts() {
    std::vector<char> seen(f_.atoms.size(), 0);
    for (std::size_t start = 0; start < f_.atoms.size(); ++start) {
        if (seen[start] != 0 || state_[start].open == 0) {
            continue;
        }
        std::vector<int> part{static_cast<int>(start)};
        seen[start] = 1;
        for (std::size_t next = 0; next < part.size(); ++next) {
            for (const auto& n : near_[at(part[next])]) {
                if (seen[at(n.atom)] == 0 && state_[at(n.atom)].open > 0) {
                    seen[at(n.atom)] = 1;
                    part.push_back(n.atom);
                }
            }
        }
        search(part);
    }
}

void LewisSearch::search(const std::vector<int>& part) {
    part_ = part;
    open_.assign(f_.atoms.size(), 0);
    for (const int i : part) {
        open_[at(i)] = state_[at(i)].open;
    }
    closed_.assign(f_.atoms.size(), 0);
    trial_ = order_;
    best_ = order_;
    best_cost_ = 1e18;
    steps_ = 0;
    descend(0.0);
    order_ = best_;
    for (const int i : part) {
        int used = 0;
        for (const auto& n : near_[at(i)]) {
            used += order_[at(n.bond)] - 1;
        }
        State& s = state_[at(i)];
        if (s.optional) {
            s.charge = used > 0 ? 1 : 0;
            s.open = 0;
        } else {
            s.open = std::max(0, s.open - used);
        }
    }
}

std::vector<LewisSearch::Neighbour> LewisSearch::options(int i) const {
    std::vector<Neighbour> list;
    for (const auto& n : near_[at(i)]) {
        if (open_[at(n.atom)] > 0 && closed_[at(n.atom)] == 0 && trial_[at(n.bond)] < 3) {
            list.push_back(n);
        }
    }
    return list;
}

int LewisSearch::next_atom() const {
    int chosen = -1;
    std::size_t fewest = 0;
    for (const int i : part_) {
        if (open_[at(i)] == 0 || closed_[at(i)] != 0) {
            continue;
        }
        const std::size_t count = options(i).size() + (must_close(i) ? 0 : 100);
        if (chosen < 0 || count < fewest) {
            chosen = i;
            fewest = count;
        }
    }
    return chosen;
}

void LewisSearch::descend(double cost) {
    if (cost >= best_cost_ || (++steps_ > kMaxSteps && best_cost_ < 1e17)) {
        return;
    }
    const int i = next_atom();
    if (i < 0) {
        best_cost_ = cost;
        best_ = trial_;
        return;
    }
    auto list = options(i);
    std::sort(list.begin(), list.end(), [&](const Neighbour& a, const Neighbour& b) {
        const auto rank = [&](const Neighbour& n) {
            return cost_of_bond(n.bond) + (must_close(n.atom) ? 0.0 : 1.0);
        };
        return rank(a) < rank(b);
    });
    for (const auto& n : list) {
        const double added = trial_[at(n.bond)] == 1 ? cost_of_bond(n.bond) : 0.01;
        ++trial_[at(n.bond)];
        --open_[at(i)];
        --open_[at(n.atom)];
        descend(cost + added);
        --trial_[at(n.bond)];
        ++open_[at(i)];
        ++open_[at(n.atom)];
    }
    closed_[at(i)] = 1;
    descend(cost + (state_[at(i)].optional ? 0.0 : cost_of_leaving(i, open_[at(i)])));
    closed_[at(i)] = 0;
}

}  // namespace cupel::chemistry
