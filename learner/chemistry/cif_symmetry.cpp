// Operations as listed, by Hall or Hermann-Mauguin symbol, or by number, held against each other
// and the cell.
#include "cif_symmetry.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gemmi/symmetry.hpp>

#include <cupel/chemistry/plain_text.hpp>
#include <cupel/domain/error.hpp>

#include "cif_block.hpp"
#include "packing.hpp"

namespace cupel::chemistry {
namespace {

namespace cif = gemmi::cif;

constexpr std::size_t kMaxOperations = 192;  ///< of the largest space group

SymmetryOperation operation_of(const gemmi::Op& op) {
    SymmetryOperation out;
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            out.rotation[i][j] = static_cast<double>(op.rot[i][j]) / gemmi::Op::DEN;
        }
        out.translation[i] = static_cast<double>(op.tran[i]) / gemmi::Op::DEN;
    }
    return out;
}

/// "x+0.3333" as the parser knows it: "x+8/24". What is no 24th stays as it is.
std::string with_fractions(const std::string& triplet) {
    std::string text;
    for (std::size_t at = 0; at < triplet.size();) {
        const std::size_t end =
            std::min(triplet.find_first_not_of("0123456789.", at), triplet.size());
        const std::string word = triplet.substr(at, end - at);
        const double parts = std::strtod(word.c_str(), nullptr) * gemmi::Op::DEN;
        if (word.find('.') != std::string::npos && std::abs(parts - std::round(parts)) < 0.1) {
            text += std::to_string(std::lround(parts)) + "/" + std::to_string(gemmi::Op::DEN);
        } else {
            text += word;
        }
        at = end;
        if (at < triplet.size()) {
            text += triplet[at++];
        }
    }
    return text;
}

std::vector<gemmi::Op> listed_operations(const cif::Block& block) {
    std::vector<gemmi::Op> ops;
    for (const auto& item : block.items) {
        for (const char* tag : {"_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz"}) {
            std::vector<std::string> triplets;
            if (item.type == cif::ItemType::Pair && same_tag(item.pair[0], tag)) {
                triplets.push_back(item.pair[1]);
            } else if (item.type == cif::ItemType::Loop) {
                const int at = column(item.loop, {tag});
                for (std::size_t row = 0; at >= 0 && row < item.loop.length(); ++row) {
                    triplets.push_back(item.loop.values[row * item.loop.tags.size() +
                                                        static_cast<std::size_t>(at)]);
                }
            }
            if (triplets.size() > kMaxOperations) {
                throw InputError(
                    "too_large",
                    "block " + block.name + ": more symmetry operations than any space group has");
            }
            for (const auto& triplet : triplets) {
                if (!cif::is_null(triplet)) {
                    ops.push_back(gemmi::parse_triplet(with_fractions(cif::as_string(triplet))));
                }
            }
            if (!ops.empty()) {
                return ops;
            }
        }
    }
    return ops;
}

/// Each once, moved into the cell, the identity first.
std::vector<gemmi::Op> distinct(const std::vector<gemmi::Op>& listed) {
    std::vector<gemmi::Op> ops{gemmi::Op::identity()};
    std::set<gemmi::Op> seen{gemmi::Op::identity()};
    for (gemmi::Op op : listed) {
        if (seen.insert(op.wrap()).second) {
            ops.push_back(op);
        }
    }
    return ops;
}

/// With one operation missing or misspelt half a cluster could pass for a whole one.
void check_group(const std::vector<gemmi::Op>& ops) {
    const std::set<gemmi::Op> all(ops.begin(), ops.end());
    for (const auto& a : ops) {
        if (std::abs(a.det_rot()) != gemmi::Op::DEN * gemmi::Op::DEN * gemmi::Op::DEN) {
            throw std::runtime_error("'" + a.triplet() + "' is no symmetry operation");
        }
    }
    for (const auto& a : ops) {
        for (const auto& b : ops) {
            gemmi::Op both = a.combine(b);
            if (all.count(both.wrap()) == 0) {
                throw std::runtime_error("they form no group: " + a.triplet() + " after " +
                                         b.triplet() + " is not listed");
            }
        }
    }
}

