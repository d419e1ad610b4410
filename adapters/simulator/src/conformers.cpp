// The one source of the laboratory that sees RDKit.
#include "conformers.hpp"

#include <algorithm>
#include <memory>

#include <DistGeom/BoundsMatrix.h>
#include <GraphMol/DistGeomHelpers/Embedder.h>
#include <GraphMol/ForceFieldHelpers/UFF/UFF.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/RWMol.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <RDGeneral/RDLog.h>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::simulator {
namespace {

constexpr int kShapes = 4;
// The library is the same in every run: what varies with the seed is where ligands go.
constexpr int kEmbedSeed = 20260101;

[[noreturn]] void refuse(const std::string& smiles, const std::string& why) {
    throw InputError("cannot_build", "ligand " + smiles + ": " + why);
}

/// Bond lengths near the sum of radii, and no two atoms nearly bonded that should not be.
bool reads_back(const Conformers& ligand, const std::vector<Vec3>& shape) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
        for (std::size_t j = i + 1; j < shape.size(); ++j) {
            const double sum =
                covalent_radius(ligand.elements[i]) + covalent_radius(ligand.elements[j]);
            const double apart = distance(shape[i], shape[j]);
            const auto& near = ligand.bonded[i];
            const bool bonded =
                std::find(near.begin(), near.end(), static_cast<int>(j)) != near.end();
            if (bonded ? apart > sum + 0.2 : apart < sum + 0.45) {
                return false;
            }
        }
    }
    return true;
}

std::unique_ptr<RDKit::RWMol> with_hydrogens(const std::string& smiles) {
    std::unique_ptr<RDKit::RWMol> molecule;
    try {
        molecule.reset(RDKit::SmilesToMol(smiles));
    } catch (const std::exception&) {
        molecule.reset();
    }
    if (!molecule) {
        refuse(smiles, "is not a SMILES string");
    }
    RDKit::MolOps::addHs(*molecule);
    return molecule;
}

Conformers topology(const std::string& smiles, const RDKit::RWMol& molecule) {
    Conformers ligand;
    ligand.bonded.resize(molecule.getNumAtoms());
    for (const auto* atom : molecule.atoms()) {
        ligand.elements.push_back(atom->getAtomicNum());
        ligand.radii.push_back(covalent_radius(atom->getAtomicNum()));
        for (const auto& neighbour : molecule.atomNeighbors(atom)) {
            ligand.bonded[atom->getIdx()].push_back(static_cast<int>(neighbour->getIdx()));
        }
    }
    ligand.is_donor.resize(ligand.elements.size(), 0);
    // Hydrogens were appended: the graph's indices stand.
    const AtomGraph graph = chemistry::atom_graph(smiles);
    for (std::size_t i = 0; i < graph.atoms.size(); ++i) {
        if (graph.atoms[i].donor) {
            ligand.donors.push_back(static_cast<int>(i));
            ligand.is_donor[i] = 1;
            ligand.linear.push_back(graph.atoms[i].hybridisation == 1);
        }
    }
    return ligand;
}

void embed(const std::string& smiles, RDKit::RWMol& molecule, Conformers& ligand) {
    RDKit::DGeomHelpers::EmbedParameters parameters = RDKit::DGeomHelpers::ETKDGv3;
    parameters.randomSeed = kEmbedSeed;
    parameters.maxIterations = 20;
    std::vector<int> ids;
    for (const bool random_start : {false, true}) {
        parameters.useRandomCoords = random_start;
        RDKit::DGeomHelpers::EmbedMultipleConfs(molecule, ids, kShapes, parameters);
        if (!ids.empty()) {
            break;
        }
    }
    for (const bool relaxed : {true, false}) {
        for (const int id : ids) {
            std::vector<Vec3> shape;
            if (relaxed) {
                RDKit::ROMol copy(molecule);
                RDKit::UFF::UFFOptimizeMolecule(copy, 200, 10.0, id);
                for (const auto& p : copy.getConformer(id).getPositions()) {
                    shape.push_back({p.x, p.y, p.z});
                }
            } else {
                for (const auto& p : molecule.getConformer(id).getPositions()) {
                    shape.push_back({p.x, p.y, p.z});
                }
            }
            if (reads_back(ligand, shape)) {
                ligand.shapes.push_back(std::move(shape));
            }
        }
        if (!ligand.shapes.empty()) {
            return;
        }
    }
    refuse(smiles, "no conformer with sound bond lengths was found");
}

}  // namespace

const Conformers& ConformerLibrary::of(const std::string& smiles) {
    const auto found = known_.find(smiles);
    if (found != known_.end()) {
        return found->second;
    }
    if (smiles.find('.') != std::string::npos) {
        refuse(smiles, "has several parts, which are not built here");
    }
    const RDLog::LogStateSetter quiet;
    const auto molecule = with_hydrogens(smiles);
    Conformers ligand = topology(smiles, *molecule);
    if (ligand.donors.empty()) {
        refuse(smiles, "has no donor atom");
    }
    if (molecule->getNumAtoms() == 1) {
        ligand.shapes.push_back({Vec3{}});
    } else {
        embed(smiles, *molecule, ligand);
    }
    return known_.emplace(smiles, std::move(ligand)).first->second;
}

}  // namespace cupel::simulator
