// Where the double bonds of a fragment lie: rules for hypervalent and linear groups, a bounded
// search for the rest.
#pragma once

#include <cstddef>
#include <vector>

#include "bond_orders.hpp"

namespace cupel::chemistry {

/// The Lewis structure of one fragment with fewest open valences and charges. Lengths are in
/// angstrom; atoms and bonds are named by their place in the fragment.
class LewisSearch {
  public:
    /// An atom on the other end of a bond.
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

    /// Borrows the fragment.
    explicit LewisSearch(const Fragment& fragment);

    /// Lays the double and triple bonds; the number of valences left open where none may be.
    /// Without trust, hydrogens that angles and lengths call for are added to those located.
    int solve(bool trust_hydrogens);

    /// Do the located hydrogens explain every atom without geometry objecting?
    bool hydrogens_plausible() const;

    bool is_ligand() const;
    /// No valence may stay open there.
    bool must_close(int i) const;
    /// Hydrogens were counted, not guessed.
    bool trusted() const { return trusted_; }
    const std::vector<int>& orders() const { return order_; }
    const std::vector<State>& states() const { return state_; }
    const std::vector<Neighbour>& near(int i) const { return near_[at(i)]; }

  private:
    static std::size_t at(int i) { return static_cast<std::size_t>(i); }
    const FragmentAtom& atom(int i) const { return f_.atoms[at(i)]; }
    int heavy(int i) const { return static_cast<int>(near_[at(i)].size()); }

    /// Length of a bond over the sum of the covalent radii.
    double ratio(int bond) const;
    /// At this atom, in degrees.
    double widest_angle(int i) const;
    /// Open valences that angles and lengths suggest: 0 sp3, 1 sp2, 2 sp.
    int geometric_open(int i) const;
    bool terminal_oxygen(int i) const;
    int terminal_chalcogens(int i) const;
    /// P(V): something terminal or imide-like at hand takes the double bond.
    bool takes_double_bond(int i) const;
    /// Between two trisubstituted nitrogens, without hydrogen: an NHC.
    bool carbene(int i) const;
    /// Do the bond's ends meet again within a ring of up to `largest` atoms?
    bool in_small_ring(int bond, int largest) const;
    bool on_carbon(int i) const;
    /// In a carbanion ring the charge stands on the substituted carbon, as names have it.
    double cyclic_carbanion_cost(int i) const;

    void find_five_rings();
    /// Bonds that leave a ring: a double bond there spoils its aromaticity.
    void find_exocyclic();

    void prepare(int i, bool trust);
    void prepare_nitrogen(int i, int open);
    void set_triple(int bond, int first, int first_charge, int second, int second_charge);
    /// CO, CNR, CN- and N3-, whose charges no count of valences finds.
    void settle_linear_groups();

    double cost_of_leaving(int i, int open) const;
    double cost_of_bond(int bond) const;
    /// Each connected part with open valences by itself.
    void search_parts();
    void search(const std::vector<int>& part);
    std::vector<Neighbour> options(int i) const;
    /// The open atom with fewest partners, those that must be closed first.
    int next_atom() const;
    void descend(double cost);

    const Fragment& f_;
    std::vector<std::vector<Neighbour>> near_;
    std::vector<int> order_;
    std::vector<State> state_;
    std::vector<char> exocyclic_, five_ring_, ring_atom_;
    // Of the part that is searched.
    std::vector<int> part_, open_, trial_, best_;
    std::vector<char> closed_;
    double best_cost_ = 0.0;
    int steps_ = 0;
    bool trusted_ = false;
};

}  // namespace cupel::chemistry
