// Lewis structures: rules for hypervalent and linear groups, a bounded search for the rest.
#include "bond_orders.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <GraphMol/MolOps.h>
#include <GraphMol/RWMol.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <cupel/domain/error.hpp>

#include "molecule.hpp"
#include "rdkit_log.hpp"

namespace cupel::chemistry {
namespace {

constexpr int kMaxSteps = 4000;         ///< of the search, per conjugated part
constexpr std::size_t kMaxAtoms = 600;  ///< heavy atoms of one ligand
constexpr std::size_t kMaxRings = 100;  ///< beyond that, atoms lie in a heap
constexpr double kOpenCarbon = 100.0;
constexpr double kDonorAnion = 0.05;      ///< an oxygen or sulfur on a metal likes to be an anion
constexpr double kChargedNitrogen = 2.5;  ///< using nitrogen's lone pair for a double bond

bool is_chalcogen(int z) {
    return z == 8 || z == 16 || z == 34 || z == 52;
}
bool is_pnictogen(int z) {
    return z == 15 || z == 33 || z == 51;
}

struct Neighbour {
    int atom = 0;
    int bond = 0;
};

/// What the search sees of an atom.
struct State {
    int degree = 0;          ///< heavy neighbours and hydrogens
    int charge = 0;          ///< settled by rule
    int open = 0;            ///< valences left for double and triple bonds
    int implied = 0;         ///< hydrogens that geometry calls for and nobody located
    bool optional = false;   ///< nitrogen that may become N+ with a double bond
    double cost_left = 0.0;  ///< of leaving the first open valence unused
};

class LewisSearch {
  public:
    explicit LewisSearch(const Fragment& fragment)
        : f_(fragment), near_(fragment.atoms.size()), order_(fragment.bonds.size(), 1) {
        for (std::size_t i = 0; i < f_.bonds.size(); ++i) {
            near_[at(f_.bonds[i].a)].push_back({f_.bonds[i].b, static_cast<int>(i)});
            near_[at(f_.bonds[i].b)].push_back({f_.bonds[i].a, static_cast<int>(i)});
        }
        find_five_rings();
        find_exocyclic();
    }

    /// Fills order_ and state_; the number of carbons left open.
    int solve(bool trust_hydrogens) {
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
            open += must(static_cast<int>(i)) ? state_[i].open : 0;
        }
        return open;
    }

