// Families of cores and scaffolds of ligands.
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/workbench/diversity.hpp>

#include "catch.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

std::string family(Composition metals) {
    Core core;
    core.metals = std::move(metals);
    return core_family(chemistry::core_graph(core));
}
std::string scaffold(const std::string& smiles) {
    return ligand_scaffold(chemistry::atom_graph(smiles));
}

}  // namespace

TEST_CASE("cores of one family share metals and nearly the size", "[workbench]") {
    CHECK(family({{"Cu", 19}}) == family({{"Cu", 20}}));
    CHECK(family({{"Cu", 20}}) != family({{"Cu", 25}}));
    CHECK(family({{"Cu", 20}}) != family({{"Ag", 20}}));
    CHECK(family({{"Cu", 20}}) != family({{"Ag", 1}, {"Cu", 19}}));
}

TEST_CASE("ligands of one scaffold differ in side chains only", "[workbench]") {
    CHECK(scaffold("[S-]CCCC") == scaffold("[S-]C"));
    CHECK(scaffold("[S-]c1ccccc1") == scaffold("[S-]c1ccc(Cl)cc1"));
    CHECK(scaffold("[S-]c1ccccc1") == scaffold("c1ccc([S-])cc1"));  // another order of the atoms
    CHECK(scaffold("[S-]c1ccccc1") != scaffold("[S-]CCc1ccccc1"));
    CHECK(scaffold("[S-]c1ccccc1") != scaffold("[S-]C1CCCCC1"));
    CHECK(scaffold("CC(=O)[O-]") != scaffold("[S-]C"));
}
