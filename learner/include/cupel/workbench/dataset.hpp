// Reported clusters and pools as the learner's numbers: where chemistry meets the model.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>
#include <cupel/learner/catalogue.hpp>

namespace cupel::chemistry {
struct TableNotes;
}

namespace cupel::workbench {

/// Adds the core and the ligand set of a candidate; each ligand is featurised once.
/// Throws InputError("bad_smiles", "bad_candidate").
learner::Pair add_candidate(learner::Catalogue& catalogue, const Candidate& candidate);

/// One reported cluster as a row of the table.
struct DatasetRow {
    std::string id, name, source, paper;
    Candidate candidate;
    bool anions_known = true;  ///< false: none are written, which may mean that nobody looked
    std::string learning_key;
    learner::Pair pair;
    int nuclearity = 0;
};

/// A table of reported clusters (status `ok`).
struct Dataset {
    learner::Catalogue catalogue;
    std::vector<DatasetRow> rows;
    std::vector<learner::Pair> known;  ///< each pair once, in order of its first row
    std::map<std::string, std::size_t> row_of_id;
};

/// Throws InputError naming the file, line and column of a row that does not hold. With `refused`,
/// such rows are left out and told there instead, and columns that are not needed may be missing:
/// for tables of other sources (chemistry::TableOptions::refused). `notes`: what was read
/// without a word there.
Dataset load_dataset(const std::filesystem::path& table,
                     std::vector<std::string>* refused = nullptr,
                     chemistry::TableNotes* notes = nullptr);

/// One candidate of a pool file.
struct PoolEntry {
    Candidate candidate;
    std::string identity_key, learning_key;
    learner::Pair pair;
    double cost = 1.0;
    std::vector<std::string> hazards;  ///< rules it meets: the file's `flags`, else worked out
};

/// Reads a pool file (JSON lines) and adds its candidates to `catalogue`; an empty line is skipped.
/// An identity key that occurs again is the same candidate: the first stays, and `repeated` counts
/// the others. Throws InputError("bad_pool"): "file:line: problem".
std::vector<PoolEntry> load_pool(const std::filesystem::path& file,
                                 learner::Catalogue& catalogue,
                                 std::size_t* repeated = nullptr);

}  // namespace cupel::workbench
