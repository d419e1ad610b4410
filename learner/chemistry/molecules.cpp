// Bond perception by pairs of elements, and the walk that finds molecules and endless chains.
#include "molecules.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cupel::chemistry {
namespace {

// Allowances above the sum of covalent radii, angstrom.
constexpr double kCovalent = 0.30;
constexpr double kMetalSoft = 0.35;  ///< metal to S, P, Se, halide ...
constexpr double kMetalHard = 0.40;  ///< metal to C, N, O, whose bonds vary more
constexpr double kMetalHydride = 0.40;
constexpr double kMetalMetal = 0.28;  ///< surely one framework
constexpr double kMetalMetalLong = 0.50;
constexpr double kMetalMetalSeen = 0.65;
constexpr double kClash = 0.75;  ///< of the sum of radii; shorter is no bond
/// X-rays see triple bonds shorter than they are: C-C down to 1.10 and C-N to 1.06 angstrom.
constexpr double kClashOfMultiple = 0.65;
constexpr int kManyContacts = 3;

bool is_bonding_metal(int z) {
    return is_metal(z) && !is_ion_metal(z);
}

bool is_halogen(int z) {
    return element_group(z) == 17;
}

/// May two non-metals at this distance be bonded?
bool covalent(const Contact& c, int a, int b) {
    if (a == 1 && b == 1) {
        return false;
    }
    if (a == 1 || b == 1) {
        return c.excess < kCovalent + 0.05;
    }
    return c.excess < kCovalent && c.ratio > shortest_bond(a, b);
}

struct Decision {
    std::vector<Contact> bonds;
    std::vector<Contact> metal_metal;  ///< up to kMetalMetalSeen, to be judged by molecule
};

Decision judge_contacts(const Packing& packing) {
    Decision decision;
    const auto atom = [&](int i) -> const CellAtom& {
        return packing.atoms[static_cast<std::size_t>(i)];
    };
    // A hydrogen belongs to its nearest non-metal; only one that has none binds metals.
    std::vector<double> nearest(packing.atoms.size(), 10.0);
    std::vector<char> carried(packing.atoms.size(), 0);  ///< halogens bonded to a non-metal
    for (const auto& c : packing.contacts) {
        const int za = atom(c.a).element;
        const int zb = atom(c.b).element;
        if (atom(c.a).removed || atom(c.b).removed || is_metal(za) || is_metal(zb) ||
            !covalent(c, za, zb)) {
            continue;
        }
        for (const auto& [i, z] : {std::pair{c.a, za}, std::pair{c.b, zb}}) {
            if (z == 1) {
                nearest[static_cast<std::size_t>(i)] =
                    std::min(nearest[static_cast<std::size_t>(i)], c.ratio);
            } else if (is_halogen(z)) {
                carried[static_cast<std::size_t>(i)] = 1;
            }
        }
    }
    std::vector<char> satisfied(packing.atoms.size(), 0);
    for (const auto& c : packing.contacts) {
        const int za = atom(c.a).element;
        const int zb = atom(c.b).element;
        if (atom(c.a).removed || atom(c.b).removed || is_ion_metal(za) || is_ion_metal(zb)) {
            continue;
        }
        const bool ma = is_bonding_metal(za);
        const bool mb = is_bonding_metal(zb);
        if (ma && mb) {
            if (c.excess < kMetalMetalSeen && c.ratio > kClash) {
                decision.metal_metal.push_back(c);
            }
            continue;
        }
        if (!ma && !mb) {
            bool bonded = covalent(c, za, zb);
            for (const auto& [i, z] : {std::pair{c.a, za}, std::pair{c.b, zb}}) {
                if (bonded && z == 1) {
                    const auto at = static_cast<std::size_t>(i);
                    bonded = c.ratio <= nearest[at] + 1e-9 && satisfied[at] == 0;
                    satisfied[at] = bonded ? 1 : satisfied[at];
                }
            }
            if (bonded) {
                decision.bonds.push_back(c);
            }
            continue;
        }
        const int light = ma ? c.b : c.a;
        const int z = atom(light).element;
        if ((z == 1 && nearest[static_cast<std::size_t>(light)] < 10.0) ||
            carried[static_cast<std::size_t>(light)] != 0 || element_group(z) == 18) {
            continue;
        }
        const double allowed = z == 1                         ? kMetalHydride
                               : (z == 6 || z == 7 || z == 8) ? kMetalHard
                                                              : kMetalSoft;
        if (c.excess < allowed && c.ratio > kClash) {
            decision.bonds.push_back(c);
        }
    }
    return decision;
}

Shift plus(const Shift& a, const Shift& b) {
    return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}

Shift negative(const Shift& a) {
    return {-a[0], -a[1], -a[2]};
}

void add_bond(BondTable& table, const Contact& c) {
    table[static_cast<std::size_t>(c.a)].push_back({c.b, c.shift, c.length, c.ratio});
    table[static_cast<std::size_t>(c.b)].push_back({c.a, negative(c.shift), c.length, c.ratio});
}

/// Breadth first from every atom not yet seen; `owner` gets the molecule of each atom.
std::vector<Molecule> walk(const Packing& packing,
                           const BondTable& bonds,
                           std::vector<int>& owner) {
    std::vector<Molecule> molecules;
    owner.assign(packing.atoms.size(), -1);
    std::vector<Shift> where(packing.atoms.size());
    for (std::size_t start = 0; start < packing.atoms.size(); ++start) {
        if (packing.atoms[start].removed || owner[start] >= 0) {
            continue;
        }
        const int id = static_cast<int>(molecules.size());
        Molecule molecule;
        molecule.members.push_back({static_cast<int>(start), {}});
        owner[start] = id;
        for (std::size_t next = 0; next < molecule.members.size(); ++next) {
            const Member here = molecule.members[next];
            const int z = packing.atoms[static_cast<std::size_t>(here.atom)].element;
            const std::string symbol(element_symbol(z));
            ++molecule.composition[symbol];
            if (z != 1) {
                ++molecule.skeleton[symbol];
            }
            molecule.metals += is_bonding_metal(z) ? 1 : 0;
            molecule.coinage += is_coinage_metal(z) ? 1 : 0;
            for (const Bond& bond : bonds[static_cast<std::size_t>(here.atom)]) {
                const auto to = static_cast<std::size_t>(bond.to);
                const Shift there = plus(here.shift, bond.shift);
                if (owner[to] < 0) {
                    owner[to] = id;
                    where[to] = there;
                    molecule.members.push_back({bond.to, there});
                } else if (where[to] != there) {
                    molecule.endless = true;
                }
            }
        }
        molecules.push_back(std::move(molecule));
    }
    return molecules;
}

/// Metals and something else: a molecule that could stand alone.
bool ligated(const Molecule& molecule) {
    return static_cast<int>(molecule.members.size()) > molecule.metals && molecule.metals > 0;
}

/// Every metal has two or more partners that are no metal.
bool complete(const Packing& packing, const BondTable& bonds, const Molecule& molecule) {
    return std::all_of(molecule.members.begin(), molecule.members.end(), [&](const Member& m) {
        if (!is_bonding_metal(packing.atoms[static_cast<std::size_t>(m.atom)].element)) {
            return true;
        }
        const auto& list = bonds[static_cast<std::size_t>(m.atom)];
        return std::count_if(list.begin(), list.end(), [&](const Bond& bond) {
                   return !is_metal(packing.atoms[static_cast<std::size_t>(bond.to)].element);
               }) >= 2;
    });
}

class MetalContacts {
  public:
    MetalContacts(const Packing& packing, const Decision& decision, Molecules& out)
        : packing_(packing), decision_(decision), out_(out) {}

