// Reads reported clusters strictly: a row that does not hold is refused by line and column.
#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include <cupel/chemistry/abbreviations.hpp>
#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/chemistry/smiles.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::chemistry {
namespace {

constexpr const char* kRequiredColumns[] = {
    "id", "formula", "charge", "metals", "n_metal", "hydride_count", "inorganic_anions", "ligands"};

const std::set<std::string> kStatuses{"ok",
                                      "mixed-metal",
                                      "coordination",
                                      "generic-ligand",
                                      "computed",
                                      "no-ligand",
                                      "superseded",
                                      "recheck",
                                      "unverified"};

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first == std::string::npos
               ? ""
               : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (start <= text.size() && !text.empty()) {
        const std::size_t end = std::min(text.find(separator, start), text.size());
        std::string part = trimmed(text.substr(start, end - start));
        if (!part.empty()) {
            parts.push_back(std::move(part));
        }
        start = end + 1;
    }
    return parts;
}

/// A heading without case, blanks and underscores.
std::string plain(const std::string& heading) {
    std::string result;
    for (const char c : heading) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return result;
}

/// The cell of a column, whose heading may differ in case and blanks; empty when there is none.
/// load_reported_table() has refused tables without the columns it insists on.
std::string cell_of(const CsvTable& table, const CsvRow& row, const std::string& column) {
    if (table.has_column(column)) {
        return trimmed(table.cell(row, column));
    }
    for (const auto& heading : table.columns()) {
        if (plain(heading) == plain(column)) {
            return trimmed(table.cell(row, heading));
        }
    }
    return "";
}

bool has_heading(const CsvTable& table, const std::string& column) {
    return std::any_of(table.columns().begin(), table.columns().end(), [&](const auto& heading) {
        return plain(heading) == plain(column);
    });
}

/// "4" of "4.0": pandas writes a column of whole numbers so where one of its cells is empty.
std::string without_zero_decimals(const std::string& text) {
    const std::size_t point = text.find('.');
    const bool zeros = point != std::string::npos && point + 1 < text.size() &&
                       text.find_first_not_of('0', point + 1) == std::string::npos;
    return zeros ? text.substr(0, point) : text;
}

int whole_number(const CsvTable& table,
                 const CsvRow& row,
                 const std::string& column,
                 const std::string& text) {
    const bool negative = !text.empty() && text[0] == '-';
    const bool sign = negative || (!text.empty() && text[0] == '+');
    const std::string digits = without_zero_decimals(text.substr(sign ? 1 : 0));
    const bool fine = !digits.empty() && digits.size() <= 6 &&
                      std::all_of(digits.begin(), digits.end(), [](unsigned char c) {
                          return std::isdigit(c) != 0;
                      });
    if (!fine) {
        table.fail(row, column, "expected a whole number, got '" + text + "'");
    }
    return negative ? -std::stoi(digits) : std::stoi(digits);
}

Composition counts(const CsvTable& table, const CsvRow& row, const std::string& column) {
    Composition composition;
    for (const auto& part : split(cell_of(table, row, column), ';')) {
        const std::size_t colon = part.rfind(':');
        if (colon == std::string::npos || colon == 0) {
            table.fail(row, column, "expected NAME:count, got '" + part + "'");
        }
        composition[trimmed(part.substr(0, colon))] +=
            whole_number(table, row, column, trimmed(part.substr(colon + 1)));
    }
    return composition;
}

/// Parsing a SMILES costs a millisecond and a table repeats its ligands: each is described once.
class LigandCache {
  public:
    const Ligand& describe(const std::string& text) {
        const auto it = known_.find(text);
        return it != known_.end() ? it->second
                                  : known_.emplace(text, described(text)).first->second;
    }
    /// Also take the usual name of a ligand for it. `notes`: where it is told which (null:
    /// nowhere).
    void allow_names(TableNotes* notes) {
        names_ = Abbreviations::standard();
        notes_ = notes;
    }

  private:
    Ligand described(const std::string& text) const {
        if (names_) {
            refuse_halide(text);
        }
        try {
            return names_ ? listed_or_smiles(text) : describe_ligand(text);
        } catch (const InputError&) {
            const auto named = names_ ? names_->find(text) : std::nullopt;
            if (named && named->kind == NamedSpecies::Kind::Ligand) {
                return describe_ligand(named->smiles);
            }
            throw;
        }
    }

    /// The listed name first: who writes CO beside PPh3 means carbon monoxide, not methanol.
    Ligand listed_or_smiles(const std::string& text) const {
        const auto listed = names_->listed_ligand(text);
        if (!listed) {
            return describe_ligand(text);
        }
        if (notes_ != nullptr && differs(text, *listed)) {
            notes_->names.emplace(text, *listed);
        }
        return describe_ligand(*listed);
    }

    static bool differs(const std::string& text, const std::string& canonical) {
        try {
            return canonical_smiles(text) != canonical;
        } catch (const InputError&) {
            return false;  // no SMILES: only the name can be meant
        }
    }

    /// "Cl" would be read as hydrogen chloride, and a core without its halides as another core.
    static void refuse_halide(const std::string& text) {
        static const std::set<std::string> kHalides{
            "F", "Cl", "Br", "I", "[F-]", "[Cl-]", "[Br-]", "[I-]"};
        if (kHalides.count(text) != 0) {
            throw InputError("bad_ligand",
                             "'" + text + "': halides belong into inorganic_anions, as Cl:2");
        }
    }

    std::map<std::string, Ligand> known_;
    std::optional<Abbreviations> names_;
    TableNotes* notes_ = nullptr;
};

