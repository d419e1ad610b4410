// Looks names up, or builds them from organic groups by the usual patterns.
#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>

#include <cupel/chemistry/abbreviations.hpp>
#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/smiles.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::chemistry {
namespace {

/// Without what writers put in or leave out at will: hyphens, blanks, triple bonds.
std::string squashed(std::string_view name) {
    constexpr std::string_view kTripleBond = "\u2261";
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name.substr(i, kTripleBond.size()) == kTripleBond) {
            i += kTripleBond.size() - 1;
        } else if (name[i] != '-' && name[i] != ' ' && name[i] != '_') {
            text += name[i];
        }
    }
    return text;
}

/// A way of naming a ligand: text before and after one group R, and the SMILES around it.
/// `repeats` is how often R stands in the SMILES, each time after `joint`.
struct Pattern {
    std::string_view before, after;
    std::string_view smiles, joint, end;
    int repeats = 1;
};

// Longer texts before shorter ones: "Se" must be tried before "S".
constexpr std::array kPatterns{
    Pattern{"S2CN", "2", "[S-]C(=S)N", "", "", 2},
    Pattern{"S2P(O", ")2", "[S-]P(=S)", "O", "", 2},
    Pattern{"Se2P(O", ")2", "[Se-]P(=[Se])", "O", "", 2},
    Pattern{"S2P", "2", "[S-]P(=S)", "", "", 2},
    Pattern{"Se2P", "2", "[Se-]P(=[Se])", "", "", 2},
    Pattern{"Se", "", "[Se-]", "", ""},
    Pattern{"Te", "", "[Te-]", "", ""},
    Pattern{"S", "", "[S-]", "", ""},
    Pattern{"", "Se", "[Se-]", "", ""},
    Pattern{"", "Te", "[Te-]", "", ""},
    Pattern{"", "S", "[S-]", "", ""},
    Pattern{"CC", "", "[C-]#C", "", ""},
    Pattern{"C2", "", "[C-]#C", "", ""},
    Pattern{"", "CC", "[C-]#C", "", ""},
    Pattern{"", "C2", "[C-]#C", "", ""},
    Pattern{"P", "3", "P", "", "", 3},
    Pattern{"As", "3", "[As]", "", "", 3},
    Pattern{"Sb", "3", "[Sb]", "", "", 3},
    Pattern{"", "3P", "P", "", "", 3},
    Pattern{"", "COO", "[O-]C(=O)", "", ""},
    Pattern{"", "CO2", "[O-]C(=O)", "", ""},
    Pattern{"O2C", "", "[O-]C(=O)", "", ""},
    Pattern{"CN", "", "[C-]#[N+]", "", ""},
    Pattern{"", "NC", "[C-]#[N+]", "", ""},
    Pattern{"", "CN", "N#C", "", ""},
    Pattern{"O", "", "[O-]", "", ""},
};

/// The part of `name` between `before` and `after`; nothing when it does not fit.
std::optional<std::string_view> between(std::string_view name,
                                        std::string_view before,
                                        std::string_view after) {
    if (name.size() <= before.size() + after.size() || name.substr(0, before.size()) != before ||
        name.substr(name.size() - after.size()) != after) {
        return std::nullopt;
    }
    return name.substr(before.size(), name.size() - before.size() - after.size());
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return out;
}

/// Levenshtein distance.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

Abbreviations Abbreviations::load(const std::filesystem::path& path) {
    const CsvTable table = CsvTable::load(path);
    Abbreviations made;
    for (const auto& row : table.rows()) {
        const std::string& name = table.cell(row, "name");
        const std::string& kind = table.cell(row, "kind");
        const std::string& smiles = table.cell(row, "smiles");
        const std::string key = squashed(name);
        if (key.empty()) {
            table.fail(row, "name", "is empty");
        }
        if (kind == "anion") {
            made.names_.emplace(key, NamedSpecies{NamedSpecies::Kind::EnclosedAnion, ""});
            continue;
        }
        if (kind != "ligand" && kind != "group") {
            table.fail(row, "kind", "expected ligand, group or anion, got '" + kind + "'");
        }
        try {
            const std::string canonical = canonical_smiles(smiles);
            if (kind == "group") {
                made.groups_.emplace(key, smiles);
                continue;
            }
            const auto [it, fresh] =
                made.names_.emplace(key, NamedSpecies{NamedSpecies::Kind::Ligand, canonical});
            if (!fresh && it->second.smiles != canonical) {
                table.fail(row, "name", "'" + name + "' stands twice with different ligands");
            }
            made.name_of_.emplace(canonical, name);
            made.written_.push_back(name);
        } catch (const InputError& error) {
            if (error.code() == "bad_table") {
                throw;
            }
            table.fail(row, "smiles", error.what());
        }
    }
    return made;
}

