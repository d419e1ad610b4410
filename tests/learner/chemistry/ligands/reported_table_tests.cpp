// The starter table holds, and a row that does not is refused by line and column.
#include <fstream>
#include <map>
#include <set>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::chemistry;
using Catch::Matchers::Contains;

TEST_CASE("the starter table holds as many pairs, cores and sets as its splits were drawn from",
          "[chemistry]") {
    const auto rows = load_reported_table(test::source_dir() / "learner/data/clusters.csv");
    std::set<std::string> pairs, cores, sets, identities;
    for (const auto& row : rows) {
        INFO(row.id);
        pairs.insert(learning_key(row.candidate));
        cores.insert(core_learning_key(row.candidate.core));
        sets.insert(ligand_set_learning_key(row.candidate.ligands));
        CHECK(identities.insert(identity_key(row.candidate)).second);
        CHECK(row.candidate.core.nuclearity() >= 1);
        CHECK(row.status == "ok");
        for (const auto& [ligand, count] : row.candidate.ligands) {
            CHECK_FALSE(ligand.formula.empty());
            CHECK(count >= 1);
        }
    }
    // As checked by the script that drew splits.json.
    CHECK(rows.size() == 683);
    CHECK(pairs.size() == 674);
    CHECK(cores.size() == 340);
    CHECK(sets.size() == 350);
}

TEST_CASE("further statuses are read only when asked for, and some never", "[chemistry]") {
    const auto table = test::source_dir() / "learner/data/clusters.csv";
    TableOptions all;
    all.statuses = {"ok",
                    "mixed-metal",
                    "coordination",
                    "computed",
                    "recheck",
                    "superseded",
                    "no-ligand",
                    "generic-ligand"};
    std::map<std::string, int> seen;
    for (const auto& row : load_reported_table(table, all)) {
        ++seen[row.status];
    }
    CHECK(seen["ok"] == 683);
    CHECK(seen["generic-ligand"] == 100);
    CHECK(seen["computed"] == 40);
    CHECK(seen["coordination"] == 40);
    CHECK(seen["mixed-metal"] > 150);
    CHECK(seen.count("recheck") + seen.count("superseded") + seen.count("no-ligand") == 0);
}

namespace {

std::string error_of(const std::string& row) {
    const test::TempDir folder;
    const auto path = folder.path() / "t.csv";
    std::ofstream(path) << "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,"
                           "ligands,status\nA,x,0,Au:3,3,,,CP(C)C*3,ok\n"
                        << row << "\n";
    try {
        load_reported_table(path);
    } catch (const InputError& error) {
        CHECK(error.code() == "bad_table");
        return error.what();
    }
    return "read";
}

}  // namespace

TEST_CASE("anions are known where a cell tells of them", "[chemistry]") {
    const test::TempDir folder;
    std::vector<std::string> refused;
    TableOptions lenient;
    lenient.refused = &refused;
    const auto known = [&](const std::string& text) {
        std::ofstream(folder / "t.csv") << text;
        return load_reported_table(folder / "t.csv", lenient).at(0).anions_known;
    };
    CHECK(known("metals,ligands,inorganic_anions\nAu:25,[S-]C*18,Cl:1\n"));
    CHECK_FALSE(known("metals,ligands,inorganic_anions\nAu:25,[S-]C*18,\n"));
    CHECK_FALSE(known("metals,ligands\nAu:25,[S-]C*18\n"));
}

TEST_CASE("a row that does not hold is refused by line and column", "[chemistry]") {
    CHECK(error_of("B,x,-1,Au:25,25,,,[S-]CCc1ccccc1*18,ok") == "read");
    CHECK_THAT(error_of("B,x,,Au:25,25,,,[S-]CCc1cccc*18,ok"),
               Contains("t.csv:3: ligands: ") && Contains("[S-]CCc1cccc"));
    CHECK_THAT(error_of("B,x,,Au:25,25,,,[S-]C,ok"), Contains("t.csv:3: ligands: expected"));
    CHECK_THAT(error_of("B,x,,Au:25,25,,,[S-]C*0,ok"), Contains("t.csv:3: ligands: count"));
    CHECK_THAT(error_of("B,x,,Au:25,25,,,,ok"), Contains("t.csv:3: ligands: is empty"));
    CHECK_THAT(error_of("B,x,,Au:25,24,,,[S-]C*1,ok"), Contains("t.csv:3: n_metal"));
    CHECK_THAT(error_of("B,x,,Xx:25,25,,,[S-]C*1,ok"), Contains("t.csv:3: metals"));
    CHECK_THAT(error_of("B,x,,,,,,[S-]C*1,ok"), Contains("t.csv:3: metals: is empty"));
    CHECK_THAT(error_of("B,x,two,Au:2,2,,,[S-]C*1,ok"), Contains("t.csv:3: charge"));
    CHECK_THAT(error_of("B,x,,Au:2,2,-1,,[S-]C*1,ok"), Contains("t.csv:3: hydride_count"));
    CHECK_THAT(error_of("B,x,,Au:2,2,,Cl:0,[S-]C*1,ok"), Contains("t.csv:3: inorganic_anions"));
    CHECK_THAT(error_of("B,x,,Au:2,2,,Cl,[S-]C*1,ok"), Contains("t.csv:3: inorganic_anions"));
    CHECK_THAT(error_of("A,x,,Au:2,2,,,[S-]C*1,ok"), Contains("t.csv:3: id: 'A' stands twice"));
    CHECK_THAT(error_of("B,x,,Au:2,2,,,[S-]C*1,fine"), Contains("t.csv:3: status"));
}

