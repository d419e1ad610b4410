// Rules of belonging: which metals are core, what is a bare or enclosed anion, what is a ligand.
#include "cluster_parts.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cupel::chemistry {
namespace {

bool is_semimetal(int z) {
    return z == 32 || z == 50 || z == 51;  // Ge, Sn, Sb: core only when bare
}

/// Metals of polyoxometalates and their small relatives.
bool makes_oxoanions(int z) {
    return z == 23 || z == 24 || z == 41 || z == 42 || z == 73 || z == 74 || z == 75;
}

/// The cluster's atoms by their place in the member list.
class LocalGraph {
  public:
    LocalGraph(const Packing& packing, const BondTable& bonds, const Molecule& molecule)
        : packing_(packing), molecule_(molecule), links_(molecule.members.size()) {
        std::map<int, int> index;
        for (std::size_t i = 0; i < molecule.members.size(); ++i) {
            index[molecule.members[i].atom] = static_cast<int>(i);
        }
        for (std::size_t i = 0; i < molecule.members.size(); ++i) {
            for (const Bond& bond : bonds[static_cast<std::size_t>(molecule.members[i].atom)]) {
                links_[i].push_back({index.at(bond.to), bond.length});
            }
        }
    }
    struct Link {
        int to = 0;
        double length = 0.0;
    };
    int size() const { return static_cast<int>(links_.size()); }
    int element(int i) const { return cell_atom(i).element; }
    const CellAtom& cell_atom(int i) const {
        return packing_.atoms[static_cast<std::size_t>(member(i).atom)];
    }
    const Member& member(int i) const { return molecule_.members[static_cast<std::size_t>(i)]; }
    const std::vector<Link>& links(int i) const { return links_[static_cast<std::size_t>(i)]; }
    Point place(int i) const {
        return moved(packing_,
                     packing_.atoms[static_cast<std::size_t>(member(i).atom)].place,
                     member(i).shift);
    }
    template <typename Condition>
    int count(int i, Condition condition) const {
        return static_cast<int>(
            std::count_if(links(i).begin(), links(i).end(), [&](const Link& link) {
                return condition(link.to);
            }));
    }

  private:
    const Packing& packing_;
    const Molecule& molecule_;
    std::vector<std::vector<Link>> links_;
};

class Division {
  public:
    explicit Division(const LocalGraph& graph)
        : g_(graph), core_(static_cast<std::size_t>(graph.size()), 0) {}

    void choose_core() {
        bool coinage = false;
        for (int i = 0; i < g_.size(); ++i) {
            core(i) = is_coinage_metal(g_.element(i)) ? 1 : 0;
            coinage = coinage || core(i) != 0;
        }
        if (!coinage) {
            for (int i = 0; i < g_.size(); ++i) {
                core(i) = is_metal(g_.element(i)) && !oxoanion_metal(i) && !sandwiched(i) ? 1 : 0;
            }
        }
        for (bool grown = true; grown;) {
            grown = false;
            for (int i = 0; i < g_.size(); ++i) {
                if (core(i) == 0 && belongs(i)) {
                    core(i) = 1;
                    grown = true;
                }
            }
        }
    }

    bool in_core(int i) const { return core_[static_cast<std::size_t>(i)] != 0; }
    int core_bonds(int i) const {
        return g_.count(i, [&](int to) { return in_core(to); });
    }