    void join() {
        // Bare metal and what touches at bonding distance is one framework from the start.
        add([](const Contact& c) { return c.excess < 0.12; });
        take_short();
        // What joined a framework may now differ from what was its equal before.
        for (int round = 0; round < 8 && take_long(); ++round) {
        }
        out_.all = walk(packing_, out_.bonds, owner_);
    }

  private:
    template <typename Wanted>
    void add(Wanted wanted) {
        for (std::size_t i = 0; i < decision_.metal_metal.size(); ++i) {
            if (taken_.count(i) == 0 && wanted(decision_.metal_metal[i])) {
                taken_.insert(i);
                add_bond(out_.bonds, decision_.metal_metal[i]);
            }
        }
    }

    bool equal_molecules(const Contact& c) const {
        const Molecule& a = molecule(c.a);
        const Molecule& b = molecule(c.b);
        return ligated(a) && ligated(b) && a.skeleton == b.skeleton;
    }
    /// Also a molecule and its own image.
    bool joins(const Contact& c) const {
        return owner_[static_cast<std::size_t>(c.a)] != owner_[static_cast<std::size_t>(c.b)] ||
               c.shift != Shift{};
    }
    const Molecule& molecule(int atom) const {
        return molecules_[static_cast<std::size_t>(owner_[static_cast<std::size_t>(atom)])];
    }
    void refresh() { molecules_ = walk(packing_, out_.bonds, owner_); }

