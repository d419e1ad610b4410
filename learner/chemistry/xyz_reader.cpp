// xyz and extended xyz: a count, a comment (with Lattice="..." and Properties=... in the extended
// form), one atom a line. The first frame is read.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include <cupel/chemistry/plain_text.hpp>
#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

#include "crystal.hpp"

namespace cupel::chemistry {
namespace {

std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    return line;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    std::size_t at = 0;
    while (words.size() < 64) {
        at = line.find_first_not_of(" \t", at);
        if (at == std::string_view::npos) {
            break;
        }
        const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
        words.push_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

/// A finite number below `bound` in size.
std::optional<double> number(std::string_view word, double bound = 1e5) {
    if (!word.empty() && word.front() == '+') {
        word.remove_prefix(1);
    }
    double value = 0.0;
    const auto result = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = result.ec == std::errc() && result.ptr == word.data() + word.size();
    return whole && std::abs(value) < bound ? std::optional(value) : std::nullopt;
}

/// The text behind `key=`, quoted or not; empty when there is none.
std::string_view value_of(std::string_view comment, std::string_view key) {
    const std::size_t at = comment.find(key);
    if (at == std::string_view::npos) {
        return {};
    }
    std::string_view rest = comment.substr(at + key.size());
    if (!rest.empty() && rest.front() == '"') {
        rest.remove_prefix(1);
        return rest.substr(0, rest.find('"'));
    }
    return rest.substr(0, rest.find_first_of(" \t"));
}

/// The three cell vectors as the file writes them, in any orientation.
std::optional<std::array<Point, 3>> cell_vectors(std::string_view comment) {
    const auto words = words_of(value_of(comment, "Lattice="));
    if (words.size() != 9) {
        return std::nullopt;
    }
    std::array<Point, 3> rows{};
    for (std::size_t i = 0; i < 9; ++i) {
        const auto value = number(words[i]);
        if (!value) {
            throw InputError("bad_cell", "line 2: Lattice holds '" + std::string(words[i]) + "'");
        }
        rows[i / 3][i % 3] = *value;
    }
    return rows;
}

Lattice lattice_of(const std::array<Point, 3>& rows) {
    const Point origin{};
    return Lattice(
        {distance(rows[0], origin), distance(rows[1], origin), distance(rows[2], origin)},
        {angle_in_degrees(rows[1], origin, rows[2]),
         angle_in_degrees(rows[0], origin, rows[2]),
         angle_in_degrees(rows[0], origin, rows[1])});
}

Point cross(const Point& a, const Point& b) {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double dot(const Point& a, const Point& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Point fractional(const std::array<Point, 3>& rows, const Point& p) {
    const double volume = dot(rows[0], cross(rows[1], rows[2]));
    return {dot(p, cross(rows[1], rows[2])) / volume,
            dot(p, cross(rows[2], rows[0])) / volume,
            dot(p, cross(rows[0], rows[1])) / volume};
}

/// Periodic only where the file says so, or says nothing: pbc="F F F" is a box around a molecule.
bool periodic(std::string_view comment) {
    const std::string_view pbc = value_of(comment, "pbc=");
    return pbc.empty() || pbc.find_first_of("Tt1") != std::string_view::npos;
}

struct Columns {
    std::size_t species = 0;
    std::size_t position = 1;
};

Columns columns_of(std::string_view comment) {
    const std::string_view properties = value_of(comment, "Properties=");
    Columns columns;
    std::size_t column = 0;
    std::istringstream parts{std::string(properties)};
    std::string name, type, width;
    bool named = false;
    while (std::getline(parts, name, ':') && std::getline(parts, type, ':') &&
           std::getline(parts, width, ':')) {
        if (name == "species" || name == "element" || (name == "Z" && !named)) {
            columns.species = column;
            named = name != "Z";
        } else if (name == "pos") {
            columns.position = column;
        }
        const auto count = number(width);
        column += count && *count >= 1 && *count < 64 ? static_cast<std::size_t>(*count) : 1;
    }
    return columns;
}

int species(std::string_view word) {
    if (const auto z = number(word)) {
        return *z >= 1 && *z <= 103 && *z == std::floor(*z) ? static_cast<int>(*z) : 0;
    }
    return element_of_label(word);
}

}  // namespace

Crystal read_xyz(std::string_view text) {
    std::string_view rest = text;
    const auto head = words_of(next_line(rest));
    const auto count = head.size() == 1 ? number(head[0], 1e15) : std::nullopt;
    if (!count || *count < 0 || *count != std::floor(*count)) {
        throw InputError("not_cif", "line 1: an xyz file begins with the number of its atoms");
    }
    if (*count == 0) {
        throw InputError("no_atoms", "line 1 announces no atoms");
    }
    if (*count > static_cast<double>(kMaxSites)) {
        throw InputError("too_large", "more than " + std::to_string(kMaxSites) + " atoms");
    }
    const std::string_view comment = next_line(rest);
    Crystal crystal;
    crystal.operations.emplace_back();
    const Columns columns = columns_of(comment);
    const auto vectors = periodic(comment) ? cell_vectors(comment) : std::nullopt;
    if (vectors) {
        crystal.lattice = lattice_of(*vectors);
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(*count); ++i) {
        if (rest.empty()) {
            throw InputError("truncated",
                             "line 1 announces " + std::string(head[0]) + " atoms, there are " +
                                 std::to_string(i));
        }
        const auto words = words_of(next_line(rest));
        const std::string line = "line " + std::to_string(i + 3) + ": ";
        if (words.size() < columns.position + 3 || words.size() <= columns.species) {
            throw InputError(rest.empty() ? "truncated" : "not_cif",
                             line + "expected an element and three coordinates");
        }
        Site site;
        site.element = species(words[columns.species]);
        if (site.element == 0) {
            throw InputError(
                "not_cif",
                line + "'" + std::string(cut_text(words[columns.species], 20)) + "' is no element");
        }
        for (std::size_t k = 0; k < 3; ++k) {
            const auto value = number(words[columns.position + k]);
            if (!value) {
                throw InputError(rest.empty() ? "truncated" : "not_cif",
                                 line + "'" +
                                     std::string(cut_text(words[columns.position + k], 20)) +
                                     "' is no coordinate");
            }
            site.position[k] = *value;
        }
        if (vectors) {
            site.position = fractional(*vectors, site.position);
        }
        site.label = std::string(element_symbol(site.element)) + std::to_string(i + 1);
        crystal.sites.push_back(std::move(site));
    }
    if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
        crystal.warnings.emplace_back("the file goes on after its first frame; only that was read");
    }
    return crystal;
}

}  // namespace cupel::chemistry