  private:
    char& core(int i) { return core_[static_cast<std::size_t>(i)]; }
    int carbons(int i) const {
        return g_.count(i, [&](int to) { return g_.element(to) == 6; });
    }
    bool sandwiched(int i) const { return carbons(i) >= 8; }
    bool oxoanion_metal(int i) const {
        return makes_oxoanions(g_.element(i)) &&
               g_.count(i, [&](int to) { return g_.element(to) == 8; }) >= 4;
    }
    /// Bonded to nothing but metals, its like, and bare anions that it shares with metals.
    bool bare_semimetal(int i) const {
        const auto metallic = [&](int to) {
            return is_metal(g_.element(to)) || is_semimetal(g_.element(to));
        };
        return std::all_of(g_.links(i).begin(), g_.links(i).end(), [&](const auto& link) {
            const int count = static_cast<int>(g_.links(link.to).size());
            return metallic(link.to) ||
                   (g_.element(link.to) != 1 && g_.count(link.to, metallic) == count &&
                    g_.count(link.to, [&](int to) { return is_metal(g_.element(to)); }) > 0);
        });
    }
    /// A non-metal without bonds to other non-metals.
    bool bare(int i) const {
        return !is_metal(g_.element(i)) && g_.element(i) != 1 &&
               std::all_of(g_.links(i).begin(), g_.links(i).end(), [&](const auto& link) {
                   return is_metal(g_.element(link.to));
               });
    }

    bool belongs(int i) const {
        const int z = g_.element(i);
        if (is_semimetal(z)) {
            return bare_semimetal(i) && g_.count(i, [&](int to) { return in_core(to); }) > 0;
        }
        if (!is_metal(z) || sandwiched(i) || oxoanion_metal(i)) {
            return false;
        }
        if (g_.count(i, [&](int to) { return in_core(to); }) > 0) {
            return true;
        }
        // Joined by a bare anion; or, where nothing organometallic is about it, by a shared donor.
        return g_.count(i, [&](int to) {
            return (bare(to) || carbons(i) == 0) && core_bonds(to) > 0 && g_.element(to) != 6 &&
                   g_.element(to) != 1;
        }) > 0;
    }

    const LocalGraph& g_;
    std::vector<char> core_;
};

/// "CO3", "SO4", "SiW9O34": oxygen last, what there is least of first.
std::string anion_formula(const Composition& composition) {
    std::vector<std::pair<int, std::string>> parts;
    for (const auto& [element, count] : composition) {
        if (element != "O") {
            parts.emplace_back(element == "H" ? 0 : count, element);
        }
    }
    std::sort(parts.begin(), parts.end());
    std::string text;
    const auto put = [&](const std::string& element) {
        const int count = composition.at(element);
        text += element + (count > 1 ? std::to_string(count) : "");
    };
    for (const auto& [rank, element] : parts) {
        put(element);
    }
    if (composition.count("O") > 0) {
        put("O");
    }
    return text;
}

/// Inorganic groups of several atoms that count as anions of the core: oxoanions,
/// polychalcogenides, and acetylide where metals surround it.
bool inorganic_anion(const Composition& heavy, int core_bonds) {
    const auto count = [&](const char* symbol) {
        const auto it = heavy.find(symbol);
        return it == heavy.end() ? 0 : it->second;
    };
    const int oxygens = count("O");
    if (heavy.size() == 1) {
        const std::string& only = heavy.begin()->first;
        return only == "S" || only == "Se" || only == "Te" || only == "P" || only == "As" ||
               (only == "C" && heavy.begin()->second == 2 && core_bonds >= 4);
    }
    if (count("C") > 0) {
        return heavy.size() == 2 && count("C") == 1 && oxygens == 3;
    }
    if (count("N") > 0 || count("B") > 0 || count("F") > 0 || oxygens < 3) {
        return false;
    }
    // Perchlorate and its like lie outside unless metals surround them.
    const bool weak = count("Cl") + count("Br") + count("I") > 0;
    return !weak || core_bonds >= 4;
}

class Takeover {
  public:
    Takeover(const LocalGraph& graph, const Division& division) : g_(graph), d_(division) {}

    ClusterParts parts() {
        std::vector<char> seen(static_cast<std::size_t>(g_.size()), 0);
        for (int i = 0; i < g_.size(); ++i) {
            if (d_.in_core(i)) {
                out_.metals.push_back(g_.member(i));
                continue;
            }
            if (seen[static_cast<std::size_t>(i)] != 0) {
                continue;
            }
            std::vector<int> group{i};
            seen[static_cast<std::size_t>(i)] = 1;
            for (std::size_t next = 0; next < group.size(); ++next) {
                for (const auto& link : g_.links(group[next])) {
                    if (!d_.in_core(link.to) && seen[static_cast<std::size_t>(link.to)] == 0) {
                        seen[static_cast<std::size_t>(link.to)] = 1;
                        group.push_back(link.to);
                    }
                }
            }
            sort_in(group);
        }
        return std::move(out_);
    }

