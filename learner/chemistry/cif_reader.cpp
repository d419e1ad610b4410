// Core CIF through gemmi's parser: one block, its cell, symmetry and atom sites.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include <gemmi/cif.hpp>
#include <gemmi/numb.hpp>

#include <cupel/chemistry/plain_text.hpp>
#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

#include "cif_block.hpp"
#include "cif_symmetry.hpp"
#include "crystal.hpp"
#include "molecules.hpp"

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
    if (gemmi::istarts_with(text, "#\\#cif_2")) {
        throw InputError("not_cif",
                         "this is a CIF 2 with lists, tables or triple quotes, which are not read; "
                         "save it as CIF 1.1");
    }
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
            if (same_tag(tag, "_atom_site_fract_x") || same_tag(tag, "_atom_site_Cartn_x")) {
                found =
                    found == nullptr || item.loop.length() > found->length() ? &item.loop : found;
            }
        }
    }
    return found;
}

/// 90 degrees where the file is silent (the dictionary's default); no number where it says `?`.
double angle_of(const cif::Block& block, const char* tag) {
    for (const auto& item : block.items) {
        if (item.type == cif::ItemType::Pair && same_tag(item.pair[0], tag) &&
            item.pair[1] == "?") {
            return NAN;
        }
    }
    return number_of(block, tag, 90.0);
}

/// The elements that the block says it holds; empty where it does not say.
std::set<int> declared_elements(const cif::Block& block) {
    std::set<int> elements;
    for (const auto& item : block.items) {
        const int at =
            item.type == cif::ItemType::Loop ? column(item.loop, {"_atom_type_symbol"}) : -1;
        for (std::size_t row = 0; at >= 0 && row < item.loop.length(); ++row) {
            elements.insert(element_of_label(cif::as_string(
                item.loop.values[row * item.loop.tags.size() + static_cast<std::size_t>(at)])));
        }
    }
    const auto formula = try_parse_formula(text_of(block, {"_chemical_formula_sum"}));
    for (const auto& [symbol, count] : formula.value_or(Composition{})) {
        elements.insert(atomic_number(symbol));
    }
    return elements;
}

/// Element of a site: its type symbol decides, its label where there is none; 0 for dummies. A
/// label alone can be read two ways: "CA1" is carbon where no calcium is declared.
int element_of(const std::string& type, const std::string& label, const std::set<int>& declared) {
    if (const int z = element_of_label(type)) {
        return z;
    }
    const int z = element_of_label(label);
    if (type.empty() && !declared.empty() && declared.count(z) == 0) {
        const int first = element_of_label(label.substr(0, 1));
        return declared.count(first) > 0 ? first : z;
    }
    return z;
}

/// One row of the list of atoms.
struct Row {
    Site site;
    bool placed = false;  ///< false: a dummy, or an atom whose place or element is not known
    bool counted = true;  ///< false: the occupancy is no number from 0 to 1
    std::string problem;  ///< what is not understood, in words
};

class SiteReader {
  public:
    SiteReader(const cif::Block& block, const cif::Loop& loop)
        : loop_(loop), declared_(declared_elements(block)) {
        label_ = column(loop, {"_atom_site_label", "_atom_site_label_atom_id"});
        type_ = column(loop, {"_atom_site_type_symbol"});
        occupancy_ = column(loop, {"_atom_site_occupancy"});
        assembly_ = column(loop, {"_atom_site_disorder_assembly"});
        group_ = column(loop, {"_atom_site_disorder_group", "_atom_site_label_alt_id"});
        calculated_ = column(loop, {"_atom_site_calc_flag"});
        fractional_ = column(loop, {"_atom_site_fract_x"}) >= 0;
        const char* const tags[2][3] = {
            {"_atom_site_Cartn_x", "_atom_site_Cartn_y", "_atom_site_Cartn_z"},
            {"_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"}};
        for (std::size_t k = 0; k < 3; ++k) {
            xyz_[k] = column(loop, {tags[fractional_ ? 1 : 0][k]});
        }
    }

    /// Whether the file tells how often symmetry repeats a site.
    bool tells_orders() const {
        const int at = column(loop_,
                              {"_atom_site_site_symmetry_order",
                               "_atom_site_site_symmetry_multiplicity",
                               "_atom_site_symmetry_multiplicity"});
        return loop_.length() > 0 && !text(0, at).empty();
    }
    bool complete() const { return xyz_[0] >= 0 && xyz_[1] >= 0 && xyz_[2] >= 0; }
    bool fractional() const { return fractional_; }

