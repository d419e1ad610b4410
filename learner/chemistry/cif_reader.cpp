// Core CIF through gemmi's parser: one block, its cell, symmetry and atom sites.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include <gemmi/cif.hpp>
#include <gemmi/numb.hpp>
#include <gemmi/symmetry.hpp>

#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

#include "crystal.hpp"

namespace cupel::chemistry {
namespace {

namespace cif = gemmi::cif;

/// Words outside text fields: what the parser will keep one string each for.
std::size_t count_tokens(const std::string& text) {
    std::size_t tokens = 0;
    bool in_field = false;
    bool blank = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ';' && (i == 0 || text[i - 1] == '\n')) {
            in_field = !in_field;
        }
        const bool white = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        tokens += !in_field && blank && !white ? 1 : 0;
        blank = white;
    }
    return tokens;
}

bool holds_block_header(const std::string& text) {
    for (std::size_t at = 0; at + 5 <= text.size(); ++at) {
        const bool start = at == 0 || std::isspace(static_cast<unsigned char>(text[at - 1])) != 0;
        if (start && (text[at] == 'd' || text[at] == 'D') &&
            gemmi::iequal(text.substr(at, 5), "data_")) {
            return true;
        }
    }
    return false;
}

/// A damaged file ends where it broke; another kind of file is wrong from its first line on.
[[noreturn]] void refuse(const std::string& text, const tao::pegtl::parse_error& error) {
    const auto& place = error.positions().front();
    std::string what = error.what();
    const std::size_t colon = what.find_last_of(':');
    what = colon == std::string::npos ? what : what.substr(colon + 1);
    while (!what.empty() && what.front() == ' ') {
        what.erase(0, 1);
    }
    const std::string where = "line " + std::to_string(place.line) + ": ";
    if (!holds_block_header(text)) {
        throw InputError("not_cif", "no data block (data_...): this is not a CIF");
    }
    // Whatever is open at the end of the file was cut off: a quote on the last line, a text field,
    // a loop whose last row is short.
    const std::string rest = text.substr(std::min(place.byte, text.size()));
    const bool at_end = rest.find('\n') == std::string::npos ||
                        rest.find_first_not_of(" \t\r\n", rest.find('\n')) == std::string::npos;
    const bool open_field = what.find("unterminated text field") != std::string::npos;
    bool last_loop = false;
    if (what.find("Wrong number") != std::string::npos) {
        // The position is the start of the loop: it is the last item when no tag or header follows.
        last_loop = true;
        std::size_t line = rest.find('\n');
        bool in_values = false;
        while (line != std::string::npos && line + 1 < rest.size()) {
            const std::size_t first = rest.find_first_not_of(" \t\r\n", line);
            if (first == std::string::npos) {
                break;
            }
            const bool tag = rest[first] == '_';
            const bool word = gemmi::istarts_with(rest.substr(first, 5), "loop_") ||
                              gemmi::istarts_with(rest.substr(first, 5), "data_");
            in_values = in_values || (!tag && !word && rest[first] != '#');
            if (in_values && (tag || word)) {
                last_loop = false;
                break;
            }
            line = rest.find('\n', first);
        }
        what = last_loop ? "the last loop breaks off within a row"
                         : "a loop whose values do not fill its columns";
    }
    const bool truncated = open_field || last_loop || at_end;
    throw InputError(
        truncated ? "truncated" : "not_cif",
        where + (truncated ? "the file breaks off: " : "not readable as CIF: ") + what);
}

cif::Document parse(const std::string& text) {
    if (count_tokens(text) > kMaxTokens) {
        throw InputError("too_large",
                         "more than " + std::to_string(kMaxTokens) + " values in one file");
    }
    cif::Document document;
    try {
        tao::pegtl::memory_input<> in(text.data(), text.size(), "cif");
        cif::parse_input(document, in);
    } catch (const tao::pegtl::parse_error& error) {
        refuse(text, error);
    } catch (const std::runtime_error& error) {
        throw InputError("not_cif", std::string("not readable as CIF: ") + error.what());
    }
    if (document.blocks.empty()) {
        throw InputError("not_cif", "no data block (data_...): this is not a CIF");
    }
    return document;
}

const cif::Loop* site_loop(const cif::Block& block) {
    const cif::Loop* found = nullptr;
    for (const auto& item : block.items) {
        if (item.type != cif::ItemType::Loop) {
            continue;
        }
        for (const auto& tag : item.loop.tags) {
            if (gemmi::iequal(tag, "_atom_site_fract_x") ||
                gemmi::iequal(tag, "_atom_site_Cartn_x")) {
                found =
                    found == nullptr || item.loop.length() > found->length() ? &item.loop : found;
            }
        }
    }
    return found;
}