    Fragment fragment_of(const std::vector<int>& group) const {
        Fragment fragment;
        std::map<int, int> index;
        double occupancy = 0.0;
        for (const int i : group) {
            fragment.undecided = fragment.undecided || g_.cell_atom(i).undecided;
            if (g_.element(i) == 1) {
                continue;
            }
            index[i] = static_cast<int>(fragment.atoms.size());
            occupancy += g_.cell_atom(i).occupancy;
            const int metals = g_.count(i, [&](int to) { return is_metal(g_.element(to)); });
            const int semimetals =
                g_.count(i, [&](int to) { return !is_metal(g_.element(to)) && d_.in_core(to); });
            const int hydrogens = g_.count(i, [&](int to) { return g_.element(to) == 1; });
            fragment.atoms.push_back({g_.element(i), g_.place(i), hydrogens, metals + semimetals});
        }
        fragment.occupancy = occupancy / std::max<double>(1.0, static_cast<double>(index.size()));
        for (const auto& [i, local] : index) {
            for (const auto& link : g_.links(i)) {
                const auto other = index.find(link.to);
                if (other != index.end() && i < link.to && !is_metal(g_.element(i)) &&
                    !is_metal(g_.element(link.to))) {
                    fragment.bonds.push_back({local, other->second, link.length});
                }
            }
        }
        return fragment;
    }

  private:
    void sort_in(const std::vector<int>& group) {
        Composition heavy;
        int hydrogens = 0;
        int core_bonds = 0;
        std::vector<Member> members;
        for (const int i : group) {
            members.push_back(g_.member(i));
            core_bonds += d_.core_bonds(i);
            if (g_.element(i) == 1) {
                ++hydrogens;
            } else {
                ++heavy[std::string(element_symbol(g_.element(i)))];
            }
        }
        if (heavy.empty()) {
            out_.hydrides.insert(out_.hydrides.end(), members.begin(), members.end());
            return;
        }
        if (group.size() == 1 && !is_metal(g_.element(group[0]))) {
            if (terminal_water(group[0])) {
                ++out_.waters_without_hydrogen;
                out_.ligands.push_back(fragment_of(group));
                out_.ligands.back().atoms[0].hydrogens = 2;
                return;
            }
            out_.anions.emplace_back(heavy.begin()->first, members);
            return;
        }
        if (hydrogens <= 2 && inorganic_anion(heavy, core_bonds) &&
            !(hydrogens > 0 && heavy.size() == 1)) {
            out_.anions.emplace_back(anion_formula(heavy), members);
            return;
        }
        out_.ligands.push_back(fragment_of(group));
    }

    /// One coinage metal at the distance of a donor, no hydrogen located: water, not oxide.
    bool terminal_water(int i) const {
        return g_.element(i) == 8 && g_.links(i).size() == 1 &&
               is_coinage_metal(g_.element(g_.links(i)[0].to));
    }

    const LocalGraph& g_;
    const Division& d_;
    ClusterParts out_;
};

}  // namespace

ClusterParts take_apart(const Packing& packing, const BondTable& bonds, const Molecule& cluster) {
    const LocalGraph graph(packing, bonds, cluster);
    Division division(graph);
    division.choose_core();
    return Takeover(graph, division).parts();
}

Fragment whole_fragment(const Packing& packing, const BondTable& bonds, const Molecule& molecule) {
    const LocalGraph graph(packing, bonds, molecule);
    const Division nothing(graph);
    std::vector<int> all;
    for (int i = 0; i < graph.size(); ++i) {
        all.push_back(i);
    }
    return Takeover(graph, nothing).fragment_of(all);
}

}  // namespace cupel::chemistry
