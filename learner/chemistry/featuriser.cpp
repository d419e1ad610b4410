// RDKit molecules to domain graphs.
#include <algorithm>

#include <GraphMol/Fingerprints/MorganFingerprints.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <cupel/chemistry/featuriser.hpp>

#include "donors.hpp"
#include "molecule.hpp"
#include "rdkit_log.hpp"

namespace cupel::chemistry {
namespace {

std::uint8_t small(unsigned value) {
    return static_cast<std::uint8_t>(std::min(value, 255u));
}

std::uint8_t hybridisation_code(const RDKit::Atom& atom) {
    if (atom.getHybridization() == RDKit::Atom::SP) {
        return 1;
    }
    if (atom.getHybridization() == RDKit::Atom::SP2) {
        return 2;
    }
    return atom.getHybridization() == RDKit::Atom::SP3 ? 3 : 0;
}

std::uint8_t order_code(const RDKit::Bond& bond) {
    if (bond.getIsAromatic()) {
        return 4;
    }
    if (bond.getBondType() == RDKit::Bond::DOUBLE) {
        return 2;
    }
    return bond.getBondType() == RDKit::Bond::TRIPLE ? 3 : 1;
}

GraphAtom graph_atom(const RDKit::ROMol& molecule, unsigned index) {
    const auto& atom = *molecule.getAtomWithIdx(index);
    GraphAtom out;
    out.atomic_number = small(static_cast<unsigned>(atom.getAtomicNum()));
    out.formal_charge = static_cast<std::int8_t>(std::clamp(atom.getFormalCharge(), -9, 9));
    out.degree = small(atom.getDegree());
    out.hydrogens = small(atom.getTotalNumHs());
    out.hybridisation = hybridisation_code(atom);
    out.aromatic = atom.getIsAromatic();
    out.in_ring = molecule.getRingInfo()->numAtomRings(index) > 0;
    out.donor_distance = 255;
    return out;
}

}  // namespace

Ligand describe_ligand(const std::string& smiles) {
    const auto molecule = parse_smiles(smiles);
    const auto donors = perceive_donors(*molecule);
    Ligand ligand;
    ligand.smiles = RDKit::MolToSmiles(*molecule);
    Composition composition;
    for (const auto* atom : molecule->atoms()) {
        ++composition[atom->getSymbol()];
        if (atom->getTotalNumHs() > 0) {
            composition["H"] += static_cast<int>(atom->getTotalNumHs());
        }
    }
    ligand.formula = hill_formula(composition);
    ligand.charge = RDKit::MolOps::getFormalCharge(*molecule);
    for (const unsigned index : donors.atoms) {
        ligand.donors.push_back(molecule->getAtomWithIdx(index)->getSymbol());
    }
    std::sort(ligand.donors.begin(), ligand.donors.end());
    ligand.donor_class = donors.donor_class;
    ligand.denticity = static_cast<int>(donors.atoms.size());
    return ligand;
}

AtomGraph atom_graph(const std::string& smiles) {
    const auto molecule = parse_smiles(smiles);
    const auto donors = perceive_donors(*molecule);
    AtomGraph graph;
    graph.smiles = RDKit::MolToSmiles(*molecule);
    graph.donor_class = donors.donor_class;
    graph.charge = RDKit::MolOps::getFormalCharge(*molecule);
    graph.denticity = static_cast<int>(donors.atoms.size());
    const unsigned size = molecule->getNumAtoms();
    const double* distances = RDKit::MolOps::getDistanceMat(*molecule);
    for (unsigned i = 0; i < size; ++i) {
        GraphAtom atom = graph_atom(*molecule, i);
        for (const unsigned donor : donors.atoms) {
            const double distance = distances[i * size + donor];
            if (distance < atom.donor_distance) {
                atom.donor_distance = static_cast<std::uint8_t>(distance);
            }
        }
        atom.donor = atom.donor_distance == 0;
        graph.atoms.push_back(atom);
    }
    for (const auto* bond : molecule->bonds()) {
        graph.bonds.push_back({static_cast<std::uint16_t>(bond->getBeginAtomIdx()),
                               static_cast<std::uint16_t>(bond->getEndAtomIdx()),
                               order_code(*bond),
                               molecule->getRingInfo()->numBondRings(bond->getIdx()) > 0,
                               bond->getIsConjugated()});
    }
    return graph;
}

CoreGraph core_graph(const Core& core) {
    CoreGraph graph;
    for (const auto& [element, count] : core.metals) {
        graph.metals.emplace_back(static_cast<std::uint8_t>(atomic_number(element)), count);
    }
    std::sort(graph.metals.begin(), graph.metals.end());
    graph.anions.assign(core.anions.begin(), core.anions.end());
    graph.hydrides = core.hydrides.value_or(-1);
    for (const auto& atom : core.atoms) {
        graph.elements.push_back(static_cast<std::uint8_t>(atom.atomic_number));
        graph.positions.push_back({static_cast<float>(atom.position[0]),
                                   static_cast<float>(atom.position[1]),
                                   static_cast<float>(atom.position[2])});
    }
    return graph;
}

Fingerprint fingerprint(const std::string& smiles, unsigned radius, std::uint32_t size) {
    const auto molecule = parse_smiles(smiles);
    const QuietRdkit quiet;
    const std::unique_ptr<RDKit::SparseIntVect<std::uint32_t>> counts(
        RDKit::MorganFingerprints::getHashedFingerprint(*molecule, radius, size));
    Fingerprint print;
    print.size = size;
    for (const auto& [bit, count] : counts->getNonzeroElements()) {
        print.counts.emplace_back(bit, static_cast<std::uint16_t>(std::min(count, 65535)));
    }
    return print;
}

std::vector<Fingerprint> occluded_fingerprints(const std::string& smiles,
                                               unsigned radius,
                                               std::uint32_t size) {
    const auto molecule = parse_smiles(smiles);
    const QuietRdkit quiet;
    RDKit::MorganFingerprints::BitInfoMap centres;  // bit -> (atom, radius) of what set it
    const std::unique_ptr<RDKit::SparseIntVect<std::uint32_t>> whole(
        RDKit::MorganFingerprints::getHashedFingerprint(
            *molecule, radius, size, nullptr, nullptr, false, true, false, &centres));
    const unsigned atoms = molecule->getNumAtoms();
    const double* distances = RDKit::MolOps::getDistanceMat(*molecule);
    std::vector<Fingerprint> result(atoms);
    for (unsigned hidden = 0; hidden < atoms; ++hidden) {
        result[hidden].size = size;
        for (const auto& [bit, count] : whole->getNonzeroElements()) {
            int left = count;
            for (const auto& [centre, reach] : centres[bit]) {
                left -= distances[centre * atoms + hidden] <= reach ? 1 : 0;
            }
            if (left > 0) {
                result[hidden].counts.emplace_back(
                    bit, static_cast<std::uint16_t>(std::min(left, 65535)));
            }
        }
    }
    return result;
}

}  // namespace cupel::chemistry
