// Graph files as known clusters, without a chemistry library.
#include <cupel/domain/error.hpp>
#include <cupel/learner/graph_table.hpp>

#include "catch.hpp"
#include "toy_data.hpp"

using namespace cupel;

namespace {

GraphFile toy_file() {
    GraphFile file;
    file.cores = {test::toy_core(79, 25), test::toy_core(29, 8)};
    for (const int donor : {16, 15}) {
        const auto ligand = test::toy_ligand(donor, 3);
        file.ligands.push_back(ligand.graph);
        file.fingerprints.push_back(ligand.fingerprint);
    }
    file.rows = {{"a", 0, {{0, 18}}},
                 {"b", 0, {{0, 12}}},
                 {"c", 1, {{1, 2}, {0, 3}}},
                 {"d", 0, {{0, 3}, {1, 2}}}};
    return file;
}

}  // namespace

TEST_CASE("rows of a graph file become pairs, counts and order of ligands ignored", "[learner]") {
    const auto table = learner::known_table(toy_file());
    CHECK(table.known == std::vector<learner::Pair>{{0, 0}, {1, 1}, {0, 1}});
    CHECK(table.catalogue.sets().at(1) == std::vector<std::size_t>{0, 1});
    CHECK(table.catalogue.cores().at(1).metals == toy_file().cores[1].metals);
    CHECK(table.catalogue.ligands().at(1).fingerprint.counts == toy_file().fingerprints[1].counts);
}

TEST_CASE("a row that names what is not there is refused by its id", "[learner]") {
    GraphFile file = toy_file();
    SECTION("core") {
        file.rows[1].core = 2;
    }
    SECTION("ligand") {
        file.rows[1].ligands = {{7, 1}};
    }
    SECTION("no ligands") {
        file.rows[1].ligands.clear();
    }
    CHECK_THROWS_AS(learner::known_table(file), InputError);
}
