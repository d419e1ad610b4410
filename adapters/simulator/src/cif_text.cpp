// Numbers with standard uncertainties, as refinement programs print them.
#include "cif_text.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

#include <cupel/domain/element.hpp>

namespace cupel::simulator {
namespace {

constexpr double kMargin = 5.0;  ///< angstrom between the cluster and the box, on every side

/// "0.12345(6)"; hydrogens ride on their atom and carry no uncertainty.
std::string with_esd(double value, int digits, int esd) {
    char text[48];
    if (esd > 0) {
        std::snprintf(text, sizeof text, "%.*f(%d)", digits, value, esd);
    } else {
        std::snprintf(text, sizeof text, "%.*f", digits, value);
    }
    return text;
}

}  // namespace

std::string cif_text(const Cluster& cluster, const std::string& block, Random& random) {
    Vec3 low{1e9, 1e9, 1e9};
    Vec3 high{-1e9, -1e9, -1e9};
    for (const auto& atom : cluster.atoms()) {
        for (std::size_t k = 0; k < 3; ++k) {
            low[k] = std::min(low[k], atom.at[k]);
            high[k] = std::max(high[k], atom.at[k]);
        }
    }
    const Vec3 box = high - low + Vec3{2 * kMargin, 2 * kMargin, 2 * kMargin};
    std::string text = "data_" + block + "\n";
    text += "_audit_creation_method          'Cupel virtual laboratory: built, not measured'\n";
    text += "_space_group_name_H-M_alt       'P 1'\n_space_group_IT_number          1\n";
    for (const auto& [name, value] :
         {std::pair<const char*, double>{"a", box[0]}, {"b", box[1]}, {"c", box[2]}}) {
        text += std::string("_cell_length_") + name + "                  " +
                with_esd(value, 4, 4 + static_cast<int>(random.index(6))) + "\n";
    }
    text +=
        "_cell_angle_alpha               90\n_cell_angle_beta                90\n"
        "_cell_angle_gamma               90\n_cell_volume                    " +
        with_esd(box[0] * box[1] * box[2], 1, 9) + "\n";
    text += "loop_\n_space_group_symop_operation_xyz\n'x, y, z'\n";
    text +=
        "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n"
        "_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_U_iso_or_equiv\n"
        "_atom_site_occupancy\n";
    std::map<int, int> numbers;
    for (const auto& atom : cluster.atoms()) {
        const std::string symbol(element_symbol(atom.element));
        const bool hydrogen = atom.element == 1;
        text += symbol + std::to_string(++numbers[atom.element]) + " " + symbol;
        for (std::size_t k = 0; k < 3; ++k) {
            const int esd = hydrogen ? 0 : 1 + static_cast<int>(random.index(8));
            text += " " + with_esd((atom.at[k] - low[k] + kMargin) / box[k], 6, esd);
        }
        text += " " + with_esd(random.uniform(0.02, 0.07), 4, hydrogen ? 0 : 3) + " 1\n";
    }
    return text;
}

}  // namespace cupel::simulator
