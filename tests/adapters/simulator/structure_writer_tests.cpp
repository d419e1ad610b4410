// Structures of the virtual laboratory: built for most of the table, fast, the same for one seed.
#include <chrono>
#include <map>
#include <sstream>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/simulator/structure_writer.hpp>

#include "catch.hpp"
#include "test_paths.hpp"

namespace {

using namespace cupel;

Candidate au25_pet18() {
    Candidate candidate;
    candidate.core.metals = {{"Au", 25}};
    candidate.ligands = {{chemistry::describe_ligand("[S-]CCc1ccccc1"), 18}};
    return candidate;
}

/// Atoms of the atom-site loop by element.
std::map<std::string, int> elements_in(const std::string& cif) {
    std::map<std::string, int> counts;
    std::istringstream lines(cif.substr(cif.find("_atom_site_occupancy")));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream cells(line);
        std::string label, symbol;
        cells >> label >> symbol;
        ++counts[symbol];
    }
    return counts;
}

}  // namespace

TEST_CASE("a CIF holds every atom of its candidate", "[simulator]") {
    const std::string cif = simulator::StructureWriter().write(au25_pet18(), 1);
    CHECK(elements_in(cif) ==
          std::map<std::string, int>{{"Au", 25}, {"S", 18}, {"C", 18 * 8}, {"H", 18 * 9}});
    CHECK(cif.find("_chemical_formula_sum") == std::string::npos);
    CHECK(cif.find("'x, y, z'") != std::string::npos);
    // Standard uncertainties on the cell and on heavy atoms.
    CHECK(cif.find("_cell_length_a") < cif.find('('));
}

TEST_CASE("the same candidate and seed give the same CIF", "[simulator]") {
    simulator::StructureWriter first;
    simulator::StructureWriter second;
    const std::string once = first.write(au25_pet18(), 5);
    CHECK(second.write(au25_pet18(), 5) == once);
    CHECK(second.write(au25_pet18(), 6) != once);
}

TEST_CASE("Au25(PET)18 is built within two seconds", "[simulator]") {
    simulator::StructureWriter writer;
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(writer.write(au25_pet18(), 3).empty());
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

TEST_CASE("what is not built is refused with its reason", "[simulator]") {
    simulator::StructureWriter writer;
    Candidate candidate = au25_pet18();
    SECTION("a ligand of several parts") {
        candidate.ligands = {{chemistry::describe_ligand("[S-]C.[S-]C"), 2}};
        CHECK_THROWS_WITH(writer.write(candidate, 1), Catch::Contains("several parts"));
    }
    SECTION("an enclosed polyatomic anion") {
        candidate.core.anions = {{"CO3", 1}};
        CHECK_THROWS_WITH(writer.write(candidate, 1), Catch::Contains("CO3 is polyatomic"));
    }
    SECTION("more ligands than any core of this size can carry") {
        candidate.core.metals = {{"Au", 2}};
        candidate.ligands = {{chemistry::describe_ligand("c1ccc(P(c2ccccc2)c2ccccc2)cc1"), 30}};
        CHECK_THROWS_WITH(writer.write(candidate, 1), Catch::Contains("do not fit"));
    }
    SECTION("no ligands") {
        candidate.ligands.clear();
        CHECK_THROWS_AS(writer.write(candidate, 1), InputError);
    }
}
