// A Lewis structure becomes a molecule: open valences are charges or hydrogens.
#include "bond_orders.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <GraphMol/MolOps.h>
#include <GraphMol/RWMol.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <cupel/domain/error.hpp>

#include "lewis_search.hpp"
#include "molecule.hpp"
#include "rdkit_log.hpp"

namespace cupel::chemistry {
namespace {

constexpr std::size_t kMaxAtoms = 600;  ///< heavy atoms of one ligand
constexpr std::size_t kMaxRings = 100;  ///< beyond that, atoms lie in a heap

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
    const LewisSearch::State& state = search.states()[i];
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
        const bool carbene = state.open == 2 && !search.must_close(static_cast<int>(i));
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
                       ((z == 7 && search.trusted()) || (element_group(z) == 16 && z != 8));
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
