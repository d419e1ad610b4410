// Tables and pools into the learner's catalogue.
#include <fstream>
#include <set>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/hazards.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/workbench/dataset.hpp>

namespace cupel::workbench {

learner::Pair add_candidate(learner::Catalogue& catalogue, const Candidate& candidate) {
    if (candidate.ligands.empty()) {
        throw InputError("bad_candidate",
                         candidate.name() + ": a candidate without ligands cannot be scored");
    }
    if (candidate.core.nuclearity() == 0) {
        throw InputError("bad_candidate",
                         candidate.name() + ": a candidate without metals cannot be scored");
    }
    const std::size_t core = catalogue.add_core(core_learning_key(candidate.core),
                                                chemistry::core_graph(candidate.core));
    std::vector<std::size_t> ligands;
    for (const auto& entry : candidate.ligands) {
        const std::string& smiles = entry.ligand.smiles;
        ligands.push_back(catalogue.add_ligand(
            smiles,
            catalogue.has_ligand(smiles) ? learner::LigandInput{}
                                         : learner::LigandInput{chemistry::atom_graph(smiles),
                                                                chemistry::fingerprint(smiles)}));
    }
    return {core,
            catalogue.add_set(ligand_set_learning_key(candidate.ligands), std::move(ligands))};
}

Dataset load_dataset(const std::filesystem::path& table, std::vector<std::string>* refused) {
    Dataset data;
    std::set<learner::Pair> seen;
    chemistry::TableOptions options;
    options.refused = refused;
    for (const auto& cluster : chemistry::load_reported_table(table, options)) {
        DatasetRow row;
        row.id = cluster.id;
        row.name = cluster.name;
        row.source = cluster.source;
        row.paper = cluster.paper;
        row.candidate = cluster.candidate;
        row.anions_known = cluster.anions_known;
        row.pair = add_candidate(data.catalogue, cluster.candidate);
        row.learning_key = learning_key(cluster.candidate);
        row.nuclearity = cluster.candidate.core.nuclearity();
        if (seen.insert(row.pair).second) {
            data.known.push_back(row.pair);
        }
        data.row_of_id[row.id] = data.rows.size();
        data.rows.push_back(std::move(row));
    }
    return data;
}

std::vector<PoolEntry> load_pool(const std::filesystem::path& file,
                                 learner::Catalogue& catalogue,
                                 std::size_t* repeated) {
    std::ifstream in(file);
    if (!in) {
        throw InputError(
            "bad_pool", file.string() + ": cannot read the pool; make one with `cupel pool build`");
    }
    std::vector<PoolEntry> pool;
    std::unordered_set<std::string> seen;
    std::size_t again = 0;
    chemistry::HazardLookup hazards;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        try {
            PoolEntry entry;
            entry.candidate = codec::decode_candidate(line);
            const auto json = nlohmann::json::parse(line);
            entry.cost = json.value("cost", 1.0);
            entry.hazards = json.contains("flags") ? json["flags"].get<std::vector<std::string>>()
                                                   : hazards.of(entry.candidate);
            entry.identity_key = json.contains("key") && json["key"].is_string()
                                     ? json["key"].get<std::string>()
                                     : identity_key(entry.candidate);
            if (!seen.insert(entry.identity_key).second) {
                ++again;
                continue;
            }
            entry.learning_key = learning_key(entry.candidate);
            entry.pair = add_candidate(catalogue, entry.candidate);
            pool.push_back(std::move(entry));
        } catch (const std::exception& error) {
            throw InputError("bad_pool",
                             file.string() + ":" + std::to_string(number) + ": " + error.what());
        }
    }
    if (repeated != nullptr) {
        *repeated = again;
    }
    return pool;
}

}  // namespace cupel::workbench
