// Divides the table of reported clusters between what the learner may know and what the virtual
// laboratory makes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>

namespace cupel::simulator {

/// How the laboratory's files are made.
struct LaboratoryOptions {
    std::uint64_t seed = 1;
    int true_pairs = 80;  ///< wanted; whole families of cores are taken until it is reached
    int decoys_per_pair = 20;
};

/// What was made.
struct LaboratoryFiles {
    std::filesystem::path train;  ///< reported clusters given to the daemon
    std::filesystem::path truth;  ///< reported clusters held back for the simulators
    std::filesystem::path pool;   ///< candidates, one JSON object a line
    int train_rows = 0;
    int truth_rows = 0;
    int true_pairs = 0;  ///< candidates of the pool that form
    int decoys = 0;      ///< candidates of the pool that are taken as not forming
};

/// Writes train.csv, truth.csv and pool.jsonl into `folder` (made when absent).
/// Rows with status `ok` are divided by core; cores that carry one ligand set and differ by at most
/// one metal atom (or one substitution) stay on one side. The pool holds each true pair that can be
/// built, and decoys: the true pairs' ligand sets on each other's cores, drawn as often as each
/// occurs, so that neither cores nor ligand sets tell by their frequency. A pair that any row of
/// the table reports is no decoy. Charges are left out of the pool. The same table and seed give
/// the same files. Throws InputError as load_reported_table does.
LaboratoryFiles make_laboratory(const std::filesystem::path& table,
                                const std::filesystem::path& folder,
                                const LaboratoryOptions& options);

/// What forms in the laboratory.
class Truth {
  public:
    /// Throws InputError for a table that cannot be read.
    static Truth load(const std::filesystem::path& path);

    const std::vector<Candidate>& clusters() const { return clusters_; }
    /// The reported cluster with the learning key of `candidate`; nothing when none is.
    const Candidate* find(const Candidate& candidate) const;
    /// Another cluster with the same core or the same ligands, `choice` picking among several;
    /// nothing when there is none.
    const Candidate* relative(const Candidate& candidate, std::uint64_t choice) const;

  private:
    std::vector<Candidate> clusters_;
    std::multimap<std::string, std::size_t> by_learning_key_, by_core_, by_ligands_;
};

}  // namespace cupel::simulator
