// What the tests of structure analysis ask of a text.
#pragma once

#include <string>
#include <vector>

#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/domain/error.hpp>

#include "small_crystals.hpp"

namespace cupel::test {

inline StructureReport analyse(const std::string& text, const std::string& name = "test.cif") {
    return chemistry::analyse_structure_text(text, name);
}

inline bool any(const std::vector<std::string>& lines, const std::string& part) {
    for (const auto& line : lines) {
        if (line.find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

inline std::string refusal_of(const std::string& text) {
    try {
        analyse(text);
    } catch (const InputError& error) {
        return error.code() + ": " + error.what();
    }
    return "read";
}

/// One side of the ring about its mirror at x = 1/2.
inline TestAtoms half_ring_atoms() {
    TestAtoms half;
    for (const auto& atom : gold_ring()) {
        if (atom.at[0] <= 10.001) {
            half.push_back(atom);
        }
    }
    return half;
}

}  // namespace cupel::test