    /// Does the table close everywhere the molecules closed before?
    bool stays_closed(const BondTable& table) const {
        std::vector<int> owner;
        const auto after = walk(packing_, table, owner);
        std::set<int> endless_before;
        for (std::size_t i = 0; i < packing_.atoms.size(); ++i) {
            if (owner_[i] >= 0 && molecules_[static_cast<std::size_t>(owner_[i])].endless) {
                endless_before.insert(owner[i]);
            }
        }
        for (std::size_t m = 0; m < after.size(); ++m) {
            if (after[m].endless && endless_before.count(static_cast<int>(m)) == 0) {
                return false;
            }
        }
        return true;
    }

    /// Adds the contacts between equal molecules if what comes out is finite.
    void try_equal(const std::vector<std::size_t>& contacts) {
        if (contacts.empty()) {
            return;
        }
        BondTable trial = out_.bonds;
        for (const std::size_t i : contacts) {
            add_bond(trial, decision_.metal_metal[i]);
        }
        if (stays_closed(trial)) {
            out_.bonds = std::move(trial);
            taken_.insert(contacts.begin(), contacts.end());
        } else {
            out_.warnings.push_back(
                "equal clusters touch through metal-metal contacts; taken as separate");
        }
    }

    void take_short() {
        refresh();
        std::map<int, bool> whole;
        std::vector<std::size_t> between_equals;
        std::vector<std::size_t> others;
        for (std::size_t i = 0; i < decision_.metal_metal.size(); ++i) {
            const Contact& c = decision_.metal_metal[i];
            if (c.excess >= kMetalMetal || taken_.count(i) > 0) {
                continue;
            }
            bool apart = joins(c) && equal_molecules(c);
            if (apart) {
                const int owner = owner_[static_cast<std::size_t>(c.a)];
                if (whole.count(owner) == 0) {
                    whole[owner] = complete(packing_, out_.bonds, molecule(c.a));
                }
                apart = whole[owner];
            }
            (apart ? between_equals : others).push_back(i);
        }
        for (const std::size_t i : others) {
            taken_.insert(i);
            add_bond(out_.bonds, decision_.metal_metal[i]);
        }
        refresh();
        try_equal(between_equals);
    }

    bool take_long() {
        refresh();
        std::map<std::pair<int, int>, int> seen;
        const auto pair_of = [&](const Contact& c) {
            const int a = owner_[static_cast<std::size_t>(c.a)];
            const int b = owner_[static_cast<std::size_t>(c.b)];
            return std::pair{std::min(a, b), std::max(a, b)};
        };
        for (const auto& c : decision_.metal_metal) {
            if (joins(c)) {
                ++seen[pair_of(c)];
            }
        }
        std::vector<std::size_t> between_equals;
        std::vector<std::size_t> others;
        for (std::size_t i = 0; i < decision_.metal_metal.size(); ++i) {
            const Contact& c = decision_.metal_metal[i];
            if (c.excess >= kMetalMetalLong || taken_.count(i) > 0 || !joins(c)) {
                continue;
            }
            if (!equal_molecules(c)) {
                others.push_back(i);
            } else if (c.excess >= kMetalMetal && seen[pair_of(c)] >= kManyContacts) {
                between_equals.push_back(i);
            }
        }
        for (const std::size_t i : others) {
            taken_.insert(i);
            add_bond(out_.bonds, decision_.metal_metal[i]);
        }
        refresh();
        if (others.empty()) {
            try_equal(between_equals);
        }
        return !others.empty();
    }

    const Packing& packing_;
    const Decision& decision_;
    Molecules& out_;
    std::set<std::size_t> taken_;
    std::vector<Molecule> molecules_;
    std::vector<int> owner_;
};

}  // namespace

bool is_ion_metal(int element) {
    const int group = element_group(element);
    return is_metal(element) && (group == 1 || (group == 2 && element > 4));
}

double shortest_bond(int a, int b) {
    const auto light = [](int z) { return z == 6 || z == 7 || z == 8; };
    return light(a) && light(b) ? kClashOfMultiple : kClash;
}

Molecules find_molecules(const Packing& packing) {
    Molecules out;
    out.bonds.resize(packing.atoms.size());
    const Decision decision = judge_contacts(packing);
    for (const auto& c : decision.bonds) {
        add_bond(out.bonds, c);
    }
    MetalContacts(packing, decision, out).join();
    return out;
}

}  // namespace cupel::chemistry