TEST_CASE("whole numbers may be written as pandas writes them, with a point or a sign",
          "[chemistry]") {
    const test::TempDir folder;
    std::ofstream(folder / "t.csv")
        << "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,ligands\n"
           "A,x,+2,Cu:4.0,4.0,2.0,Cl:1.00,CP(C)C*3.0\n"
           "B,x,-1.0,Cu:+4,+4,0.0,,CP(C)C*+3\n";
    const auto rows = load_reported_table(folder / "t.csv");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].candidate.charge == 2);
    CHECK(rows[0].candidate.core.nuclearity() == 4);
    CHECK(rows[0].candidate.core.hydrides == 2);
    CHECK(rows[0].candidate.core.anions.at("Cl") == 1);
    CHECK(rows[0].candidate.ligands[0].count == 3);
    CHECK(rows[1].candidate.charge == -1);
    CHECK(rows[1].candidate.core.hydrides == 0);
    for (const std::string cell : {"2.5", "2.", ".0", "+-2", "+", "2.0.0", "2e0", "1000000.0"}) {
        CHECK_THAT(error_of("B,x," + cell + ",Au:2,2,,,[S-]C*1,ok"),
                   Contains("t.csv:3: charge: expected a whole number, got '" + cell + "'"));
    }
}

TEST_CASE("a table without its columns is refused", "[chemistry]") {
    const test::TempDir folder;
    std::ofstream(folder.path() / "t.csv") << "id,formula\n";
    CHECK_THROWS_WITH(load_reported_table(folder.path() / "t.csv"),
                      Contains("has no column 'charge'"));
}

TEST_CASE("the starter data are found in the source tree", "[chemistry]") {
    CHECK(std::filesystem::exists(data_dir() / "clusters.csv"));
    CHECK(std::filesystem::exists(data_dir() / "splits.json"));
}

TEST_CASE("a table of another source is read without the columns it lacks; its bad rows are told",
          "[chemistry]") {
    const test::TempDir folder;
    const auto file = folder / "other.csv";
    std::ofstream(file) << "Metals,Ligands,Name\n"
                        << "Au:25,PET*18,first\n"
                        << "Au: 25; Ag:1,[S-]CCc1ccccc1 * 18,second\n"
                        << "Xx:3,PET*3,third\n"
                        << "Cu:3,nonsense*2,fourth\n"
                        << "Cu:4,CO*4;SCN*1;[CH3]O*1;NCO*1;N*1,fifth\n"
                        << "Cu:4,CP(C)C*4;Cl*2,sixth\n"
                        << "Cu:4,[I-]*2,seventh\n";
    std::vector<std::string> refused;
    TableOptions options;
    options.refused = &refused;
    TableNotes notes;
    options.notes = &notes;
    const auto rows = load_reported_table(file, options);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].id == "line 2");
    CHECK(rows[0].candidate.ligands[0].ligand.smiles == "[S-]CCc1ccccc1");
    CHECK(rows[0].candidate.ligands[0].count == 18);
    CHECK(rows[1].candidate.core.metals.at("Ag") == 1);
    // A listed name before its reading as a SMILES; what is no name stays a SMILES.
    std::set<std::string> smiles;
    for (const auto& entry : rows[2].candidate.ligands) {
        smiles.insert(entry.ligand.smiles);
    }
    CHECK(smiles == std::set<std::string>{"[C-]#[O+]", "N#C[S-]", "CO", "[N-]=C=O", "N"});
    CHECK(notes.names == std::map<std::string, std::string>{
                             {"CO", "[C-]#[O+]"}, {"SCN", "N#C[S-]"}, {"NCO", "[N-]=C=O"}});
    REQUIRE(refused.size() == 4);
    CHECK_THAT(refused[2],
               Contains("other.csv:7: ligands: 'Cl': halides belong into inorganic_anions"));
    CHECK_THAT(refused[3], Contains("other.csv:8: ligands: '[I-]': halides"));
    CHECK_THAT(refused[0], Contains("other.csv:4: metals: "));
    CHECK_THAT(refused[1], Contains("other.csv:5: ligands: "));
    std::ofstream(file) << "metals,formula\nAu:25,x\n";
    CHECK_THROWS_AS(load_reported_table(file, options), InputError);
}
