// Tables of reported clusters: the starter facts, and what users import in the same columns.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/graph_file.hpp>
#include <cupel/domain/verdict.hpp>

namespace cupel::chemistry {

/// One reported cluster.
struct ReportedCluster {
    std::string id;
    std::string name;  ///< formula as written in the table
    Candidate candidate;
    bool anions_known = true;  ///< false: none are written, which may mean that nobody looked
    std::string status;
    std::string source;  ///< DOI or page
    std::string paper;   ///< groups rows of one paper
    std::size_t line = 0;
};

/// What reading a table took without a word: which names stood for what, what was passed over.
struct TableNotes {
    /// Name -> SMILES, where the name could be read as a SMILES of another ligand (CO).
    std::map<std::string, std::string> names;
    std::map<std::string, std::size_t> passed_over;  ///< rows by status, which was not wanted
};

/// Statuses that train and score by default. `mixed-metal`, `coordination`, `computed`,
/// `unverified` and `generic-ligand` may be added; `superseded` and `recheck` are never returned.
/// A ligand that a `generic-ligand` row does not name ("SR") is kept as written, without donors or
/// formula: such rows can be shown, not featurised.
struct TableOptions {
    std::set<std::string> statuses{"ok"};
    /// Where set, for tables of other sources: a row that does not hold is left out and told here
    /// ("file:line: column: problem"), only `metals` and `ligands` must be there, headings may
    /// differ in case and blanks, a missing or repeated id becomes "line N", and a ligand may be
    /// written by its usual name (PET); where a name of the table of abbreviations is a SMILES too
    /// (CO), the name is meant. A halide among the ligands does not hold. @since 0.2
    std::vector<std::string>* refused = nullptr;
    TableNotes* notes = nullptr;  ///< @since 0.2
};

/// Rows with a wanted status, in file order. Columns: id, formula, charge, metals (El:n;...),
/// n_metal, hydride_count, inorganic_anions (X:n;...), ligands (SMILES*n;..., the last * counts),
/// and if present status, doi_or_url, paper; an empty cell is unknown. Rows without ligands are
/// left out where their status is not `ok`.
/// Throws InputError("bad_table"): "file:line: column: problem" for a row that does not hold.
std::vector<ReportedCluster> load_reported_table(const std::filesystem::path& path,
                                                 const TableOptions& options = {});

/// The columns such a table is written with: those that load_reported_table() reads.
const std::vector<std::string>& reported_table_columns();
/// One cluster as a line of a table with these columns, the line end included; columns of other
/// names stay empty.
std::string reported_table_row(const ReportedCluster& cluster,
                               const std::vector<std::string>& columns = reported_table_columns());

/// A structure as a reported cluster of status `ok`; id and name from the file and the formula.
ReportedCluster reported_cluster(const StructureReport& report);

/// Cores, ligands and pairs of the clusters as graphs, each core composition and each ligand once.
GraphFile graph_file_of(const std::vector<ReportedCluster>& clusters);

}  // namespace cupel::chemistry
