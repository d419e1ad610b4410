// Reported clusters back into CSV, and on into graphs.
#include <filesystem>
#include <map>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/reported_table.hpp>

namespace cupel::chemistry {
namespace {

std::string counted(const Composition& composition) {
    std::string text;
    for (const auto& [name, count] : composition) {
        text += (text.empty() ? "" : ";") + name + ":" + std::to_string(count);
    }
    return text;
}

std::string or_blank(const std::optional<int>& value) {
    return value ? std::to_string(*value) : std::string();
}

}  // namespace

const std::vector<std::string>& reported_table_columns() {
    static const std::vector<std::string> columns{"id",
                                                  "formula",
                                                  "charge",
                                                  "metals",
                                                  "n_metal",
                                                  "hydride_count",
                                                  "inorganic_anions",
                                                  "ligands",
                                                  "doi_or_url",
                                                  "status",
                                                  "paper"};
    return columns;
}

std::string reported_table_row(const ReportedCluster& cluster,
                               const std::vector<std::string>& columns) {
    const Candidate& candidate = cluster.candidate;
    std::string ligands;
    for (const auto& [ligand, count] : candidate.ligands) {
        ligands += (ligands.empty() ? "" : ";") + ligand.smiles + "*" + std::to_string(count);
    }
    const std::map<std::string, std::string> cells{
        {"id", cluster.id},
        {"formula", cluster.name},
        {"charge", or_blank(candidate.charge)},
        {"metals", counted(candidate.core.metals)},
        {"n_metal", std::to_string(candidate.core.nuclearity())},
        {"hydride_count", or_blank(candidate.core.hydrides)},
        {"inorganic_anions", counted(candidate.core.anions)},
        {"ligands", ligands},
        {"doi_or_url", cluster.source},
        {"status", cluster.status},
        {"paper", cluster.paper}};
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto cell = cells.find(columns[i]);
        line += (i > 0 ? "," : "") + (cell == cells.end() ? "" : csv_cell(cell->second));
    }
    return line + "\n";
}

ReportedCluster reported_cluster(const StructureReport& report) {
    ReportedCluster cluster;
    cluster.id = std::filesystem::path(report.file).stem().string();
    if (!report.block.empty() && report.block != cluster.id) {
        cluster.id += "/" + report.block;
    }
    cluster.candidate.core = report.core;
    cluster.candidate.ligands = normalised(report.ligands);
    cluster.candidate.charge = report.charge;
    cluster.name = cluster.candidate.name();
    cluster.status = "ok";
    cluster.source = report.file;
    cluster.paper = report.file;
    return cluster;
}

GraphFile graph_file_of(const std::vector<ReportedCluster>& clusters) {
    GraphFile file;
    std::map<std::string, std::size_t> cores, ligands;
    for (const auto& cluster : clusters) {
        GraphRow row;
        row.id = cluster.id;
        const auto [core, fresh] =
            cores.emplace(core_learning_key(cluster.candidate.core), file.cores.size());
        if (fresh) {
            file.cores.push_back(core_graph(cluster.candidate.core));
        }
        row.core = core->second;
        for (const auto& [ligand, count] : cluster.candidate.ligands) {
            const auto [place, unseen] = ligands.emplace(ligand.smiles, file.ligands.size());
            if (unseen) {
                file.ligands.push_back(atom_graph(ligand.smiles));
                file.fingerprints.push_back(fingerprint(ligand.smiles));
            }
            row.ligands.emplace_back(place->second, count);
        }
        file.rows.push_back(std::move(row));
    }
    return file;
}

}  // namespace cupel::chemistry