int column(const cif::Loop& loop, const char* tag) {
    for (std::size_t i = 0; i < loop.tags.size(); ++i) {
        if (gemmi::iequal(loop.tags[i], tag)) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

std::string text_of(const cif::Block& block, std::initializer_list<const char*> tags) {
    for (const char* tag : tags) {
        for (const auto& item : block.items) {
            if (item.type == cif::ItemType::Pair && gemmi::iequal(item.pair[0], tag) &&
                !item.pair[1].empty() && !cif::is_null(item.pair[1])) {
                return cif::as_string(item.pair[1]);
            }
        }
    }
    return {};
}

double number_of(const cif::Block& block, const char* tag, double missing) {
    const std::string text = text_of(block, {tag});
    return text.empty() ? missing : cif::as_number(text);
}

/// Element of a site: its type symbol decides, its label where there is none. Returns -1 for
/// dummies.
int element_of(const std::string& type, const std::string& label) {
    const std::string& name = type.empty() ? label : type;
    const int z = element_of_label(name);
    if (z == 0 && !type.empty()) {
        return element_of_label(label);
    }
    return z;
}

class SiteReader {
  public:
    explicit SiteReader(const cif::Loop& loop) : loop_(loop) {
        label_ = column(loop, "_atom_site_label");
        type_ = column(loop, "_atom_site_type_symbol");
        occupancy_ = column(loop, "_atom_site_occupancy");
        assembly_ = column(loop, "_atom_site_disorder_assembly");
        group_ = column(loop, "_atom_site_disorder_group");
        calculated_ = column(loop, "_atom_site_calc_flag");
        fractional_ = column(loop, "_atom_site_fract_x") >= 0;
        const char* const tags[2][3] = {
            {"_atom_site_Cartn_x", "_atom_site_Cartn_y", "_atom_site_Cartn_z"},
            {"_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"}};
        for (std::size_t k = 0; k < 3; ++k) {
            xyz_[k] = column(loop, tags[fractional_ ? 1 : 0][k]);
        }
    }

    bool complete() const { return xyz_[0] >= 0 && xyz_[1] >= 0 && xyz_[2] >= 0; }
    bool fractional() const { return fractional_; }

    /// Nothing for dummies and for atoms without coordinates; `problem` says why where it matters.
    std::optional<Site> read(std::size_t row, std::string& problem) const {
        Site site;
        site.label = text(row, label_);
        site.element = element_of(text(row, type_), site.label);
        if (text(row, calculated_) == "dum") {
            return std::nullopt;
        }
        bool given = true;
        for (std::size_t k = 0; k < 3; ++k) {
            const std::string value = text(row, xyz_[k]);
            site.position[k] = value.empty() ? NAN : cif::as_number(value);
            given = given && !value.empty();
            if (!value.empty() && !(std::abs(site.position[k]) < 1e4)) {
                problem = "atom " + site.label + ": '" + value.substr(0, 20) + "' is no coordinate";
                return std::nullopt;
            }
        }
        if (!given || site.element == 0) {
            problem = given ? "atom " + site.label + ": no known element" : "";
            return std::nullopt;
        }
        const std::string occupancy = text(row, occupancy_);
        site.occupancy = occupancy.empty() ? 1.0 : cif::as_number(occupancy);
        if (!(site.occupancy >= 0.0 && site.occupancy <= 1.05)) {
            site.occupancy = 1.0;
        }
        site.group = group(text(row, group_));
        site.assembly = text(row, assembly_);
        site.calculated = text(row, calculated_) == "calc";
        return site;
    }

  private:
    std::string text(std::size_t row, int at) const {
        if (at < 0) {
            return {};
        }
        const std::string& value =
            loop_.values[row * loop_.tags.size() + static_cast<std::size_t>(at)];
        return cif::is_null(value) ? std::string() : cif::as_string(value);
    }

    /// "1", "-1", "A": letters count as groups too.
    static int group(const std::string& text) {
        if (text.empty()) {
            return 0;
        }
        char* end = nullptr;
        const long value = std::strtol(text.c_str(), &end, 10);
        if (end != text.c_str() && std::abs(value) < 1000) {
            return static_cast<int>(value);
        }
        return 1000 + static_cast<unsigned char>(text[0]);
    }

    const cif::Loop& loop_;
    int label_ = -1, type_ = -1, occupancy_ = -1, assembly_ = -1, group_ = -1, calculated_ = -1;
    int xyz_[3] = {-1, -1, -1};
    bool fractional_ = false;
};

std::size_t coinage_rows(const cif::Loop& loop) {
    const int type = column(loop, "_atom_site_type_symbol");
    const int label = column(loop, "_atom_site_label");
    const int at = type >= 0 ? type : label;
    std::size_t count = 0;
    for (std::size_t row = 0; at >= 0 && row < loop.length(); ++row) {
        const auto place = row * loop.tags.size() + static_cast<std::size_t>(at);
        count += is_coinage_metal(element_of_label(cif::as_string(loop.values[place]))) ? 1 : 0;
    }
    return count;
}

/// The block with most coinage metal, then most atoms.
const cif::Block& choose_block(const cif::Document& document, Crystal& crystal) {
    const cif::Block* best = nullptr;
    std::pair<std::size_t, std::size_t> best_size;
    std::size_t with_atoms = 0;
    for (const auto& block : document.blocks) {
        const auto* loop = site_loop(block);
        if (loop == nullptr || loop->length() == 0) {
            continue;
        }
        ++with_atoms;
        const std::pair size{coinage_rows(*loop), loop->length()};
        if (best == nullptr || size > best_size) {
            best = &block;
            best_size = size;
        }
    }
    if (best == nullptr) {
        throw InputError("no_atoms",
                         "block " + document.blocks.front().name + ": no list of atoms");
    }
    if (with_atoms > 1) {
        crystal.warnings.push_back(std::to_string(with_atoms) + " blocks hold atoms; block " +
                                   best->name + " was read");
    }
    return *best;
}

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

std::vector<gemmi::Op> listed_operations(const cif::Block& block) {
    std::vector<gemmi::Op> ops;
    for (const auto& item : block.items) {
        for (const char* tag : {"_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz"}) {
            std::vector<std::string> triplets;
            if (item.type == cif::ItemType::Pair && gemmi::iequal(item.pair[0], tag)) {
                triplets.push_back(item.pair[1]);
            } else if (item.type == cif::ItemType::Loop) {
                const int at = column(item.loop, tag);
                for (std::size_t row = 0; at >= 0 && row < item.loop.length(); ++row) {
                    triplets.push_back(item.loop.values[row * item.loop.tags.size() +
                                                        static_cast<std::size_t>(at)]);
                }
            }
            if (triplets.size() > 192) {
                throw InputError("too_large", "more symmetry operations than any space group has");
            }
            for (const auto& triplet : triplets) {
                if (!cif::is_null(triplet)) {
                    ops.push_back(gemmi::parse_triplet(cif::as_string(triplet)));
                }
            }
            if (!ops.empty()) {
                return ops;
            }
        }
    }
    return ops;
}

/// The operations listed, else those of the space group named.
std::vector<gemmi::Op> operations_of(const cif::Block& block, Crystal& crystal) {
    try {
        auto ops = listed_operations(block);
        if (!ops.empty()) {
            return ops;
        }
    } catch (const std::runtime_error& error) {
        crystal.warnings.push_back(std::string("symmetry operations not understood (") +
                                   error.what() + "); the space group's name was used");
    }
    const std::string hall =
        text_of(block, {"_space_group_name_Hall", "_symmetry_space_group_name_Hall"});
    const std::string name =
        text_of(block, {"_space_group_name_H-M_alt", "_symmetry_space_group_name_H-M"});
    const std::string table =
        text_of(block, {"_space_group_IT_number", "_symmetry_Int_Tables_number"});
    std::vector<gemmi::Op> ops;
    try {
        const gemmi::SpaceGroup* group =
            name.empty()
                ? nullptr
                : gemmi::find_spacegroup_by_name(name,
                                                 number_of(block, "_cell_angle_alpha", 90.0),
                                                 number_of(block, "_cell_angle_gamma", 90.0));
        if (group == nullptr && !table.empty()) {
            group = gemmi::find_spacegroup_by_number(std::atoi(table.c_str()));
        }
        const gemmi::GroupOps all = group != nullptr ? group->operations()
                                    : !hall.empty()
                                        ? gemmi::symops_from_hall(hall.c_str())
                                        : gemmi::GroupOps{{gemmi::Op::identity()}, {{0, 0, 0}}};
        for (const gemmi::Op& op : all) {
            ops.push_back(op);
        }
        if (group == nullptr && hall.empty()) {
            crystal.warnings.push_back("no symmetry is given or known: P1 was taken");
        }
    } catch (const std::runtime_error&) {
        ops = {gemmi::Op::identity()};
        crystal.warnings.push_back("the space group is not understood: P1 was taken");
    }
    return ops;
}

void read_symmetry(const cif::Block& block, Crystal& crystal) {
    std::set<std::string> seen;
    crystal.operations.emplace_back();
    seen.insert(gemmi::Op::identity().triplet());
    for (const gemmi::Op& op : operations_of(block, crystal)) {
        gemmi::Op wrapped = op;
        wrapped.wrap();
        if (std::abs(wrapped.det_rot()) != gemmi::Op::DEN * gemmi::Op::DEN * gemmi::Op::DEN) {
            throw InputError(
                "bad_cell",
                "block " + block.name + ": '" + op.triplet() + "' is no symmetry operation");
        }
        if (seen.insert(wrapped.triplet()).second) {
            crystal.operations.push_back(operation_of(wrapped));
        }
    }
    if (crystal.operations.size() > 192) {
        throw InputError("too_large", "more symmetry operations than any space group has");
    }
}

Lattice lattice_of(const cif::Block& block) {
    try {
        return Lattice({number_of(block, "_cell_length_a", NAN),
                        number_of(block, "_cell_length_b", NAN),
                        number_of(block, "_cell_length_c", NAN)},
                       {number_of(block, "_cell_angle_alpha", 90.0),
                        number_of(block, "_cell_angle_beta", 90.0),
                        number_of(block, "_cell_angle_gamma", 90.0)});
    } catch (const InputError& error) {
        throw InputError(error.code(), "block " + block.name + ": " + error.what());
    }
}

bool solvent_was_masked(const cif::Block& block) {
    for (const auto& item : block.items) {
        const auto masks = [](const std::string& tag) {
            return gemmi::istarts_with(tag, "_platon_squeeze") ||
                   gemmi::istarts_with(tag, "_smtbx_masks");
        };
        if (item.type == cif::ItemType::Pair
                ? masks(item.pair[0])
                : item.type == cif::ItemType::Loop && !item.loop.tags.empty() &&
                      masks(item.loop.tags[0])) {
            return true;
        }
    }
    return false;
}

void read_sites(const cif::Block& block, const cif::Loop& loop, Crystal& crystal) {
    if (loop.length() > kMaxSites) {
        throw InputError(
            "too_large",
            "block " + block.name + ": more than " + std::to_string(kMaxSites) + " atom sites");
    }
    const SiteReader reader(loop);
    if (!reader.complete()) {
        throw InputError("no_atoms", "block " + block.name + ": atoms without coordinates");
    }
    std::string first_problem;
    std::size_t skipped = 0;
    for (std::size_t row = 0; row < loop.length(); ++row) {
        std::string problem;
        if (auto site = reader.read(row, problem)) {
            if (!reader.fractional()) {
                site->position = crystal.lattice->fractional(site->position);
            }
            crystal.sites.push_back(std::move(*site));
        } else if (!problem.empty()) {
            first_problem = first_problem.empty() ? problem : first_problem;
            ++skipped;
        }
    }
    if (crystal.sites.empty()) {
        throw InputError("no_atoms",
                         "block " + block.name + ": no atom with coordinates" +
                             (first_problem.empty() ? "" : " (" + first_problem + ")"));
    }
    if (skipped > 0) {
        crystal.warnings.push_back(std::to_string(skipped) +
                                   " atoms were left out: " + first_problem);
    }
}

}  // namespace

Crystal read_cif(const std::string& text) {
    const cif::Document document = parse(text);
    Crystal crystal;
    const cif::Block& block = choose_block(document, crystal);
    const cif::Loop& loop = *site_loop(block);
    crystal.block = block.name;
    crystal.lattice = lattice_of(block);
    read_symmetry(block, crystal);
    read_sites(block, loop, crystal);
    crystal.formula_sum = text_of(block, {"_chemical_formula_sum"});
    crystal.masked_solvent = solvent_was_masked(block);
    const auto& last = document.blocks.back().items;
    crystal.sites_end_the_file = &document.blocks.back() == &block && !last.empty() &&
                                 last.back().type == cif::ItemType::Loop &&
                                 &last.back().loop == &loop;
    return crystal;
}

}  // namespace cupel::chemistry
