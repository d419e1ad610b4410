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

std::string reported_table_heading() {
    return "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,ligands,doi_or_url,"
           "status,paper\n";
}

std::string reported_table_row(const ReportedCluster& cluster) {
    const Candidate& candidate = cluster.candidate;
    std::string ligands;
    for (const auto& [ligand, count] : candidate.ligands) {
        ligands += (ligands.empty() ? "" : ";") + ligand.smiles + "*" + std::to_string(count);
    }
    std::string line;
    for (const auto& cell : {cluster.id,
                             cluster.name,
                             or_blank(candidate.charge),
                             counted(candidate.core.metals),
                             std::to_string(candidate.core.nuclearity()),
                             or_blank(candidate.core.hydrides),
                             counted(candidate.core.anions),
                             ligands,
                             cluster.source,
                             cluster.status,
                             cluster.paper}) {
        line += (line.empty() ? "" : ",") + csv_cell(cell);
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
