// Reads reported clusters strictly: a row that does not hold is refused by line and column.
#include <algorithm>
#include <cctype>
#include <map>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/reported_table.hpp>
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

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (start <= text.size() && !text.empty()) {
        const std::size_t end = std::min(text.find(separator, start), text.size());
        if (end > start) {
            parts.push_back(text.substr(start, end - start));
        }
        start = end + 1;
    }
    return parts;
}

int whole_number(const CsvTable& table,
                 const CsvRow& row,
                 const std::string& column,
                 const std::string& text) {
    const bool negative = !text.empty() && text[0] == '-';
    const std::string digits = text.substr(negative ? 1 : 0);
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
    for (const auto& part : split(table.cell(row, column), ';')) {
        const std::size_t colon = part.rfind(':');
        if (colon == std::string::npos || colon == 0) {
            table.fail(row, column, "expected NAME:count, got '" + part + "'");
        }
        composition[part.substr(0, colon)] +=
            whole_number(table, row, column, part.substr(colon + 1));
    }
    return composition;
}

/// Parsing a SMILES costs a millisecond and a table repeats its ligands: each is described once.
class LigandCache {
  public:
    const Ligand& describe(const std::string& smiles) {
        const auto it = known_.find(smiles);
        return it != known_.end() ? it->second
                                  : known_.emplace(smiles, describe_ligand(smiles)).first->second;
    }

  private:
    std::map<std::string, Ligand> known_;
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
    for (const auto& part : split(table.cell(row, "ligands"), ';')) {
        const std::size_t star = part.rfind('*');
        if (star == std::string::npos) {
            table.fail(row, "ligands", "expected SMILES*count, got '" + part + "'");
        }
        const int count = whole_number(table, row, "ligands", part.substr(star + 1));
        if (count < 1) {
            table.fail(row, "ligands", "count must be at least 1 in '" + part + "'");
        }
        try {
            set.push_back({cache.describe(part.substr(0, star)), count});
        } catch (const InputError& error) {
            if (!generic_allowed) {
                table.fail(row, "ligands", error.what());
            }
            set.push_back({generic_ligand(part.substr(0, star)), count});
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
    if (!table.cell(row, "hydride_count").empty()) {
        core.hydrides = whole_number(table, row, "hydride_count", table.cell(row, "hydride_count"));
        if (*core.hydrides < 0) {
            table.fail(row, "hydride_count", "must not be negative");
        }
    }
    if (!table.cell(row, "n_metal").empty() &&
        whole_number(table, row, "n_metal", table.cell(row, "n_metal")) != core.nuclearity()) {
        table.fail(row,
                   "n_metal",
                   "is " + table.cell(row, "n_metal") + ", the metals add up to " +
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
    cluster.id = table.cell(row, "id");
    cluster.name = table.cell(row, "formula");
    cluster.candidate.core = core(table, row);
    cluster.candidate.ligands = ligands(table, row, cache, status == "generic-ligand");
    if (!table.cell(row, "charge").empty()) {
        cluster.candidate.charge = whole_number(table, row, "charge", table.cell(row, "charge"));
    }
    cluster.source = table.has_column("doi_or_url") ? table.cell(row, "doi_or_url") : "";
    cluster.paper = table.has_column("paper") ? table.cell(row, "paper") : cluster.source;
    return cluster;
}

}  // namespace

std::vector<ReportedCluster> load_reported_table(const std::filesystem::path& path,
                                                 const TableOptions& options) {
    const CsvTable table = CsvTable::load(path);
    for (const char* name : kRequiredColumns) {
        table.column(name);
    }
    LigandCache cache;
    std::set<std::string> ids;
    std::vector<ReportedCluster> clusters;
    for (const auto& row : table.rows()) {
        const std::string status = table.has_column("status") ? table.cell(row, "status") : "ok";
        if (kStatuses.count(status) == 0) {
            table.fail(row, "status", "'" + status + "' is none of the known statuses");
        }
        const std::string& id = table.cell(row, "id");
        if (id.empty() || !ids.insert(id).second) {
            table.fail(row, "id", id.empty() ? "is empty" : "'" + id + "' stands twice");
        }
        const bool never = status == "superseded" || status == "recheck";
        const bool bare = table.cell(row, "ligands").empty();
        if (never || options.statuses.count(status) == 0 || (bare && status != "ok")) {
            continue;
        }
        if (bare) {
            table.fail(row, "ligands", "is empty");
        }
        clusters.push_back(read_cluster(table, row, cache, status));
    }
    return clusters;
}

}  // namespace cupel::chemistry