/// What the block says of its space group beside the operations; empty is not said.
struct GroupNames {
    std::string hall, name, number;
};

GroupNames group_names(const cif::Block& block) {
    return {text_of(block, {"_space_group_name_Hall", "_symmetry_space_group_name_Hall"}),
            text_of(block,
                    {"_space_group_name_H-M_alt",
                     "_symmetry_space_group_name_H-M",
                     "_space_group_name_H-M_full",
                     "_space_group_name_H-M_ref"}),
            text_of(block, {"_space_group_IT_number", "_symmetry_Int_Tables_number"})};
}

/// A Hall symbol tells the setting too, a Hermann-Mauguin symbol mostly, a number never. None where
/// nothing is understood.
std::optional<std::vector<gemmi::Op>> named_operations(const cif::Block& block,
                                                       const GroupNames& names,
                                                       Crystal& crystal) {
    const auto all = [](const gemmi::GroupOps& group) { return group.all_ops_sorted(); };
    if (!names.hall.empty()) {
        try {
            return all(gemmi::symops_from_hall(names.hall.c_str()));
        } catch (const std::runtime_error&) {
            // the other names remain
        }
    }
    std::string name = names.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    const auto bracket = [](char c) { return c == '(' || c == ')'; };  // "P2(1)/c"
    name.erase(std::remove_if(name.begin(), name.end(), bracket), name.end());
    const std::size_t last = name.find_last_of(' ');
    if (last != std::string::npos && last + 2 == name.size() &&
        std::string_view("RrHhSsZz").find(name.back()) != std::string_view::npos) {
        name[last] = ':';  // "R -3 H" names its setting
    }
    const auto find = [&](const std::string& symbol) {
        return gemmi::find_spacegroup_by_name(symbol,
                                              number_of(block, "_cell_angle_alpha", 90.0),
                                              number_of(block, "_cell_angle_gamma", 90.0));
    };
    const gemmi::SpaceGroup* group = name.empty() ? nullptr : find(name);
    if (group != nullptr && group->ext == '1' && name.find(':') == std::string::npos) {
        if (const gemmi::SpaceGroup* centred = find(name + ":2")) {
            group = centred;
            crystal.warnings.push_back(
                "the space group has two origins: that on the centre of "
                "inversion, " +
                group->xhm() + ", was taken");
        }
    }
    if (group == nullptr && !names.number.empty()) {
        group = gemmi::find_spacegroup_by_number(std::atoi(names.number.c_str()));
        if (group != nullptr && group->number > 2) {
            crystal.warnings.push_back("of the space group only its number is known: the setting " +
                                       group->xhm() + " was taken");
        }
    }
    return group != nullptr ? std::optional(all(group->operations())) : std::nullopt;
}

/// The operations listed, else those of the space group named; the identity where the file is
/// silent. Where the identity alone is listed, `unlisted` gets those of the space group named.
std::vector<gemmi::Op> operations_of(const cif::Block& block,
                                     Crystal& crystal,
                                     std::vector<gemmi::Op>& unlisted) {
    const GroupNames names = group_names(block);
    std::string problem;
    try {
        const auto listed = listed_operations(block);
        if (!listed.empty()) {
            const auto ops = distinct(listed);
            check_group(ops);
            Crystal unused;
            const auto named = named_operations(block, names, unused);
            if (named && ops.size() == 1) {
                unlisted = distinct(*named);
            } else if (named && distinct(*named).size() > ops.size()) {
                crystal.warnings.push_back(std::to_string(ops.size()) +
                                           " symmetry operations are listed, the space group " +
                                           "named has " + std::to_string(named->size()) +
                                           ": those listed were taken");
            }
            return ops;
        }
    } catch (const InputError&) {
        throw;
    } catch (const std::runtime_error& error) {
        problem = std::string("symmetry operations not understood (") + error.what() + ")";
    }
    if (const auto named = named_operations(block, names, crystal)) {
        if (!problem.empty()) {
            crystal.warnings.push_back(problem + "; the space group's name was used");
        }
        return distinct(*named);
    }
    const std::string& given = !names.name.empty()   ? names.name
                               : !names.hall.empty() ? names.hall
                                                     : names.number;
    if (problem.empty() && !given.empty()) {
        problem = "the space group '" + std::string(cut_text(given, 30)) +
                  "' is not known, and no operations are listed";
    }
    if (!problem.empty()) {
        // Without its images half a cluster would pass for a whole one.
        throw InputError("bad_cell", "block " + block.name + ": " + problem);
    }
    crystal.warnings.push_back("no symmetry is given or known: P1 was taken");
    return {gemmi::Op::identity()};
}

