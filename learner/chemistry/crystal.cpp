// Cells, symmetry operations and element labels.
#include "crystal.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::chemistry {
namespace {

constexpr double kDegree = 0.017453292519943295;

}  // namespace

Lattice::Lattice(const Point& lengths, const Point& angles) {
    for (int k = 0; k < 3; ++k) {
        const auto i = static_cast<std::size_t>(k);
        if (!(lengths[i] >= 1.5 && lengths[i] <= 2000.0)) {
            throw InputError("bad_cell",
                             "a cell length is missing or outside 1.5 .. 2000 angstrom");
        }
        if (!(angles[i] >= 15.0 && angles[i] <= 165.0)) {
            throw InputError("bad_cell", "a cell angle is missing or outside 15 .. 165 degrees");
        }
    }
    const double ca = std::cos(angles[0] * kDegree);
    const double cb = std::cos(angles[1] * kDegree);
    const double cg = std::cos(angles[2] * kDegree);
    const double sg = std::sin(angles[2] * kDegree);
    const double squared = 1.0 - ca * ca - cb * cb - cg * cg + 2.0 * ca * cb * cg;
    if (!(squared > 1e-3)) {
        throw InputError("bad_cell", "the cell angles close no cell");
    }
    const double unit_volume = std::sqrt(squared);
    m_[0][0] = lengths[0];
    m_[0][1] = lengths[1] * cg;
    m_[0][2] = lengths[2] * cb;
    m_[1][1] = lengths[1] * sg;
    m_[1][2] = lengths[2] * (ca - cb * cg) / sg;
    m_[2][2] = lengths[2] * unit_volume / sg;
    volume_ = lengths[0] * lengths[1] * lengths[2] * unit_volume;
    heights_ = {lengths[0] * unit_volume / std::sin(angles[0] * kDegree),
                lengths[1] * unit_volume / std::sin(angles[1] * kDegree),
                lengths[2] * unit_volume / sg};
    for (const double height : heights_) {
        if (height < 1.0) {
            throw InputError("bad_cell", "the cell is flatter than an atom");
        }
    }
}

Point Lattice::cartesian(const Point& f) const {
    return {m_[0][0] * f[0] + m_[0][1] * f[1] + m_[0][2] * f[2],
            m_[1][1] * f[1] + m_[1][2] * f[2],
            m_[2][2] * f[2]};
}

Point Lattice::fractional(const Point& p) const {
    const double z = p[2] / m_[2][2];
    const double y = (p[1] - m_[1][2] * z) / m_[1][1];
    return {(p[0] - m_[0][1] * y - m_[0][2] * z) / m_[0][0], y, z};
}

Point SymmetryOperation::apply(const Point& p) const {
    Point out = translation;
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            out[i] += rotation[i][j] * p[j];
        }
    }
    return out;
}

int element_of_label(std::string_view label) {
    const auto letter = [&](std::size_t i) {
        return i < label.size() && std::isalpha(static_cast<unsigned char>(label[i])) != 0;
    };
    if (!letter(0)) {
        return 0;
    }
    std::string symbol(1, static_cast<char>(std::toupper(static_cast<unsigned char>(label[0]))));
    if (letter(1)) {
        const std::string two =
            symbol + static_cast<char>(std::tolower(static_cast<unsigned char>(label[1])));
        if (const int z = atomic_number(two)) {
            return z;
        }
    }
    return atomic_number(symbol);
}

double distance(const Point& a, const Point& b) {
    return std::sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                     (a[2] - b[2]) * (a[2] - b[2]));
}

double angle_in_degrees(const Point& end, const Point& vertex, const Point& other) {
    double dot = 0.0;
    for (std::size_t k = 0; k < 3; ++k) {
        dot += (end[k] - vertex[k]) * (other[k] - vertex[k]);
    }
    const double lengths = distance(end, vertex) * distance(other, vertex);
    return lengths > 0.0 ? std::acos(std::clamp(dot / lengths, -1.0, 1.0)) / kDegree : 0.0;
}

}  // namespace cupel::chemistry
