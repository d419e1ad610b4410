// What a row can say is added once; what it cannot is counted apart, with its reason.
#include "pool_import.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/domain/error.hpp>

#include "whole_file.hpp"

namespace cupel::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct ImportOptions {
    std::vector<std::string> files;
    std::string into;
    bool json = false;
};

/// Every status that load_reported_table() may return.
chemistry::TableOptions every_status() {
    chemistry::TableOptions options;
    options.statuses = {
        "ok", "mixed-metal", "coordination", "computed", "generic-ligand", "unverified"};
    return options;
}

/// What the files of an import hold.
struct Harvest {
    std::vector<std::pair<std::string, chemistry::ReportedCluster>> clusters;  ///< file, cluster
    std::vector<std::string> left_out;  ///< no row can be written: where and why
    std::vector<std::string> warnings;
};

/// Why a row of a table cannot say what the structure shows; empty where it can.
std::string no_row(const StructureReport& report) {
    if (report.ligands_undecided) {
        return "some of its ligands are disordered and could not be told apart";
    }
    const bool described =
        std::none_of(report.ligands.begin(), report.ligands.end(), [](const LigandCount& entry) {
            return entry.ligand.smiles.empty();
        });
    if (report.ligands.empty() || !described) {
        return std::string(described ? "no ligands in the structure"
                                     : "a ligand without a Lewis structure") +
               "; a table of clusters needs them";
    }
    std::string average;
    for (const auto* amounts :
         {&report.fractional_metals, &report.fractional_anions, &report.fractional_ligands}) {
        for (const auto& [what, amount] : *amounts) {
            char text[48];
            std::snprintf(text, sizeof text, "%s %.2f", what.c_str(), amount);
            average += (average.empty() ? "" : ", ") + std::string(text);
        }
    }
    return average.empty() ? ""
                           : "it is known only on average (" + average +
                                 "); a table of clusters needs whole numbers";
}

void gather_structures(const std::string& file, Harvest& harvest) {
    for (const auto& block : chemistry::analyse_blocks(file, chemistry::Clusters::Largest)) {
        const std::string where =
            file + (block.block.empty() ? "" : " (block " + block.block + ")");
        if (block.refused) {
            harvest.left_out.push_back(std::string("left out: ") + block.refused->what());
        }
        for (const auto& report : block.clusters) {
            for (const auto& warning : report.warnings) {
                harvest.warnings.push_back(where + ": warning: " + warning);
            }
            const std::string problem = no_row(report);
            if (problem.empty()) {
                harvest.clusters.emplace_back(file, chemistry::reported_cluster(report));
            } else {
                harvest.left_out.push_back(where + ": left out: " + problem);
            }
        }
    }
}

/// Tables and structures.
Harvest gather(const std::vector<std::string>& files) {
    Harvest harvest;
    for (const auto& file : files) {
        const std::string ending = fs::path(file).extension().string();
        if (ending == ".cif" || ending == ".xyz" || ending == ".extxyz") {
            gather_structures(file, harvest);
            continue;
        }
        for (auto& cluster : chemistry::load_reported_table(file, every_status())) {
            harvest.clusters.emplace_back(file, std::move(cluster));
        }
    }
    return harvest;
}

void tell(const Harvest& harvest) {
    for (const auto* lines : {&harvest.warnings, &harvest.left_out}) {
        for (const auto& line : *lines) {
            std::cerr << "cupel: " << line << "\n";
        }
    }
}

void print_import_summary(const ImportOptions& options,
                          const Harvest& harvest,
                          std::size_t added,
                          std::size_t known) {
    if (options.json) {
        const Json summary{{"table", options.into},
                           {"added", added},
                           {"known", known},
                           {"left_out", harvest.left_out},
                           {"warnings", harvest.warnings}};
        std::cout << summary.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
        return;
    }
    std::cout << options.into << ": " << added << " clusters added, " << known << " known already";
    if (!harvest.left_out.empty()) {
        std::cout << ", " << harvest.left_out.size() << " left out";
    }
    std::cout << "\n";
}

void import_files(const ImportOptions& options) {
    std::vector<std::string> columns = chemistry::reported_table_columns();
    std::set<std::string> ids, identities;
    std::string text;
    if (fs::exists(options.into)) {
        const auto table = chemistry::CsvTable::load(options.into);
        columns = table.columns();
        for (const auto& row : table.rows()) {
            ids.insert(table.cell(row, "id"));
        }
        for (const auto& row : chemistry::load_reported_table(options.into, every_status())) {
            identities.insert(identity_key(row.candidate));
        }
        std::ifstream in(options.into, std::ios::binary);
        text.assign(std::istreambuf_iterator<char>(in), {});
        text += !text.empty() && text.back() != '\n' ? "\n" : "";
    } else {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            text += (i > 0 ? "," : "") + columns[i];
        }
        text += "\n";
    }
    Harvest harvest = gather(options.files);
    std::size_t added = 0, known = 0;
    for (auto& [file, cluster] : harvest.clusters) {
        if (!identities.insert(identity_key(cluster.candidate)).second) {
            ++known;
            continue;
        }
        // Two tables may number their rows alike: the second gets its file's name in front.
        if (!ids.insert(cluster.id).second) {
            cluster.id = fs::path(file).stem().string() + "/" + cluster.id;
            if (!ids.insert(cluster.id).second) {
                throw InputError("bad_table",
                                 file + ":" + std::to_string(cluster.line) + ": id: '" +
                                     cluster.id + "' stands in " + options.into + " already");
            }
        }
        text += chemistry::reported_table_row(cluster, columns);
        ++added;
    }
    tell(harvest);
    if (harvest.clusters.empty() && !harvest.left_out.empty()) {
        throw InputError("nothing_to_import", "none of the clusters can be written as a row");
    }
    write_whole(options.into, text);
    print_import_summary(options, harvest, added, known);
}

}  // namespace

void add_pool_import(CLI::App& pool) {
    auto options = std::make_shared<ImportOptions>();
    auto* command =
        pool.add_subcommand("import", "check tables and structures of clusters and join them");
    command->add_option("files", options->files, "tables (CSV) and structures (CIF, xyz)")
        ->required();
    command->add_option("--into", options->into, "table to extend, or to make")->required();
    command->add_flag("--json", options->json, "summary as JSON");
    command->footer("example: cupel pool import ours.csv crystal.cif --into clusters.csv");
    command->callback([options] { import_files(*options); });
}

}  // namespace cupel::cli