/// Does the operation keep the lengths and angles of the cell, as far as they are measured?
bool fits_cell(const SymmetryOperation& operation, const Lattice& lattice) {
    std::array<Point, 3> before;
    std::array<Point, 3> after;
    for (std::size_t k = 0; k < 3; ++k) {
        Point axis{};
        axis[k] = 1.0;
        before[k] = lattice.cartesian(axis);
        SymmetryOperation turn = operation;
        turn.translation = {};
        after[k] = lattice.cartesian(turn.apply(axis));
    }
    const auto dot = [](const Point& a, const Point& b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    };
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            const double lengths = std::sqrt(dot(before[i], before[i]) * dot(before[j], before[j]));
            if (std::abs(dot(after[i], after[j]) - dot(before[i], before[j])) > 0.03 * lengths) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

std::vector<SymmetryOperation> read_symmetry(const cif::Block& block, Crystal& crystal) {
    std::vector<gemmi::Op> unlisted;
    for (const gemmi::Op& op : operations_of(block, crystal, unlisted)) {
        crystal.operations.push_back(operation_of(op));
        if (!fits_cell(crystal.operations.back(), *crystal.lattice)) {
            throw InputError("bad_cell",
                             "block " + block.name + ": the cell has no such symmetry as '" +
                                 op.triplet() + "'");
        }
    }
    std::vector<SymmetryOperation> named;
    for (const gemmi::Op& op : unlisted) {
        named.push_back(operation_of(op));
        if (!fits_cell(named.back(), *crystal.lattice)) {
            return {};
        }
    }
    return named.size() > 1 ? named : std::vector<SymmetryOperation>();
}

void try_operations(Crystal& crystal, std::vector<SymmetryOperation> named) {
    constexpr double kSamePlace = 0.2;  // angstrom; what stands there twice is left out later
    constexpr double kOverlap = 0.5;    // of the sum of radii
    const std::string count = std::to_string(named.size());
    Crystal tried = crystal;
    tried.operations = std::move(named);
    const Packing packing = pack(tried);
    const auto atom = [&](int i) -> const CellAtom& {
        return packing.atoms[static_cast<std::size_t>(i)];
    };
    const bool overlap =
        std::any_of(packing.contacts.begin(), packing.contacts.end(), [&](const Contact& c) {
            return atom(c.a).operation != atom(c.b).operation && atom(c.a).element > 1 &&
                   atom(c.b).element > 1 && atom(c.a).occupancy + atom(c.b).occupancy > 1.05 &&
                   c.length > kSamePlace && c.ratio < kOverlap;
        });
    if (overlap) {
        crystal.warnings.push_back("the identity alone is listed as symmetry, and the " + count +
                                   " operations of the space group named would put atoms upon "
                                   "others: taken as listed");
        return;
    }
    crystal.operations = std::move(tried.operations);
    crystal.warnings.push_back("the identity alone is listed as symmetry: the " + count +
                               " operations of the space group named were taken");
}

}  // namespace cupel::chemistry