/// A ligand the source does not name ("SR"): kept as written, without donors or formula.
Ligand generic_ligand(const std::string& text) {
    Ligand ligand;
    ligand.smiles = text;
    ligand.donor_class = "other";
    return ligand;
}

LigandSet ligands(const CsvTable& table,
                  const CsvRow& row,
                  LigandCache& cache,
                  bool generic_allowed) {
    LigandSet set;
    for (const auto& part : split(cell_of(table, row, "ligands"), ';')) {
        const std::size_t star = part.rfind('*');
        if (star == std::string::npos) {
            table.fail(row, "ligands", "expected SMILES*count, got '" + part + "'");
        }
        const int count = whole_number(table, row, "ligands", trimmed(part.substr(star + 1)));
        if (count < 1) {
            table.fail(row, "ligands", "count must be at least 1 in '" + part + "'");
        }
        try {
            set.push_back({cache.describe(trimmed(part.substr(0, star))), count});
        } catch (const InputError& error) {
            if (!generic_allowed) {
                table.fail(row, "ligands", error.what());
            }
            set.push_back({generic_ligand(trimmed(part.substr(0, star))), count});
        }
    }
    return normalised(std::move(set));
}

Core core(const CsvTable& table, const CsvRow& row) {
    Core core;
    core.metals = counts(table, row, "metals");
    if (core.metals.empty()) {
        table.fail(row, "metals", "is empty");
    }
    for (const auto& [element, count] : core.metals) {
        if (atomic_number(element) == 0 || count < 1) {
            table.fail(row, "metals", "'" + element + "' is not an element with a count");
        }
    }
    core.anions = counts(table, row, "inorganic_anions");
    for (const auto& [anion, count] : core.anions) {
        if (count < 1) {
            table.fail(row, "inorganic_anions", "count must be at least 1 for '" + anion + "'");
        }
    }
    if (!cell_of(table, row, "hydride_count").empty()) {
        core.hydrides =
            whole_number(table, row, "hydride_count", cell_of(table, row, "hydride_count"));
        if (*core.hydrides < 0) {
            table.fail(row, "hydride_count", "must not be negative");
        }
    }
    if (!cell_of(table, row, "n_metal").empty() &&
        whole_number(table, row, "n_metal", cell_of(table, row, "n_metal")) != core.nuclearity()) {
        table.fail(row,
                   "n_metal",
                   "is " + cell_of(table, row, "n_metal") + ", the metals add up to " +
                       std::to_string(core.nuclearity()));
    }
    return core;
}

ReportedCluster read_cluster(const CsvTable& table,
                             const CsvRow& row,
                             LigandCache& cache,
                             const std::string& status) {
    ReportedCluster cluster;
    cluster.line = row.line;
    cluster.status = status;
    cluster.id = cell_of(table, row, "id");
    cluster.name = cell_of(table, row, "formula");
    cluster.candidate.core = core(table, row);
    cluster.anions_known = !cell_of(table, row, "inorganic_anions").empty();
    cluster.candidate.ligands = ligands(table, row, cache, status == "generic-ligand");
    if (!cell_of(table, row, "charge").empty()) {
        cluster.candidate.charge =
            whole_number(table, row, "charge", cell_of(table, row, "charge"));
    }
    cluster.source = cell_of(table, row, "doi_or_url");
    cluster.paper = has_heading(table, "paper") ? cell_of(table, row, "paper") : cluster.source;
    return cluster;
}

/// Nothing for a row that is not wanted. `ids` are those seen so far.
std::optional<ReportedCluster> read_row(const CsvTable& table,
                                        const CsvRow& row,
                                        const TableOptions& options,
                                        LigandCache& cache,
                                        std::set<std::string>& ids) {
    std::string status = has_heading(table, "status") ? cell_of(table, row, "status") : "ok";
    if (kStatuses.count(status) == 0) {
        table.fail(row, "status", "'" + status + "' is none of the known statuses");
    }
    std::string id = cell_of(table, row, "id");
    if (id.empty() || !ids.insert(id).second) {
        if (options.refused == nullptr) {
            table.fail(row, "id", id.empty() ? "is empty" : "'" + id + "' stands twice");
        }
        id = "line " + std::to_string(row.line);
    }
    const bool never = status == "superseded" || status == "recheck";
    const bool bare = cell_of(table, row, "ligands").empty();
    if (never || options.statuses.count(status) == 0 || (bare && status != "ok")) {
        if (options.notes != nullptr) {
            ++options.notes->passed_over[status];
        }
        return std::nullopt;
    }
    if (bare) {
        table.fail(row, "ligands", "is empty");
    }
    ReportedCluster cluster = read_cluster(table, row, cache, status);
    cluster.id = id;
    return cluster;
}

}  // namespace

std::vector<ReportedCluster> load_reported_table(const std::filesystem::path& path,
                                                 const TableOptions& options) {
    const CsvTable table = CsvTable::load(path);
    const bool lenient = options.refused != nullptr;
    for (const char* name : kRequiredColumns) {
        const bool needed =
            !lenient || std::string(name) == "metals" || std::string(name) == "ligands";
        if (needed && !(lenient && has_heading(table, name))) {
            table.column(name);
        }
    }
    LigandCache cache;
    if (lenient) {
        cache.allow_names(options.notes);
    }
    std::set<std::string> ids;
    std::vector<ReportedCluster> clusters;
    for (const auto& row : table.rows()) {
        try {
            auto cluster = read_row(table, row, options, cache, ids);
            if (cluster) {
                clusters.push_back(std::move(*cluster));
            }
        } catch (const InputError& error) {
            if (!lenient) {
                throw;
            }
            options.refused->push_back(error.what());
        }
    }
    return clusters;
}

}  // namespace cupel::chemistry
