// Coordinates for the cores of a dataset, from folders of CIF and xyz files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <cupel/workbench/dataset.hpp>

namespace cupel::workbench {

/// What a folder of structures brought to a dataset.
struct PlacedStructures {
    std::size_t files = 0;              ///< that were looked at
    std::size_t used = 0;               ///< whose coordinates stand in the catalogue
    std::size_t new_pairs = 0;          ///< known by their structure alone
    std::vector<std::size_t> cores;     ///< of the catalogue, with coordinates
    std::vector<std::string> left_out;  ///< "file: why", one line each
};

/// Analyses every CIF and xyz file of the folders, by name, and gives their cores' coordinates to
/// `data`. Coordinates go by the composition of a core: one isomer stands for all, the first file
/// wins. A core that is not reported becomes known with the ligands of its structure; one that is
/// gets no new row. Left out: what cannot be read, has no ligands, or has one metal atom.
/// Throws InputError("no_folder", "no_structures").
PlacedStructures place_structures(Dataset& data, const std::vector<std::filesystem::path>& folders);

}  // namespace cupel::workbench
