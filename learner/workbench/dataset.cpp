// Tables and pools into the learner's catalogue.
#include <set>
#include <utility>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/hazards.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/codec/pool_file.hpp>
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

Dataset load_dataset(const std::filesystem::path& table,
                     std::vector<std::string>* refused,
                     chemistry::TableNotes* notes) {
    Dataset data;
    std::set<learner::Pair> seen;
    chemistry::TableOptions options;
    options.refused = refused;
    options.notes = notes;
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
    std::vector<PoolEntry> pool;
    chemistry::HazardLookup hazards;
    const std::size_t again = codec::read_pool_file(file, [&](codec::PoolLine line) {
        PoolEntry entry;
        entry.hazards = line.flags ? std::move(*line.flags) : hazards.of(line.candidate);
        entry.candidate = std::move(line.candidate);
        entry.identity_key = std::move(line.key);
        entry.cost = line.cost;
        entry.learning_key = learning_key(entry.candidate);
        entry.pair = add_candidate(catalogue, entry.candidate);
        pool.push_back(std::move(entry));
    });
    if (repeated != nullptr) {
        *repeated = again;
    }
    return pool;
}

}  // namespace cupel::workbench
