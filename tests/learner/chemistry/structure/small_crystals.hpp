// CIF texts built in the tests themselves, from a few atoms with plain coordinates.
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace cupel::test {

struct TestAtom {
    std::string label;
    std::string element;
    std::array<double, 3> at{};  ///< angstrom
    double occupancy = 1.0;
    std::string group = ".";
};

using TestAtoms = std::vector<TestAtom>;

inline TestAtoms moved(TestAtoms atoms, const std::array<double, 3>& by, const std::string& tail) {
    for (auto& atom : atoms) {
        atom.label += tail;
        for (std::size_t k = 0; k < 3; ++k) {
            atom.at[k] += by[k];
        }
    }
    return atoms;
}

inline TestAtoms operator+(TestAtoms all, const TestAtoms& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// A cube of 20 angstrom in P-1 unless told otherwise. `extra` lines stand before the atoms.
inline std::string cif_of(const TestAtoms& atoms,
                          const std::string& extra = "",
                          const std::string& operations = "x,y,z",
                          double edge = 20.0) {
    char line[200];
    std::string text = "data_test\n";
    for (const char* axis : {"a", "b", "c"}) {
        std::snprintf(line, sizeof line, "_cell_length_%s %.4f(5)\n", axis, edge);
        text += line;
    }
    text += "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n" + extra;
    text += "loop_\n_space_group_symop_operation_xyz\n";
    std::string rest = operations;
    while (!rest.empty()) {
        const auto end = rest.find(';');
        text += "'" + rest.substr(0, end) + "'\n";
        rest = end == std::string::npos ? "" : rest.substr(end + 1);
    }
    text +=
        "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n"
        "_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\n"
        "_atom_site_disorder_group\n";
    for (const auto& atom : atoms) {
        std::snprintf(line,
                      sizeof line,
                      "%s %s %.5f(3) %.5f(3) %.5f(3) %.3f %s\n",
                      atom.label.c_str(),
                      atom.element.c_str(),
                      atom.at[0] / edge,
                      atom.at[1] / edge,
                      atom.at[2] / edge,
                      atom.occupancy,
                      atom.group.c_str());
        text += line;
    }
    return text;
}

/// A three-ring of gold, Au3(SMe)3, each
/// edge bridged by a methylthiolate, bonds at their usual lengths.
inline TestAtoms gold_ring() {
    return {{"Au1", "Au", {10.0, 11.65, 10.0}},
            {"Au2", "Au", {8.571, 9.175, 10.0}},
            {"Au3", "Au", {11.429, 9.175, 10.0}},
            {"S1", "S", {7.645, 11.36, 10.0}},
            {"C1", "C", {6.73, 11.887, 11.48}},
            {"H1A", "H", {6.2, 12.80, 11.25}},
            {"H1B", "H", {6.03, 11.09, 11.75}},
            {"H1C", "H", {7.42, 12.06, 12.31}},
            {"S2", "S", {12.355, 11.36, 10.0}},
            {"C2", "C", {13.27, 11.887, 11.48}},
            {"H2A", "H", {13.8, 12.80, 11.25}},
            {"H2B", "H", {13.97, 11.09, 11.75}},
            {"H2C", "H", {12.58, 12.06, 12.31}},
            {"S3", "S", {10.0, 7.28, 10.0}},
            {"C3", "C", {10.0, 6.224, 11.48}},
            {"H3A", "H", {10.0, 5.17, 11.25}},
            {"H3B", "H", {9.11, 6.45, 12.07}},
            {"H3C", "H", {10.89, 6.45, 12.07}}};
}

inline TestAtoms without(const TestAtoms& atoms, const std::string& element) {
    TestAtoms rest;
    for (const auto& atom : atoms) {
        if (atom.element != element) {
            rest.push_back(atom);
        }
    }
    return rest;
}

inline TestAtoms dichloromethane() {
    return {{"C9", "C", {3.0, 3.0, 3.0}},
            {"Cl1", "Cl", {4.45, 3.0, 4.03}},
            {"Cl2", "Cl", {1.55, 3.0, 4.03}},
            {"H9A", "H", {3.0, 3.89, 2.38}},
            {"H9B", "H", {3.0, 2.11, 2.38}}};
}

inline TestAtoms hexafluorophosphate() {
    return {{"P9", "P", {16.0, 16.0, 16.0}},
            {"F1", "F", {17.6, 16.0, 16.0}},
            {"F2", "F", {14.4, 16.0, 16.0}},
            {"F3", "F", {16.0, 17.6, 16.0}},
            {"F4", "F", {16.0, 14.4, 16.0}},
            {"F5", "F", {16.0, 16.0, 17.6}},
            {"F6", "F", {16.0, 16.0, 14.4}}};
}

}  // namespace cupel::test