    /// Do the located hydrogens explain every atom without geometry objecting?
    bool hydrogens_plausible() const {
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

    bool is_ligand() const {
        return std::any_of(f_.atoms.begin(), f_.atoms.end(), [](const FragmentAtom& a) {
            return a.core_bonds > 0;
        });
    }
    /// Hydrogens were counted, not guessed.
    bool trusted() const { return trusted_; }
    const std::vector<int>& orders() const { return order_; }
    const std::vector<State>& states() const { return state_; }
    const std::vector<Neighbour>& near(int i) const { return near_[at(i)]; }

  private:
    static std::size_t at(int i) { return static_cast<std::size_t>(i); }
    const FragmentAtom& atom(int i) const { return f_.atoms[at(i)]; }
    int heavy(int i) const { return static_cast<int>(near_[at(i)].size()); }

    double ratio(int bond) const {
        const auto& b = f_.bonds[at(bond)];
        return b.length / (covalent_radius(atom(b.a).element) + covalent_radius(atom(b.b).element));
    }

    double widest_angle(int i) const {
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

    /// Open valences that angles and lengths suggest: 0 sp3, 1 sp2, 2 sp.
    int geometric_open(int i) const {
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

    bool terminal_oxygen(int i) const {
        return is_chalcogen(atom(i).element) && heavy(i) == 1 && atom(i).hydrogens == 0;
    }
    int terminal_chalcogens(int i) const {
        return static_cast<int>(
            std::count_if(near_[at(i)].begin(), near_[at(i)].end(), [&](const Neighbour& n) {
                return terminal_oxygen(n.atom);
            }));
    }

    void prepare(int i, bool trust) {
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

    /// P(V): something terminal or imide-like at hand takes the double bond.
    bool takes_double_bond(int i) const {
        return std::any_of(near_[at(i)].begin(), near_[at(i)].end(), [&](const Neighbour& n) {
            const int z = atom(n.atom).element;
            const int degree = heavy(n.atom) + atom(n.atom).hydrogens;
            return terminal_oxygen(n.atom) || (z == 7 && degree <= 2) ||
                   (z == 6 && degree <= 3 && atom(n.atom).core_bonds == 0 && degree <= 2);
        });
    }

    void prepare_nitrogen(int i, int open) {
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

    void find_five_rings() {
        five_ring_.assign(f_.atoms.size(), 0);
        for (std::size_t i = 0; i < f_.bonds.size(); ++i) {
            if (in_small_ring(static_cast<int>(i), 5)) {
                five_ring_[at(f_.bonds[i].a)] = five_ring_[at(f_.bonds[i].b)] = 1;
            }
        }
    }

    /// Bonds that leave a ring: a double bond there spoils its aromaticity.
    void find_exocyclic() {
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

    /// Between two trisubstituted nitrogens, without hydrogen: an NHC.
    bool carbene(int i) const {
        return atom(i).hydrogens == 0 && heavy(i) == 2 &&
               std::all_of(near_[at(i)].begin(), near_[at(i)].end(), [&](const Neighbour& n) {
                   return atom(n.atom).element == 7 && heavy(n.atom) == 3;
               });
    }

    /// Do the bond's ends meet again within a ring of up to `largest` atoms?
    bool in_small_ring(int bond, int largest) const {
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

    bool on_carbon(int i) const {
        return std::all_of(near_[at(i)].begin(), near_[at(i)].end(), [&](const Neighbour& n) {
            return atom(n.atom).element == 6;
        });
    }

    /// In a carbanion ring the charge stands on the substituted carbon, as names have it.
    double cyclic_carbanion_cost(int i) const {
        double cost = atom(i).hydrogens == 0 ? 2.0 : 2.2;
        for (const auto& n : near_[at(i)]) {
            if (atom(n.atom).element != 6) {
                cost = std::min(cost, 1.9);
            }
        }
        return cost;
    }

    void set_triple(int bond, int first, int first_charge, int second, int second_charge) {
        order_[at(bond)] = 3;
        state_[at(first)].open = state_[at(second)].open = 0;
        state_[at(first)].charge = first_charge;
        state_[at(second)].charge = second_charge;
        state_[at(second)].optional = false;
    }

    /// CO, CNR, CN- and N3-, whose charges no count of valences finds.
    void settle_linear_groups() {
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
                atom(near_[at(i)][0].atom).element == 7 &&
                atom(near_[at(i)][1].atom).element == 7) {
                state_[at(i)].charge = 1;
                state_[at(i)].open = 2;
                state_[at(i)].cost_left = kOpenCarbon;
            }
        }
    }

    bool must(int i) const { return state_[at(i)].cost_left >= kOpenCarbon; }

    double cost_of_leaving(int i, int open) const {
        if (open == 0) {
            return 0.0;
        }
        const State& s = state_[at(i)];
        if (must(i)) {
            return kOpenCarbon * open;
        }
        // Two open valences on a donor carbon: a carbene, at ease beside nitrogen or oxygen.
        if (atom(i).element == 6 && open == 2) {
            return on_carbon(i) ? 4.5 : 2.0;
        }
        return s.cost_left * open * open;
    }

    double cost_of_bond(int bond) const {
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

    void search_parts() {
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

    void search(const std::vector<int>& part) {
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

    std::vector<Neighbour> options(int i) const {
        std::vector<Neighbour> list;
        for (const auto& n : near_[at(i)]) {
            if (open_[at(n.atom)] > 0 && closed_[at(n.atom)] == 0 && trial_[at(n.bond)] < 3) {
                list.push_back(n);
            }
        }
        return list;
    }

    /// The open atom with fewest partners, those that must be closed first.
    int next_atom() const {
        int chosen = -1;
        std::size_t fewest = 0;
        for (const int i : part_) {
            if (open_[at(i)] == 0 || closed_[at(i)] != 0) {
                continue;
            }
            const std::size_t count = options(i).size() + (must(i) ? 0 : 100);
            if (chosen < 0 || count < fewest) {
                chosen = i;
                fewest = count;
            }
        }
        return chosen;
    }

    void descend(double cost) {
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
                return cost_of_bond(n.bond) + (must(n.atom) ? 0.0 : 1.0);
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

    const Fragment& f_;
    std::vector<std::vector<Neighbour>> near_;
    std::vector<int> order_;
    std::vector<State> state_;
    std::vector<int> part_, open_, trial_, best_;
    std::vector<char> closed_, exocyclic_, five_ring_, ring_atom_;
    double best_cost_ = 0.0;
    int steps_ = 0;
    bool trusted_ = false;
};

/// Usual charge of a metal that sits inside a ligand.
int metal_charge(int z) {
    switch (element_group(z)) {
        case 9:
            return z == 27 ? 3 : 1;
        case 7:
        case 11:
            return 1;
        case 3:
            return 3;
        case 6:
            return 0;
        case 4:
            return 4;
        default:
            return 2;
    }
}

/// What an open valence becomes: a charge on what binds, a hydrogen where one was not located.
void close_valences(
    const Fragment& fragment, const LewisSearch& search, std::size_t i, int& charge, int& added) {
    const FragmentAtom& atom = fragment.atoms[i];
    const State& state = search.states()[i];
    const int z = atom.element;
    charge = state.charge;
    added = state.implied;
    if (is_metal(z)) {
        charge = metal_charge(z);
        return;
    }
    if (state.open == 0) {
        return;
    }
    const bool binds = atom.core_bonds > 0;
    if (z == 6) {
        const bool carbene = state.open == 2 && state.cost_left < kOpenCarbon;
        if (!binds && !carbene) {
            added += state.open;
        } else if (state.open != 2) {
            charge -= state.open;
        }
        return;
    }
    if (state.degree >= 3 && z != 7) {
        charge += state.open;  // phosphonium, sulfonium: nothing at hand took the double bond
        return;
    }
    bool oxo = false;  // on P, S, N, Cl, or on a carbon at the core: an anion, not a hydroxyl
    for (const auto& n : search.near(static_cast<int>(i))) {
        const int other = fragment.atoms[static_cast<std::size_t>(n.atom)].element;
        oxo = oxo || fragment.atoms[static_cast<std::size_t>(n.atom)].core_bonds > 0;
        oxo = oxo || (z != 7 && other != 6 && other != 5 && other != 14);
    }
    // A ligand whose hydrogens were located and whose nitrogen or sulfur has none is an anion, even
    // where its bond to the core is too long to be seen.
    const bool anion = search.is_ligand() && state.open == 1 &&
                       ((z == 7 && search.trusted()) || (is_chalcogen(z) && z != 8));
    if (binds || oxo || anion || state.charge > 0) {
        charge -= state.open;
    } else {
        added += state.open;
    }
}

std::unique_ptr<RDKit::RWMol> molecule_of(const Fragment& fragment,
                                          const LewisSearch& search,
                                          PerceivedLigand& out) {
    auto molecule = std::make_unique<RDKit::RWMol>();
    for (std::size_t i = 0; i < fragment.atoms.size(); ++i) {
        int charge = 0;
        int added = 0;
        close_valences(fragment, search, i, charge, added);
        auto* atom = new RDKit::Atom(fragment.atoms[i].element);
        const int hydrogens = fragment.atoms[i].hydrogens + added;
        atom->setFormalCharge(charge);
        atom->setNoImplicit(true);
        atom->setNumExplicitHs(static_cast<unsigned>(hydrogens));
        molecule->addAtom(atom, false, true);
        out.charge += charge;
        out.missing_hydrogens += added;
        ++out.composition[std::string(element_symbol(fragment.atoms[i].element))];
        if (hydrogens > 0) {
            out.composition["H"] += hydrogens;
        }
    }
    for (std::size_t b = 0; b < fragment.bonds.size(); ++b) {
        const int order = search.orders()[b];
        molecule->addBond(static_cast<unsigned>(fragment.bonds[b].a),
                          static_cast<unsigned>(fragment.bonds[b].b),
                          order == 3   ? RDKit::Bond::TRIPLE
                          : order == 2 ? RDKit::Bond::DOUBLE
                                       : RDKit::Bond::SINGLE);
    }
    return molecule;
}

/// Small enough for ring perception and for the search.
bool sensible(std::size_t atoms, std::size_t bonds) {
    return atoms <= kMaxAtoms && bonds <= atoms + kMaxRings;
}

std::string skeleton_smiles(const std::vector<int>& elements,
                            const std::vector<std::pair<int, int>>& bonds) {
    if (!sensible(elements.size(), bonds.size())) {
        return {};
    }
    const QuietRdkit quiet;
    RDKit::RWMol molecule;
    for (const int z : elements) {
        auto* atom = new RDKit::Atom(z);
        atom->setNoImplicit(true);
        molecule.addAtom(atom, false, true);
    }
    for (const auto& [a, b] : bonds) {
        molecule.addBond(static_cast<unsigned>(a), static_cast<unsigned>(b), RDKit::Bond::SINGLE);
    }
    try {
        molecule.updatePropertyCache(false);
        return RDKit::MolToSmiles(molecule);
    } catch (const std::exception&) {
        return {};
    }
}

}  // namespace

PerceivedLigand perceive_bonds(const Fragment& fragment) {
    PerceivedLigand out;
    if (sensible(fragment.atoms.size(), fragment.bonds.size())) {
        LewisSearch search(fragment);
        // Located hydrogens first; where they leave a carbon open, angles and lengths.
        const bool plausible = search.hydrogens_plausible();
        if (!plausible || search.solve(true) > 0) {
            search.solve(false);
        }
        const QuietRdkit quiet;
        try {
            auto molecule = molecule_of(fragment, search, out);
            RDKit::MolOps::sanitizeMol(*molecule);
            // The text is read again: what stands in a pool went through the same reader.
            out.smiles = RDKit::MolToSmiles(*parse_smiles(RDKit::MolToSmiles(*molecule)));
            return out;
        } catch (const std::exception&) {
            out = {};
        }
    }
    for (const auto& atom : fragment.atoms) {
        ++out.composition[std::string(element_symbol(atom.element))];
        if (atom.hydrogens > 0) {
            out.composition["H"] += atom.hydrogens;
        }
    }
    return out;
}

std::string skeleton_of(const Fragment& fragment) {
    std::vector<int> elements;
    std::vector<std::pair<int, int>> bonds;
    for (const auto& atom : fragment.atoms) {
        elements.push_back(atom.element);
    }
    for (const auto& bond : fragment.bonds) {
        bonds.emplace_back(bond.a, bond.b);
    }
    return skeleton_smiles(elements, bonds);
}

std::string skeleton_of(const std::string& smiles) {
    const auto molecule = parse_smiles(smiles);
    std::vector<int> elements;
    std::vector<int> index(molecule->getNumAtoms(), -1);
    std::vector<std::pair<int, int>> bonds;
    for (const auto* atom : molecule->atoms()) {
        if (atom->getAtomicNum() != 1) {
            index[atom->getIdx()] = static_cast<int>(elements.size());
            elements.push_back(atom->getAtomicNum());
        }
    }
    for (const auto* bond : molecule->bonds()) {
        const int a = index[bond->getBeginAtomIdx()];
        const int b = index[bond->getEndAtomIdx()];
        const bool metal = is_metal(bond->getBeginAtom()->getAtomicNum()) ||
                           is_metal(bond->getEndAtom()->getAtomicNum());
        if (a >= 0 && b >= 0 && !metal) {
            bonds.emplace_back(a, b);
        }
    }
    return skeleton_smiles(elements, bonds);
}

}  // namespace cupel::chemistry
