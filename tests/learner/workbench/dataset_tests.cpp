// Tables and pools as the learner's numbers.
#include <fstream>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/dataset.hpp>

#include "catch.hpp"
#include "small_campaign.hpp"

using namespace cupel;
using namespace cupel::workbench;

TEST_CASE("the starter table gives the pairs that the fixed splits count", "[workbench]") {
    const auto data = load_dataset(test::source_dir() / "learner" / "data" / "clusters.csv");
    CHECK(data.rows.size() == 683);
    CHECK(data.known.size() == 674);
}

TEST_CASE("counts, charge and stereo do not change what a pair is", "[workbench]") {
    learner::Catalogue catalogue;
    Candidate a;
    a.core.metals = {{"Au", 25}};
    a.ligands = {{{"[S-]CCc1ccccc1", "", 0, {}, "", 0}, 18}};
    Candidate b = a;
    b.charge = -1;
    b.ligands[0].count = 17;
    CHECK(add_candidate(catalogue, a) == add_candidate(catalogue, b));
    b.core.metals["Au"] = 24;
    CHECK_FALSE(add_candidate(catalogue, a) == add_candidate(catalogue, b));
    b.ligands.clear();
    CHECK_THROWS_AS(add_candidate(catalogue, b), InputError);
}

TEST_CASE("a bad pool line is named by file and line", "[workbench]") {
    const test::TempDir folder;
    const auto file = folder / "pool.jsonl";
    std::ofstream(file) << R"({"core":{"metals":{"Au":2},"anions":{},"hydrides":null},)"
                        << R"("ligands":[{"smiles":"c1ccccc1","count":1}],"charge":null})"
                        << "\n\n{nonsense\n";
    learner::Catalogue catalogue;
    try {
        load_pool(file, catalogue);
        FAIL("a bad pool was read");
    } catch (const InputError& error) {
        CHECK(error.code() == "bad_pool");
        CHECK(std::string(error.what()).find("pool.jsonl:3: ") != std::string::npos);
    }
    CHECK_THROWS_AS(load_pool(folder / "none.jsonl", catalogue), InputError);
}

TEST_CASE("a candidate that a pool names twice is kept once, as it came first", "[workbench]") {
    const test::TempDir folder;
    const auto file = folder / "pool.jsonl";
    const auto line = [](int gold, double cost) {
        return R"({"core":{"metals":{"Au":)" + std::to_string(gold) +
               R"(},"anions":{},"hydrides":null},"ligands":[{"smiles":"[S-]C","count":1}],)" +
               R"("charge":null,"cost":)" + std::to_string(cost) + "}\n";
    };
    std::ofstream(file) << line(2, 1.5) << line(3, 1.0) << line(2, 4.0) << line(2, 5.0);
    learner::Catalogue catalogue;
    std::size_t repeated = 0;
    const auto pool = load_pool(file, catalogue, &repeated);
    REQUIRE(pool.size() == 2);
    CHECK(pool[0].cost == 1.5);
    CHECK(repeated == 2);
}
