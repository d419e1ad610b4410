// Which images a structure file has: listed, named, or given and not understood.
#include "analysis_support.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// One side of the ring, its symmetry told otherwise than by a list of operations.
std::string half_ring(const std::string& symmetry) {
    std::string text = cif_of(half_ring_atoms(), symmetry);
    const std::string list = "loop_\n_space_group_symop_operation_xyz\n'x,y,z'\n";
    return text.erase(text.find(list), list.size());
}

}  // namespace

TEST_CASE("symmetry makes the cluster whole and special positions count once", "[structure]") {
    const auto report = analyse(cif_of(half_ring_atoms(), "", "x,y,z;1-x,y,z"));
    CHECK(report.core.metals == Composition{{"Au", 3}});
    REQUIRE(report.ligands.size() == 1);
    CHECK(report.ligands[0].count == 3);
    CHECK(report.ligands[0].ligand.smiles == "C[S-]");
    CHECK(report.cluster_atoms == 18);
}

TEST_CASE("a space group without listed operations is looked up by its name", "[structure]") {
    const auto gold = [](const std::string& symmetry) {
        return analyse(half_ring(symmetry)).core.metals == Composition{{"Au", 3}};
    };
    CHECK(gold("_space_group_name_H-M_alt 'P m 1 1'\n"));
    CHECK(gold("_symmetry_space_group_name_H-M 'Pm11'\n"));
    CHECK(gold("_space_group_name_H-M_full P_m_1_1\n"));
    CHECK(gold("_space_group_name_H-M_full 'P m (1) 1'\n"));
    CHECK(gold("_space_group_name_Hall 'P -2x'\n"));
    CHECK(gold("_symmetry_space_group_name_Hall 'P -2x'\n_symmetry_space_group_name_H-M '?'\n"));
    CHECK(gold("_space_group.name_H-M_alt 'P m 1 1'\n"));
    // The Hall symbol knows the setting, the short name does not.
    CHECK(gold("_space_group_name_H-M_alt 'P m'\n_space_group_name_Hall 'P -2x'\n"));
    const auto numbered = analyse(half_ring("_space_group_IT_number 6\n"));
    CHECK(numbered.core.metals == Composition{{"Au", 2}});
    CHECK(any(numbered.warnings, "only its number is known: the setting P 1 m 1 was taken"));
    CHECK(any(analyse(half_ring("")).warnings, "no symmetry is given"));
}

TEST_CASE("of two origins of a space group the centre of inversion is taken, and said",
          "[structure]") {
    // Over a corner of the cell: there is a two-fold axis, which no ring of three has, or a centre.
    auto ring = moved(gold_ring(), {-10.0, -10.0, -7.5}, "");
    std::string text = cif_of(ring);
    text.replace(text.find("loop_\n_space_group_symop"),
                 text.find("loop_\n_atom_site") - text.find("loop_\n_space_group_symop"),
                 "_space_group_name_H-M_alt 'P n n n'\n");
    const auto report = analyse(text);
    CHECK(report.core.metals == Composition{{"Au", 3}});
    CHECK(any(report.warnings, "P n n n:2, was taken"));
}

TEST_CASE("symmetry that is not understood leaves no structure to judge", "[structure]") {
    // Half a cluster is another cluster.
    CHECK(refusal_of(half_ring("_space_group_name_H-M_alt 'P q 7'\n")) ==
          "bad_cell: test.cif: block test: the space group 'P q 7' is not known, and no "
          "operations are listed");
    const auto listed = [](const std::string& operations) {
        return refusal_of(cif_of(gold_ring(), "", operations));
    };
    CHECK(listed("x,y,z;1-x,y") ==
          "bad_cell: test.cif: block test: symmetry operations not understood (expected exactly "
          "two commas in triplet)");
    CHECK(listed("x,y,z;1-x,y,z;x,1-y,z") ==
          "bad_cell: test.cif: block test: symmetry operations not understood (they form no "
          "group: -x,y,z after x,-y,z is not listed)");
    CHECK(listed("x,y,z;x,y,0") ==
          "bad_cell: test.cif: block test: symmetry operations not understood ('x,y,' is no "
          "symmetry operation)");
    std::string text = cif_of(gold_ring(), "", "x,y,z;y,x,-z");
    CHECK(refusal_of(text) == "read");
    text.replace(text.find("_cell_length_b 20"), 17, "_cell_length_b 23");
    CHECK(refusal_of(text) ==
          "bad_cell: test.cif: block test: the cell has no such symmetry as 'y,x,-z'");
    const auto named =
        analyse(cif_of(half_ring_atoms(), "_space_group_name_H-M_alt 'P m 1 1'\n", "x,y,z;-x,y"));
    CHECK(named.core.metals == Composition{{"Au", 3}});
    CHECK(any(named.warnings, "the space group's name was used"));
    const auto fewer = analyse(
        cif_of(half_ring_atoms(), "_space_group_name_H-M_alt 'P m m 2'\n", "x,y,z;1-x,y,z"));
    CHECK(any(fewer.warnings, "2 symmetry operations are listed, the space group named has 4"));
}

TEST_CASE("of a list that holds the identity alone the space group's name decides", "[structure]") {
    const auto named = [](const TestAtoms& atoms, const std::string& group) {
        return analyse(cif_of(atoms, "_space_group_name_H-M_alt '" + group + "'\n"));
    };
    const auto half = named(moved(half_ring_atoms(), {10.0, 0.0, 0.0}, ""), "P m 1 1");
    CHECK(half.core.metals == Composition{{"Au", 3}});
    CHECK(any(half.warnings, "the 2 operations of the space group named were taken"));
    const auto whole = named(moved(gold_ring(), {10.0, 0.0, 0.0}, ""), "P m 1 1");
    CHECK(whole.core.metals == Composition{{"Au", 3}});
    CHECK(whole.cluster_atoms == 18);
    // Turned about its middle the ring would lie across itself.
    const auto overlapping = named(gold_ring(), "P -1");
    CHECK(overlapping.core.metals == Composition{{"Au", 3}});
    CHECK(any(overlapping.warnings, "would put atoms upon others: taken as listed"));
}

TEST_CASE("decimals in a symmetry operation are fractions", "[structure]") {
    CHECK(analyse(cif_of(half_ring_atoms(), "", "x,y,z;-x+1.0,y,z")).core.nuclearity() == 3);
    CHECK(analyse(cif_of(half_ring_atoms(),
                         "",
                         "x,y,z;1.-x,y,z;x,y,z+.3333;1-x,y,z+0.3333;"
                         "x,y,z+0.66667;1-x,y,z+.667"))
              .core.nuclearity() == 3);
}