    int element(std::size_t row) const {
        return element_of(text(row, type_), text(row, label_), declared_);
    }

    /// A row without coordinates is a problem only where a metal stands in it.
    Row read(std::size_t row) const {
        Row out;
        Site& site = out.site;
        site.label = text(row, label_);
        site.element = element(row);
        if (text(row, calculated_) == "dum") {
            return out;
        }
        place(row, out);
        if (out.placed) {
            count(row, out);
        }
        site.group = group(text(row, group_));
        site.assembly = text(row, assembly_);
        const std::string calculated = text(row, calculated_);
        site.calculated = calculated == "calc" || calculated == "c";
        return out;
    }

  private:
    void place(std::size_t row, Row& out) const {
        Site& site = out.site;
        bool given = true;
        for (std::size_t k = 0; k < 3; ++k) {
            const std::string value = text(row, xyz_[k]);
            site.position[k] = value.empty() ? NAN : cif::as_number(value);
            given = given && !value.empty();
            if (!value.empty() && !(std::abs(site.position[k]) < 1e4)) {
                out.problem = quoted(site, value) + "is no coordinate";
                return;
            }
        }
        out.placed = given && site.element != 0;
        if (!given && is_metal(site.element)) {
            out.problem = "atom " + site.label + ": a coordinate is missing";
        } else if (given && site.element == 0) {
            out.problem = "atom " + site.label + ": no known element";
        }
    }

    void count(std::size_t row, Row& out) const {
        const std::string value = text(row, occupancy_);
        out.site.occupancy = value.empty() ? 1.0 : cif::as_number(value);
        out.counted = out.site.occupancy >= 0.0 && out.site.occupancy <= 1.05;
        if (!out.counted) {
            out.site.occupancy = 1.0;
            out.problem = quoted(out.site, value) + "is no occupancy from 0 to 1";
        }
    }

    static std::string quoted(const Site& site, const std::string& value) {
        return "atom " + site.label + ": '" + std::string(cut_text(value, 20)) + "' ";
    }

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
    std::set<int> declared_;
    int label_ = -1, type_ = -1, occupancy_ = -1, assembly_ = -1, group_ = -1, calculated_ = -1;
    int xyz_[3] = {-1, -1, -1};
    bool fractional_ = false;
};

/// A block that holds atoms.
struct AtomBlock {
    const cif::Block* block = nullptr;
    std::size_t coinage = 0;  ///< rows of Cu, Ag or Au
    std::size_t metals = 0;   ///< rows of any metal that could be a core
    std::size_t atoms = 0;
};

AtomBlock weigh(const cif::Block& block, const cif::Loop& loop) {
    AtomBlock weight{&block, 0, 0, loop.length()};
    const SiteReader reader(block, loop);
    for (std::size_t row = 0; row < loop.length(); ++row) {
        const int z = reader.element(row);
        weight.coinage += is_coinage_metal(z) ? 1 : 0;
        weight.metals += is_metal(z) && !is_ion_metal(z) ? 1 : 0;
    }
    return weight;
}

/// The block with most coinage metal, then most atoms, is the first.
std::vector<AtomBlock> blocks_by_weight(const cif::Document& document) {
    std::vector<AtomBlock> blocks;
    for (const auto& block : document.blocks) {
        const auto* loop = site_loop(block);
        if (loop != nullptr && loop->length() > 0) {
            blocks.push_back(weigh(block, *loop));
        }
    }
    if (blocks.empty()) {
        throw InputError("no_atoms",
                         "block " + document.blocks.front().name + ": no list of atoms");
    }
    std::stable_sort(blocks.begin(), blocks.end(), [](const AtomBlock& a, const AtomBlock& b) {
        return std::pair(a.coinage, a.atoms) > std::pair(b.coinage, b.atoms);
    });
    return blocks;
}

/// Of a cell that is given twice one would be taken in silence.
void refuse_second_cell(const cif::Block& block) {
    std::map<std::string, std::string> values;
    for (const auto& item : block.items) {
        if (item.type != cif::ItemType::Pair || !gemmi::istarts_with(item.pair[0], "_cell")) {
            continue;
        }
        const std::string tag = gemmi::to_lower(item.pair[0]);
        const auto [known, first] = values.emplace(tag, item.pair[1]);
        if (!first && known->second != item.pair[1]) {
            throw InputError("bad_cell",
                             "block " + block.name + ": " + tag + " is given twice, as " +
                                 known->second + " and as " + item.pair[1]);
        }
    }
}

