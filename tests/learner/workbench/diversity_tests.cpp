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

TEST_CASE("candidates of a pool are numbered by what they share", "[workbench]") {
    learner::Catalogue catalogue;
    const auto core = [&](const std::string& name, int metals) {
        CoreGraph graph;
        graph.metals = {{29, metals}};
        return catalogue.add_core(name, graph);
    };
    const auto set = [&](const std::string& smiles) {
        const std::size_t ligand = catalogue.add_ligand(
            smiles, {chemistry::atom_graph(smiles), chemistry::fingerprint(smiles)});
        return catalogue.add_set(smiles, {ligand});
    };
    const std::size_t big = core("Cu20", 20);
    const std::size_t near = core("Cu19", 19);
    const std::size_t small = core("Cu4", 4);
    const std::size_t ethyl = set("[S-]CC");
    const std::size_t propyl = set("[S-]CCC");
    const std::size_t phenyl = set("[S-]c1ccccc1");
    const auto groups = pool_groups(
        catalogue, {{big, ethyl}, {near, propyl}, {small, phenyl}, {big, ethyl}, {big, phenyl}});
    CHECK(groups.family == std::vector<std::size_t>{0, 0, 1, 0, 0});
    CHECK(groups.scaffold == std::vector<std::size_t>{0, 0, 1, 0, 1});
    CHECK(groups.pair == std::vector<std::size_t>{0, 1, 2, 0, 3});
}
