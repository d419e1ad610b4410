// RDKit draws each ligand; colours say what each atom weighs.
#include <algorithm>
#include <cmath>

#include <GraphMol/Depictor/RDDepictor.h>
#include <GraphMol/MolDraw2D/MolDraw2DSVG.h>
#include <GraphMol/MolDraw2D/MolDraw2DUtils.h>

#include <cupel/chemistry/ligand_picture.hpp>
#include <cupel/domain/error.hpp>

#include "molecule.hpp"
#include "rdkit_log.hpp"

namespace cupel::chemistry {
namespace {

constexpr int kPanel = 320;  ///< pixels, both ways
constexpr int kInOneRow = 3;

RDKit::DrawColour colour_of(double share) {
    const double pale = 1.0 - 0.75 * std::min(std::abs(share), 1.0);
    return share >= 0.0 ? RDKit::DrawColour(pale, 0.55 + 0.45 * pale, pale)
                        : RDKit::DrawColour(0.55 + 0.45 * pale, pale, pale);
}

}  // namespace

std::string ligand_picture(const std::vector<WeightedLigand>& ligands) {
    if (ligands.empty()) {
        throw InputError("bad_weights", "there is no ligand to draw");
    }
    const QuietRdkit quiet;
    double largest = 1e-12;
    for (const auto& ligand : ligands) {
        for (const double weight : ligand.weights) {
            largest = std::max(largest, std::abs(weight));
        }
    }
    const int columns = std::min<int>(kInOneRow, static_cast<int>(ligands.size()));
    const int rows = (static_cast<int>(ligands.size()) + columns - 1) / columns;
    RDKit::MolDraw2DSVG drawer(columns * kPanel, rows * kPanel, kPanel, kPanel);
    for (std::size_t i = 0; i < ligands.size(); ++i) {
        const auto& ligand = ligands[i];
        const auto molecule = parse_smiles(ligand.smiles);
        if (!ligand.weights.empty() && ligand.weights.size() != molecule->getNumAtoms()) {
            throw InputError("bad_weights",
                             ligand.smiles + ": has " + std::to_string(molecule->getNumAtoms()) +
                                 " atoms, got " + std::to_string(ligand.weights.size()) +
                                 " weights");
        }
        RDDepict::compute2DCoords(*molecule);
        std::vector<int> atoms;
        std::map<int, RDKit::DrawColour> colours;
        for (std::size_t atom = 0; atom < ligand.weights.size(); ++atom) {
            atoms.push_back(static_cast<int>(atom));
            colours.emplace(static_cast<int>(atom), colour_of(ligand.weights[atom] / largest));
        }
        drawer.setOffset(static_cast<int>(i) % columns * kPanel,
                         static_cast<int>(i) / columns * kPanel);
        drawer.drawMolecule(*molecule, ligand.caption, &atoms, &colours);
    }
    drawer.finishDrawing();
    return drawer.getDrawingText();
}

}  // namespace cupel::chemistry