Lattice lattice_of(const cif::Block& block) {
    refuse_second_cell(block);
    try {
        return Lattice({number_of(block, "_cell_length_a", NAN),
                        number_of(block, "_cell_length_b", NAN),
                        number_of(block, "_cell_length_c", NAN)},
                       {angle_of(block, "_cell_angle_alpha"),
                        angle_of(block, "_cell_angle_beta"),
                        angle_of(block, "_cell_angle_gamma")});
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
    const SiteReader reader(block, loop);
    if (!reader.complete()) {
        throw InputError("no_atoms", "block " + block.name + ": atoms without coordinates");
    }
    crystal.tells_orders = reader.tells_orders();
    std::vector<std::string> left_out;
    std::vector<std::string> not_counted;
    for (std::size_t row = 0; row < loop.length(); ++row) {
        Row read = reader.read(row);
        if (!read.problem.empty()) {
            // One metal atom less, or one too many, is another cluster.
            if (is_metal(read.site.element)) {
                throw InputError("bad_atom", "block " + block.name + ": " + read.problem);
            }
            (read.placed ? not_counted : left_out).push_back(read.problem);
        }
        if (!read.placed) {
            continue;
        }
        if (!reader.fractional()) {
            read.site.position = crystal.lattice->fractional(read.site.position);
        }
        crystal.sites.push_back(std::move(read.site));
    }
    if (crystal.sites.empty()) {
        throw InputError("no_atoms",
                         "block " + block.name + ": no atom with coordinates" +
                             (left_out.empty() ? "" : " (" + left_out.front() + ")"));
    }
    if (!left_out.empty()) {
        crystal.warnings.push_back(std::to_string(left_out.size()) +
                                   " atoms were left out: " + left_out.front());
    }
    if (!not_counted.empty()) {
        crystal.warnings.push_back(std::to_string(not_counted.size()) +
                                   " atoms are taken as fully there: " + not_counted.front());
    }
}

}  // namespace

struct CifFile::Impl {
    cif::Document document;
    std::vector<AtomBlock> blocks;
    std::size_t with_atoms = 0;
};

CifFile::CifFile(const std::string& text) : impl_(std::make_unique<Impl>()) {
    impl_->document = parse(text);
    auto& blocks = impl_->blocks;
    blocks = blocks_by_weight(impl_->document);
    impl_->with_atoms = blocks.size();
    // Solvent or a ligand by itself; where nothing else is there, the answer says what is missing.
    blocks.erase(std::remove_if(blocks.begin() + 1,
                                blocks.end(),
                                [](const AtomBlock& block) { return block.metals == 0; }),
                 blocks.end());
}

CifFile::~CifFile() = default;

std::size_t CifFile::size() const {
    return impl_->blocks.size();
}

std::size_t CifFile::blocks_with_atoms() const {
    return impl_->with_atoms;
}

const std::string& CifFile::name(std::size_t at) const {
    return impl_->blocks.at(at).block->name;
}

Crystal CifFile::read(std::size_t at) const {
    const cif::Block& block = *impl_->blocks.at(at).block;
    if (at >= kMaxBlocks) {
        throw InputError("too_large",
                         "block " + block.name + ": not read, " + std::to_string(kMaxBlocks) +
                             " blocks with more metal stand in the file");
    }
    const cif::Document& document = impl_->document;
    const cif::Loop& loop = *site_loop(block);
    Crystal crystal;
    crystal.block = block.name;
    crystal.lattice = lattice_of(block);
    auto unlisted = read_symmetry(block, crystal);
    read_sites(block, loop, crystal);
    if (!unlisted.empty()) {
        try_operations(crystal, std::move(unlisted));
    }
    crystal.formula_sum = text_of(block, {"_chemical_formula_sum"});
    crystal.masked_solvent = solvent_was_masked(block);
    const auto& last = document.blocks.back().items;
    crystal.sites_end_the_file = &document.blocks.back() == &block && !last.empty() &&
                                 last.back().type == cif::ItemType::Loop &&
                                 &last.back().loop == &loop;
    return crystal;
}

Crystal read_cif(const std::string& text) {
    const CifFile file(text);
    Crystal crystal = file.read(0);
    if (file.blocks_with_atoms() > 1) {
        crystal.warnings.insert(crystal.warnings.begin(),
                                std::to_string(file.blocks_with_atoms()) +
                                    " blocks hold atoms; block " + crystal.block + " was read");
    }
    return crystal;
}

}  // namespace cupel::chemistry