Abbreviations Abbreviations::standard() {
    return load(data_dir() / "abbreviations.csv");
}

std::optional<std::string> Abbreviations::group(std::string_view text) const {
    if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
        text = text.substr(1, text.size() - 2);
    }
    const auto it = groups_.find(std::string(text));
    if (it != groups_.end()) {
        return it->second;
    }
    // C6H4-n-X with its position written; the hyphens are gone by now.
    if (const auto rest = between(text, "C6H4", "")) {
        const char position = rest->front();
        const auto other = groups_.find(std::string(rest->substr(1)));
        if (other != groups_.end() && position >= '2' && position <= '4') {
            constexpr std::string_view kRing[] = {"c1ccccc1", "c1cccc(", "c1ccc("};
            const std::string& x = other->second;
            // Ring closures of X would clash with digit 1 of this ring: only plain X is built.
            if (x.find('1') != std::string::npos) {
                return std::nullopt;
            }
            return position == '2'   ? std::string(kRing[0]) + x
                   : position == '3' ? std::string(kRing[1]) + x + ")c1"
                                     : std::string(kRing[2]) + x + ")cc1";
        }
    }
    return std::nullopt;
}

std::optional<std::string> Abbreviations::built(const std::string& name) const {
    for (const auto& pattern : kPatterns) {
        const auto middle = between(name, pattern.before, pattern.after);
        const auto smiles = middle ? group(*middle) : std::nullopt;
        if (!smiles) {
            continue;
        }
        std::string text(pattern.smiles);
        for (int i = 0; i < pattern.repeats; ++i) {
            text += "(" + std::string(pattern.joint) + *smiles + ")";
        }
        return text;
    }
    // PR2R' and PRR'2: the split between the groups is found by trying.
    for (std::size_t cut = 2; name.size() > 2 && name[0] == 'P' && cut < name.size(); ++cut) {
        const std::string_view first = std::string_view(name).substr(1, cut - 1);
        const std::string_view second = std::string_view(name).substr(cut);
        const bool first_twice = first.back() == '2', second_twice = second.back() == '2';
        if (first_twice == second_twice) {
            continue;
        }
        const auto a = group(first_twice ? first.substr(0, first.size() - 1) : first);
        const auto b = group(second_twice ? second.substr(0, second.size() - 1) : second);
        if (a && b) {
            return "P(" + *a + ")(" + *b + ")(" + (first_twice ? *a : *b) + ")";
        }
    }
    return std::nullopt;
}

std::optional<NamedSpecies> Abbreviations::find(std::string_view name) const {
    const std::string key = squashed(name);
    const auto it = names_.find(key);
    if (it != names_.end()) {
        return it->second;
    }
    if (const auto smiles = built(key)) {
        return NamedSpecies{NamedSpecies::Kind::Ligand, canonical_smiles(*smiles)};
    }
    return std::nullopt;
}

std::optional<std::string> Abbreviations::listed_ligand(const std::string& name) const {
    if (std::find(written_.begin(), written_.end(), name) == written_.end()) {
        return std::nullopt;
    }
    return names_.at(squashed(name)).smiles;
}

std::string Abbreviations::name_of(const std::string& smiles) const {
    const auto it = name_of_.find(smiles);
    return it == name_of_.end() ? std::string() : it->second;
}

std::vector<std::string> Abbreviations::similar(std::string_view name) const {
    const std::string wanted = lower(squashed(name));
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const auto& written : written_) {
        const std::size_t distance = edit_distance(lower(squashed(written)), wanted);
        if (distance <= 1 + wanted.size() / 4) {
            near.emplace_back(distance, written);
        }
    }
    std::sort(near.begin(), near.end());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < near.size() && i < 3; ++i) {
        names.push_back(near[i].second);
    }
    return names;
}

}  // namespace cupel::chemistry
