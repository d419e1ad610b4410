// Cores, ligands and ligand sets held once each.
#include <algorithm>

#include <cupel/domain/error.hpp>
#include <cupel/learner/catalogue.hpp>

namespace cupel::learner {

std::size_t Catalogue::add_core(const std::string& key, const CoreGraph& core) {
    const auto [it, is_new] = core_index_.emplace(key, cores_.size());
    if (is_new) {
        cores_.push_back(core);
        core_keys_.push_back(key);
    }
    return it->second;
}

void Catalogue::place_atoms(std::size_t core,
                            const std::vector<std::uint8_t>& elements,
                            const std::vector<std::array<float, 3>>& positions) {
    if (elements.size() != positions.size()) {
        throw Error("each atom of a core needs one element and one position");
    }
    cores_.at(core).elements = elements;
    cores_.at(core).positions = positions;
}

std::size_t Catalogue::add_ligand(const std::string& smiles, const LigandInput& ligand) {
    const auto [it, is_new] = ligand_index_.emplace(smiles, ligands_.size());
    if (is_new) {
        ligands_.push_back(ligand);
    }
    return it->second;
}

std::size_t Catalogue::add_set(const std::string& key, std::vector<std::size_t> ligands) {
    const auto [it, is_new] = set_index_.emplace(key, sets_.size());
    if (is_new) {
        std::sort(ligands.begin(), ligands.end());
        ligands.erase(std::unique(ligands.begin(), ligands.end()), ligands.end());
        sets_.push_back(std::move(ligands));
        set_keys_.push_back(key);
    }
    return it->second;
}

}  // namespace cupel::learner
