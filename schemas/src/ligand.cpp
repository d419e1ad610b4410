// Ligand sets in their one normal order.
#include <algorithm>

#include <cupel/domain/ligand.hpp>

namespace cupel {

LigandSet normalised(LigandSet ligands) {
    std::stable_sort(ligands.begin(), ligands.end(), [](const auto& a, const auto& b) {
        return a.ligand.smiles < b.ligand.smiles;
    });
    LigandSet merged;
    for (auto& entry : ligands) {
        if (entry.count <= 0) {
            continue;
        }
        if (!merged.empty() && merged.back().ligand.smiles == entry.ligand.smiles) {
            merged.back().count += entry.count;
        } else {
            merged.push_back(std::move(entry));
        }
    }
    return merged;
}

}  // namespace cupel
