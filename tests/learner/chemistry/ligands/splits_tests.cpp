// The fixed splits are read whole and agree with the table.
#include <fstream>
#include <set>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/chemistry/splits.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::chemistry;
using Catch::Matchers::Contains;

TEST_CASE("the fixed splits name rows of the table, each once", "[chemistry]") {
    std::map<std::string, Candidate> by_id;
    std::set<std::string> known;
    for (const auto& row : load_reported_table(data_dir() / "clusters.csv")) {
        by_id[row.id] = row.candidate;
        known.insert(learning_key(row.candidate));
    }
    const auto splits = load_splits(data_dir() / "splits.json");
    CHECK(splits.size() == 6);
    for (const auto& [name, seeds] : splits) {
        INFO(name);
        CHECK(seeds.size() == 5);
        for (const auto& split : seeds) {
            std::set<std::string> train(split.train.begin(), split.train.end());
            CHECK(train.size() == split.train.size());
            bool apart = true, negatives_unknown = true;
            for (const auto& id : split.test_positives) {
                apart = apart && train.count(id) == 0 && by_id.count(id) == 1;
            }
            for (const auto& [core, set] : split.test_negatives) {
                Candidate pair;
                pair.core = by_id.at(core).core;
                pair.ligands = by_id.at(set).ligands;
                negatives_unknown = negatives_unknown && known.count(learning_key(pair)) == 0;
            }
            CHECK(apart);
            CHECK(negatives_unknown);
            CHECK_FALSE(split.test_negatives.empty());
        }
    }
}

TEST_CASE("a core-cold split shares no core between its sides", "[chemistry]") {
    std::map<std::string, std::string> core_of;
    for (const auto& row : load_reported_table(data_dir() / "clusters.csv")) {
        core_of[row.id] = core_learning_key(row.candidate.core);
    }
    const auto splits = load_splits(data_dir() / "splits.json");
    for (const auto& split : splits.at("core-cold")) {
        std::set<std::string> cores;
        for (const auto& id : split.train) {
            cores.insert(core_of.at(id));
        }
        int shared = 0;
        for (const auto& id : split.test_positives) {
            shared += static_cast<int>(cores.count(core_of.at(id)));
        }
        CHECK(shared == 0);
    }
}

TEST_CASE("splits that cannot be read say where", "[chemistry]") {
    const test::TempDir folder;
    const auto path = folder.path() / "s.json";
    const auto error = [&](const std::string& text) -> std::string {
        std::ofstream(path) << text;
        try {
            load_splits(path);
        } catch (const InputError& e) {
            return e.what();
        }
        return "read";
    };
    const std::string good =
        R"({"status":"ok","splits":{"a":[{"seed":1,"train":["X"],"test_pos":["Y"],"relative":[0],"test_neg":[["Y","X"]]}]}})";
    CHECK(error(good) == "read");
    CHECK_THAT(error(good.substr(0, good.size() - 1)), Contains("expected '}'"));
    CHECK_THAT(error("{}"), Contains("has no 'splits'"));
    CHECK_THAT(error(""), Contains("s.json: at character 0: expected '{'"));
    CHECK_THAT(error(R"({"splits":{"a":[{"test_pos":["Y"]}]}})"), Contains("differ in length"));
    CHECK_THAT(error(R"({"splits":{"a":[{"tain":["Y"]}]}})"), Contains("unknown field 'tain'"));
    CHECK_THROWS_WITH(load_splits("/nonexistent"), Contains("cannot be read"));
}
