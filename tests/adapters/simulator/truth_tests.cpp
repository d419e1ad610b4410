// What the learner is given and what the laboratory keeps.
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/simulator/truth.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

namespace {

using namespace cupel;
namespace fs = std::filesystem;

fs::path table() {
    return test::source_dir() / "learner" / "data" / "clusters.csv";
}

std::vector<Candidate> pool_of(const fs::path& path) {
    std::ifstream file(path);
    std::vector<Candidate> pool;
    for (std::string line; std::getline(file, line);) {
        pool.push_back(codec::decode_candidate(line));
    }
    return pool;
}

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("no key and no core of the truth is in the learner's table", "[simulator]") {
    const test::TempDir dir;
    const auto seed = GENERATE(1u, 2u, 3u);
    const auto files = simulator::make_laboratory(table(), dir.path(), {seed, 80, 20});
    std::set<std::string> keys, cores;
    for (const auto& row : chemistry::load_reported_table(files.truth)) {
        keys.insert(learning_key(row.candidate));
        cores.insert(core_learning_key(row.candidate.core));
    }
    REQUIRE(keys.size() >= 80);
    const auto train = chemistry::load_reported_table(files.train);
    REQUIRE(train.size() >= 500);
    for (const auto& row : train) {
        CHECK(keys.count(learning_key(row.candidate)) == 0);
        CHECK(cores.count(core_learning_key(row.candidate.core)) == 0);
    }
    CHECK(files.train_rows + files.truth_rows == 683);
}

TEST_CASE("near-relatives stay on one side", "[simulator]") {
    const test::TempDir dir;
    const auto files = simulator::make_laboratory(table(), dir.path(), {1, 80, 20});
    const auto train = chemistry::load_reported_table(files.train);
    for (const auto& held : chemistry::load_reported_table(files.truth)) {
        const std::string ligands = ligand_set_learning_key(held.candidate.ligands);
        for (const auto& given : train) {
            if (ligand_set_learning_key(given.candidate.ligands) != ligands) {
                continue;
            }
            Composition all = held.candidate.core.metals;
            all.insert(given.candidate.core.metals.begin(), given.candidate.core.metals.end());
            int changes = 0;
            for (const auto& [element, unused] : all) {
                const auto count = [&, e = element](const Composition& metals) {
                    const auto found = metals.find(e);
                    return found == metals.end() ? 0 : found->second;
                };
                changes += std::abs(count(held.candidate.core.metals) -
                                    count(given.candidate.core.metals));
            }
            INFO(held.name << " and " << given.name);
            CHECK(changes > 2);
        }
    }
}

TEST_CASE("the pool holds the true pairs and degree-matched decoys", "[simulator]") {
    const test::TempDir dir;
    const auto files = simulator::make_laboratory(table(), dir.path(), {1, 80, 20});
    const auto truth = simulator::Truth::load(files.truth);
    const auto pool = pool_of(files.pool);
    CHECK(pool.size() == static_cast<std::size_t>(files.true_pairs + files.decoys));
    CHECK(files.decoys > 15 * files.true_pairs);
    std::set<std::string> keys;
    std::map<std::string, std::pair<int, int>> by_core;  // true, decoy
    int forms = 0;
    for (const auto& candidate : pool) {
        CHECK(keys.insert(learning_key(candidate)).second);
        CHECK_FALSE(candidate.charge.has_value());
        const bool is_true = truth.find(candidate) != nullptr;
        forms += is_true ? 1 : 0;
        auto& [trues, decoys] = by_core[core_learning_key(candidate.core)];
        (is_true ? trues : decoys) += 1;
    }
    CHECK(forms == files.true_pairs);
    // Each core meets decoys in proportion to its true pairs, as far as ligand sets suffice.
    for (const auto& [core, counts] : by_core) {
        CHECK(counts.first >= 1);
        CHECK(counts.second >= 8 * counts.first);
        CHECK(counts.second <= 20 * counts.first);
    }
}

TEST_CASE("the laboratory's files depend on the seed alone", "[simulator]") {
    const test::TempDir once, again, other;
    const auto first = simulator::make_laboratory(table(), once.path(), {4, 40, 10});
    const auto second = simulator::make_laboratory(table(), again.path(), {4, 40, 10});
    const auto third = simulator::make_laboratory(table(), other.path(), {5, 40, 10});
    CHECK(text_of(first.pool) == text_of(second.pool));
    CHECK(text_of(first.train) == text_of(second.train));
    CHECK(text_of(first.truth) != text_of(third.truth));
}

TEST_CASE("a missing table is named", "[simulator]") {
    const test::TempDir dir;
    CHECK_THROWS_WITH(simulator::make_laboratory(dir / "none.csv", dir.path(), {}),
                      Catch::Contains("none.csv"));
}
