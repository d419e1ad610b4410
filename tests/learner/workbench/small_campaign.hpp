// A campaign small enough for tests: the first rows of the starter table as data, later ones as
// truth, and a pool of truth with decoys.
#pragma once

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <cupel/chemistry/reported_table.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/learner/learner.hpp>

#include "temp_dir.hpp"
#include "test_paths.hpp"

namespace cupel::test {

struct SmallCampaign {
    TempDir folder;
    std::vector<Candidate> pool;
    std::set<std::string> truth;

    SmallCampaign() {
        const auto table = source_dir() / "learner" / "data" / "clusters.csv";
        const auto rows = chemistry::load_reported_table(table);
        std::ifstream in(table);
        std::ofstream train(data_file());
        std::string line;
        std::getline(in, line);
        train << line << '\n';
        std::set<std::string> ids;
        for (std::size_t i = 0; i < 80; ++i) {
            ids.insert(rows[i].id);
        }
        while (std::getline(in, line)) {
            if (ids.count(line.substr(0, line.find(','))) != 0) {
                train << line << '\n';
            }
        }
        std::set<std::string> trained;
        for (std::size_t i = 0; i < 80; ++i) {
            trained.insert(learning_key(rows[i].candidate));
        }
        std::set<std::string> known;
        for (const auto& row : rows) {
            known.insert(learning_key(row.candidate));
        }
        std::ofstream truth_out(truth_file());
        std::ofstream pool_out(pool_file());
        std::set<std::string> in_pool;
        for (std::size_t i = 80; i < 100; ++i) {
            for (std::size_t j = 80; j < 100; ++j) {
                Candidate candidate = rows[i].candidate;
                candidate.ligands = rows[j].candidate.ligands;
                candidate.charge.reset();
                const std::string key = learning_key(candidate);
                const bool is_true = i == j && trained.count(key) == 0;
                if ((is_true || known.count(key) == 0) && in_pool.insert(key).second) {
                    if (is_true) {
                        truth.insert(key);
                        truth_out << key << '\n';
                    }
                    pool.push_back(candidate);
                    pool_out << codec::encode(candidate) << '\n';
                }
            }
        }
    }
    std::filesystem::path data_file() const { return folder / "train.csv"; }
    std::filesystem::path pool_file() const { return folder / "pool.jsonl"; }
    std::filesystem::path truth_file() const { return folder / "truth.txt"; }
};

inline learner::LearnerOptions small_options() {
    learner::LearnerOptions options;
    options.members = 1;
    options.epochs = 12;
    options.width = 24;
    options.embedding = 8;
    options.rectified = 8;
    options.seed = 2;
    return options;
}

}  // namespace cupel::test
