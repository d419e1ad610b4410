// Structures built from a few atoms: core, ligands, solvent, disorder, damage.
#include <algorithm>

#include "analysis_support.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

std::string code_of(const std::string& text, const std::string& name = "test.cif") {
    try {
        analyse(text, name);
    } catch (const InputError& error) {
        CHECK(std::string(error.what()).find(name + ": ") == 0);
        return error.code();
    }
    return "";
}

/// The ring with other text where one of its atoms stands.
std::string ring_with(const std::string& from, const std::string& to) {
    std::string text = cif_of(gold_ring());
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

TestAtoms chain() {
    // Silver and cyanide in turn along x, across the faces of a cell of 5.3 angstrom.
    return {{"Ag1", "Ag", {0.0, 2.5, 2.5}},
            {"C1", "C", {2.06, 2.5, 2.5}},
            {"N1", "N", {3.21, 2.5, 2.5}}};
}

}  // namespace

TEST_CASE("a cluster is taken apart into core and ligands", "[structure]") {
    const auto report = analyse(cif_of(gold_ring()));
    CHECK(report.block == "test");
    CHECK(report.core.metals == Composition{{"Au", 3}});
    CHECK(report.core.anions.empty());
    CHECK_FALSE(report.core.hydrides);
    CHECK(report.core.atoms.size() == 3);
    REQUIRE(report.ligands.size() == 1);
    CHECK(report.ligands[0].count == 3);
    CHECK(report.ligands[0].ligand.smiles == "C[S-]");
    CHECK(report.ligands[0].ligand.formula == "CH3S");
    CHECK(report.ligands[0].ligand.donor_class == "thiolate");
    CHECK_FALSE(report.charge);
    CHECK(report.other.empty());
    CHECK(report.cluster_atoms == 18);
    CHECK(report.warnings.empty());
}

TEST_CASE("a cluster is followed across the faces of the cell", "[structure]") {
    const auto report = analyse(cif_of(moved(gold_ring(), {9.8, 8.5, -10.1}, "")));
    CHECK(report.core.metals == Composition{{"Au", 3}});
    CHECK(report.ligands.at(0).count == 3);
}

TEST_CASE("names with a dot and Cartesian coordinates are read", "[structure]") {
    std::string text = cif_of(gold_ring(), "", "x,y,z", 20.0);
    for (const char* name : {"_atom_site_", "_cell_", "_space_group_symop_"}) {
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name)) {
            text[at + std::string(name).size() - 1] = '.';
        }
    }
    CHECK(analyse(text).core.metals == Composition{{"Au", 3}});
    // In a cell of one angstrom the two would be the same: here fractions lie in a cube of 2.
    std::string cartesian = cif_of(gold_ring(), "", "x,y,z", 1.0);
    for (const char* axis : {"a", "b", "c"}) {
        const auto at = cartesian.find("_cell_length_" + std::string(axis));
        cartesian.replace(cartesian.find("1.0000", at), 6, "20.000");
    }
    for (auto at = cartesian.find("fract"); at != std::string::npos; at = cartesian.find("fract")) {
        cartesian.replace(at, 5, "Cartn");
    }
    CHECK(analyse(cartesian).core.metals == Composition{{"Au", 3}});
    CHECK(analyse(cartesian).ligands.at(0).count == 3);
}

TEST_CASE("a label alone is read by the elements that are declared", "[structure]") {
    const auto read = [](const std::string& extra) {
        std::string text = cif_of(gold_ring(), extra);
        const std::string type = "_atom_site_type_symbol\n";
        text.erase(text.find(type), type.size());
        for (const char* symbol : {" Au ", " S ", " C ", " H "}) {
            for (auto at = text.find(symbol); at != std::string::npos; at = text.find(symbol)) {
                text.replace(at, std::string(symbol).size(), " ");
            }
        }
        text.replace(text.find("C1 "), 3, "CA ");
        return analyse(text);
    };
    CHECK(read("_chemical_formula_sum 'C3 H9 Au3 S3'\n").ligands.at(0).count == 3);
    CHECK(read("loop_\n_atom_type_symbol\nAu\nS\nC\nH\n").ligands.at(0).count == 3);
    CHECK(any(read("").warnings, "close contact"));  // calcium
    CHECK(any(read("_chemical_formula_sum 'C2 H9 Ca Au3 S3'\n").warnings, "close contact"));
}

TEST_CASE("solvent and counter-ions lie apart, and ions give the charge", "[structure]") {
    SECTION("solvent alone leaves the charge open") {
        const auto report = analyse(cif_of(gold_ring() + dichloromethane()));
        REQUIRE(report.other.size() == 1);
        CHECK(report.other[0].formula == "CH2Cl2");
        CHECK(report.other[0].role == "solvent");
        CHECK_FALSE(report.charge);
    }
    SECTION("an anion makes the cluster a cation") {
        const auto report =
            analyse(cif_of(gold_ring() + dichloromethane() + hexafluorophosphate()));
        REQUIRE(report.other.size() == 2);
        CHECK(report.other[1].formula == "F6P");
        CHECK(report.other[1].role == "counterion");
        CHECK(report.charge == 1);
    }
    SECTION("not where solvent was masked") {
        const auto report = analyse(
            cif_of(gold_ring() + hexafluorophosphate(), "_platon_squeeze_details 'masked'\n"));
        CHECK_FALSE(report.charge);
        CHECK(any(report.warnings, "masked"));
    }
    SECTION("sodium is a counter-ion and joins nothing") {
        const auto report =
            analyse(cif_of(gold_ring() + TestAtoms{{"Na1", "Na", {7.6, 13.9, 9.0}}}));
        CHECK(report.charge == -1);
        CHECK(report.cluster_atoms == 18);
    }
}

TEST_CASE("bare anions belong to the core, hydroxide is a ligand", "[structure]") {
    auto atoms = gold_ring() + TestAtoms{{"X1", "Cl", {10.0, 10.0, 11.95}}};
    SECTION("chloride") {
        const auto report = analyse(cif_of(atoms));
        CHECK(report.core.anions == Composition{{"Cl", 1}});
        CHECK(report.core.atoms.size() == 4);
    }
    SECTION("oxide") {
        atoms.back().element = "O";
        atoms.back().at[2] = 11.3;
        CHECK(analyse(cif_of(atoms)).core.anions == Composition{{"O", 1}});
    }
    SECTION("hydroxide") {
        atoms.back().element = "O";
        atoms.back().at[2] = 11.3;
        atoms.push_back({"H9", "H", {10.0, 10.0, 12.25}});
        const auto report = analyse(cif_of(atoms));
        CHECK(report.core.anions.empty());
        CHECK(report.ligands.size() == 2);
        CHECK(report.ligands[1].ligand.smiles == "[OH-]");
    }
    SECTION("hydride, where it was located") {
        atoms.back().element = "H";
        atoms.back().at[2] = 10.4;
        CHECK(analyse(cif_of(atoms)).core.hydrides == 1);
    }
}

TEST_CASE("the fuller alternative of a disordered group is kept and reported", "[structure]") {
    auto atoms = gold_ring();
    for (auto& atom : atoms) {
        if (atom.label == "C3" || atom.label.rfind("H3", 0) == 0) {
            atom.group = "1";
            atom.occupancy = 0.6;
        }
    }
    atoms.push_back({"C3B", "C", {10.4, 6.3, 8.6}, 0.4, "2"});
    const auto report = analyse(cif_of(atoms));
    CHECK(report.ligands.at(0).ligand.smiles == "C[S-]");
    CHECK(report.ligands.at(0).count == 3);
    REQUIRE(report.disorder.size() == 1);
    CHECK(report.disorder[0].find("C3B") != std::string::npos);
    CHECK(report.disorder[0].find("0.60 kept") != std::string::npos);
}

TEST_CASE("alternatives without groups are told apart by their occupancies", "[structure]") {
    // An ethylthiolate whose methyl lies to both sides, too far apart to clash.
    auto atoms = without(gold_ring(), "H");
    atoms.push_back({"C4", "C", {11.32, 6.02, 12.21}, 0.7});
    atoms.push_back({"C5", "C", {8.68, 6.02, 12.21}, 0.3});
    for (const bool reversed : {false, true}) {
        if (reversed) {
            std::reverse(atoms.begin(), atoms.end());
        }
        const auto report = analyse(cif_of(atoms));
        REQUIRE(report.ligands.size() == 2);
        CHECK(report.ligands[0].ligand.smiles == "CC[S-]");
        CHECK(report.ligands[0].count == 1);
        CHECK(report.ligands[1].count == 2);
        REQUIRE(report.disorder.size() == 1);
        CHECK(report.disorder[0].find("C5") != std::string::npos);
        CHECK(report.disorder[0].find("0.70 kept") != std::string::npos);
    }
    SECTION("what is there in part beside something else is no alternative") {
        std::find_if(atoms.begin(), atoms.end(), [](const TestAtom& a) {
            return a.label == "C5";
        })->occupancy = 0.6;
        CHECK(analyse(cif_of(atoms)).disorder.empty());
    }
}

TEST_CASE("metals that are missing in part are no whole atoms", "[structure]") {
    auto atoms = gold_ring();
    atoms[0].occupancy = atoms[1].occupancy = 0.5;
    const auto report = analyse(cif_of(atoms));
    REQUIRE(report.fractional_metals.size() == 1);
    CHECK(report.fractional_metals.at("Au") == Approx(2.0));
    SECTION("an atom split over two places is whole") {
        atoms[1].occupancy = 1.0;
        atoms.push_back({"Au1B", "Au", {10.0, 12.25, 10.0}, 0.5});
        const auto split = analyse(cif_of(atoms));
        CHECK(split.core.metals == Composition{{"Au", 3}});
        CHECK(split.fractional_metals.empty());
    }
    SECTION("a group without its alternative fills nothing up") {
        atoms[1].occupancy = 1.0;
        atoms[0].group = "1";
        CHECK(analyse(cif_of(atoms)).fractional_metals.at("Au") == Approx(2.5));
        atoms[0].occupancy = 0.3;
        CHECK(analyse(cif_of(atoms)).core.metals == Composition{{"Au", 2}});
        atoms.push_back({"Au1B", "Au", {10.0, 12.25, 10.0}, 0.7, "2"});
        const auto both = analyse(cif_of(atoms));
        CHECK(both.core.metals == Composition{{"Au", 3}});
        CHECK(both.fractional_metals.empty());
    }
    SECTION("halves that fall together on a symmetry element are whole") {
        auto half = half_ring_atoms();
        half[0].occupancy = 0.5;
        for (const std::string group : {".", "-1"}) {
            half[0].group = group;
            for (const double off : {0.0, 0.05}) {
                half[0].at[0] = 10.0 + off;
                const auto on_mirror = analyse(cif_of(half, "", "x,y,z;1-x,y,z"));
                CHECK(on_mirror.core.metals == Composition{{"Au", 3}});
                CHECK(on_mirror.fractional_metals.empty());
            }
        }
    }
    SECTION("all of them hardly there") {
        for (auto& atom : atoms) {
            atom.occupancy = atom.element == "Au" ? 0.1 : 1.0;
        }
        CHECK(code_of(cif_of(atoms)) == "no_metal");
    }
    SECTION("an ion that shares its place with solvent remains an ion") {
        const auto salt =
            analyse(cif_of(gold_ring() + TestAtoms{{"K1", "K", {4.0, 16.0, 3.0}, 0.6},
                                                   {"K2", "K", {16.0, 4.0, 3.0}, 0.4}}));
        CHECK(salt.charge == -1);
        CHECK(salt.fractional_metals.empty());
    }
}

TEST_CASE("atoms that are listed twice are counted once", "[structure]") {
    const auto once = gold_ring();
    const auto check = [&](const TestAtoms& atoms, const std::string& operations) {
        const auto report = analyse(cif_of(atoms, "", operations));
        CHECK(report.core.metals == Composition{{"Au", 3}});
        REQUIRE(report.ligands.size() == 1);
        CHECK(report.ligands[0].count == 3);
        CHECK(report.cluster_atoms == 18);
        CHECK(any(report.warnings, "listed more than once"));
    };
    SECTION("a whole list") {
        check(once + moved(once, {0.002, 0.0, 0.0}, "B"), "x,y,z");
    }
    SECTION("both ends of an edge") {
        const auto corner = moved(once, {-once[0].at[0], -once[0].at[1], -once[0].at[2]}, "");
        check(corner + moved({corner[0]}, {20.0, 0.0, 20.0}, "B"), "x,y,z");
    }
    SECTION("the whole beside its symmetry") {
        check(once, "x,y,z;1-x,y,z");
    }
    SECTION("halves of a molecule that lies over its image are no repetition") {
        // 2-methylpyridine about a centre of symmetry.
        for (const std::string group : {".", "1", "-1"}) {
            const TestAtoms solvent{{"N1", "N", {1.39, 0.0, 0.0}, 0.5, group},
                                    {"C1", "C", {0.70, 1.20, 0.0}, 0.5, group},
                                    {"C2", "C", {-0.70, 1.20, 0.0}, 0.5, group},
                                    {"C3", "C", {-1.39, 0.0, 0.0}, 0.5, group},
                                    {"C4", "C", {-0.70, -1.20, 0.0}, 0.5, group},
                                    {"C5", "C", {0.70, -1.20, 0.0}, 0.5, group},
                                    {"C6", "C", {1.45, 2.50, 0.0}, 0.5, group}};
            const auto report = analyse(
                cif_of(moved(once, {-5.0, -5.0, -4.0}, "") + solvent, "", "x,y,z;-x,-y,-z"));
            CHECK(report.core.metals == Composition{{"Au", 3}});
            REQUIRE(report.other.size() == 1);
            CHECK(report.other[0].formula == "C6H7N");
            CHECK_FALSE(any(report.warnings, "listed more than once"));
        }
    }
    SECTION("alternatives on one place are no repetition") {
        auto atoms = once;
        atoms[0].occupancy = 0.5;
        atoms.push_back({"Au1B", "Au", atoms[0].at, 0.5});
        const auto report = analyse(cif_of(atoms));
        CHECK(report.core.metals == Composition{{"Au", 3}});
        CHECK_FALSE(any(report.warnings, "listed more than once"));
    }
}

TEST_CASE("turned ions without groups keep one of each fluorine", "[structure]") {
    // Turned by 45 degrees about z, both axial places doubled; alternatives in no order.
    const double d = 1.6 * 0.70710678;
    auto ion = hexafluorophosphate();
    for (const auto& at : {std::array<double, 3>{16.0 + d, 16.0 + d, 16.0},
                           std::array<double, 3>{16.0 - d, 16.0 - d, 16.0},
                           std::array<double, 3>{16.0 + d, 16.0 - d, 16.0},
                           std::array<double, 3>{16.0 - d, 16.0 + d, 16.0},
                           std::array<double, 3>{16.0, 16.0, 17.61},
                           std::array<double, 3>{16.0, 16.0, 14.41}}) {
        ion.push_back({"F" + std::to_string(ion.size()), "F", at});
    }
    for (std::size_t i = 1; i < ion.size(); ++i) {
        ion[i].occupancy = 0.5;
    }
    for (const std::size_t step : {1u, 5u, 7u, 11u}) {
        TestAtoms order{ion[0]};
        for (std::size_t i = 0; i < 12; ++i) {
            order.push_back(ion[1 + i * step % 12]);
        }
        const auto report = analyse(cif_of(gold_ring() + order));
        REQUIRE(report.other.size() == 1);
        CHECK(report.other[0].formula == "F6P");
        CHECK(report.charge == 1);
    }
}

TEST_CASE("triple bonds hold where X-rays see them shorter than they are", "[structure]") {
    const auto other = [](const TestAtoms& molecule) {
        const auto report = analyse(cif_of(gold_ring() + molecule));
        REQUIRE(report.other.size() == 1);
        CHECK_FALSE(any(report.warnings, "close contact"));
        return report.other[0].formula;
    };
    CHECK(other({{"C7", "C", {3.0, 3.0, 3.0}}, {"O7", "O", {4.05, 3.0, 3.0}}}) == "CO");
    const TestAtoms methyl{{"C8", "C", {2.95, 3.0, 3.0}},
                           {"C9", "C", {1.5, 3.0, 3.0}},
                           {"H9A", "H", {1.13, 4.0, 3.0}},
                           {"H9B", "H", {1.13, 2.5, 3.87}},
                           {"H9C", "H", {1.13, 2.5, 2.13}}};
    CHECK(other(methyl + TestAtoms{{"N7", "N", {4.02, 3.0, 3.0}}}) == "C2H3N");
    CHECK(other(methyl + TestAtoms{{"C7", "C", {4.06, 3.0, 3.0}}, {"H7", "H", {5.0, 3.0, 3.0}}}) ==
          "C3H4");
}

TEST_CASE("clusters that differ in a hydrogen that was not located are equal", "[structure]") {
    auto second = moved(gold_ring(), {10.0, 10.0, 10.0}, "B");
    second.pop_back();
    for (const bool first : {true, false}) {
        const auto report = analyse(cif_of(first ? gold_ring() + second : second + gold_ring()));
        CHECK(report.cluster_atoms == 18);
        CHECK(report.other.empty());
        CHECK_FALSE(any(report.warnings, "second cluster"));
    }
}

TEST_CASE("a file that says two things of its cell, or is of another format, is told so",
          "[structure]") {
    std::string text = cif_of(gold_ring(), "_cell_length_a 21.0\n");
    CHECK(refusal_of(text) ==
          "bad_cell: test.cif: block test: _cell_length_a is given twice, as 20.0000(5) and as "
          "21.0");
    CHECK(refusal_of(cif_of(gold_ring(), "_cell_length_a 20.0000(5)\n")) == "read");
    text = "#\\#CIF_2.0\n" + cif_of(gold_ring());
    CHECK(refusal_of(text) == "read");
    text.insert(text.find("loop_"), "_note [ 1 2 3 ]\n");
    CHECK(refusal_of(text).find("this is a CIF 2 with lists") != std::string::npos);
}

TEST_CASE("missing hydrogens do not change the ligand", "[structure]") {
    const auto report = analyse(cif_of(without(gold_ring(), "H")));
    CHECK(report.ligands.at(0).ligand.smiles == "C[S-]");
    CHECK(report.ligands.at(0).count == 3);
    CHECK(report.hydrogens_missing);
    CHECK(any(report.warnings, "hydrogen atoms are missing"));
}

TEST_CASE("a stated formula that the atoms do not bear out is warned about", "[structure]") {
    CHECK(analyse(cif_of(gold_ring(), "_chemical_formula_sum 'C3 H9 Au3 S3'\n")).warnings.empty());
    const auto report = analyse(cif_of(gold_ring(), "_chemical_formula_sum 'C3 H9 Au3 S4'\n"));
    CHECK(any(report.warnings, "C3H9Au3S4, the atoms give C3H9Au3S3 (S differs)"));
}

TEST_CASE("atoms too close to each other are warned about", "[structure]") {
    const auto report = analyse(cif_of(
        gold_ring() + TestAtoms{{"C8", "C", {3.0, 3.0, 3.0}}, {"C9", "C", {3.0, 3.0, 3.8}}}));
    CHECK(any(report.warnings, "close contact: C8 and C9 are 0.80 angstrom apart"));
}

TEST_CASE("what is no cluster gives one clear code", "[structure]") {
    CHECK(code_of("") == "not_cif");
    CHECK(code_of("Dear editor,\nplease find enclosed\n") == "not_cif");
    CHECK(code_of("data_x\n_cell_length_a 5\n") == "no_atoms");
    CHECK(code_of(cif_of(dichloromethane())) == "no_metal");
    CHECK(code_of(cif_of(chain(), "", "x,y,z", 5.27)) == "polymeric");
    const std::string whole = cif_of(gold_ring());
    CHECK(code_of(whole.substr(0, whole.size() - 30)) == "truncated");
    CHECK(code_of(whole + "_publ_section_comment\n;\nThe text stops he") == "truncated");
    std::string text = whole;
    text.replace(text.find("20.0000(5)"), 10, "0");
    CHECK(code_of(text) == "bad_cell");
    text = whole;
    text.replace(text.find("_cell_angle_beta 90"), 19, "_cell_angle_beta 179");
    CHECK(code_of(text) == "bad_cell");
    text = whole;
    text.replace(text.find("_cell_angle_beta 90"), 19, "_cell_angle_beta ?");
    CHECK(code_of(text) == "bad_cell");
    CHECK(code_of("25000\n\n", "big.xyz") == "too_large");
    CHECK(code_of("100000\n\n", "bigger.xyz") == "too_large");
}

TEST_CASE("a metal atom that cannot be read leaves no structure to judge", "[structure]") {
    const std::string good = "Au1 Au 0.50000(3) 0.58250(3) 0.50000(3) 1.000";
    const auto refused = [&](const std::string& row) { return refusal_of(ring_with(good, row)); };
    CHECK(refused("Au1 Au abc48614 0.58250(3) 0.50000(3) 1.000") ==
          "bad_atom: test.cif: block test: atom Au1: 'abc48614' is no coordinate");
    CHECK(refused("Au1 Au 0.50000(3) ? 0.50000(3) 1.000") ==
          "bad_atom: test.cif: block test: atom Au1: a coordinate is missing");
    for (const char* occupancy : {"-1", "abc", "1.2"}) {
        CHECK(refused("Au1 Au 0.50000(3) 0.58250(3) 0.50000(3) " + std::string(occupancy)) ==
              "bad_atom: test.cif: block test: atom Au1: '" + std::string(occupancy) +
                  "' is no occupancy from 0 to 1");
    }
    CHECK(refused("Au1 Au 0.50000(3) 0.58250(3) 0.50000(3) ?") == "read");
}

TEST_CASE("a light atom that cannot be read is left out with a warning", "[structure]") {
    const auto placed = analyse(ring_with("H1A H 0.31000(3)", "H1A H abc"));
    CHECK(placed.core.metals == Composition{{"Au", 3}});
    CHECK(any(placed.warnings, "1 atoms were left out: atom H1A: 'abc' is no coordinate"));
    const auto counted = analyse(ring_with("S1 S 0.38225(3) 0.56800(3) 0.50000(3) 1.000",
                                           "S1 S 0.38225(3) 0.56800(3) 0.50000(3) abc"));
    CHECK(counted.ligands.at(0).count == 3);
    CHECK(
        any(counted.warnings, "1 atoms are taken as fully there: atom S1: 'abc' is no occupancy"));
}

TEST_CASE("a dummy needs no coordinates", "[structure]") {
    const auto report = analyse(cif_of(gold_ring()) + "X1 . ? ? . 1.0 .\n");
    CHECK(report.core.metals == Composition{{"Au", 3}});
    CHECK(report.warnings.empty());
}

TEST_CASE("the block with the cluster is read", "[structure]") {
    std::string solvent = cif_of(dichloromethane());
    solvent.replace(0, 9, "data_other");
    const auto report = analyse(solvent + cif_of(gold_ring()));
    CHECK(report.block == "test");
    CHECK(any(report.warnings, "2 blocks hold atoms"));
}

TEST_CASE("every block with metal is analysed, up to a limit", "[structure]") {
    const auto block = [](const std::string& name, const TestAtoms& atoms) {
        return cif_of(atoms).replace(0, std::string("data_test").size(), "data_" + name);
    };
    std::string text = block("solvent", dichloromethane());
    for (int i = 0; i < 17; ++i) {
        text += block("b" + std::to_string(i), gold_ring());
    }
    const auto blocks =
        chemistry::analyse_blocks_text(text, "many.cif", chemistry::Clusters::Largest);
    REQUIRE(blocks.size() == 17);
    CHECK(blocks[0].block == "b0");
    CHECK(blocks[15].clusters.at(0).core.metals == Composition{{"Au", 3}});
    REQUIRE(blocks[16].refused);
    CHECK(blocks[16].refused->code() == "too_large");
}

TEST_CASE("xyz and extended xyz are read", "[structure]") {
    std::string rows;
    int count = 0;
    for (const auto& atom : gold_ring()) {
        rows += atom.element;
        for (const double x : atom.at) {
            rows += " " + std::to_string(x);
        }
        rows += "\n";
        ++count;
    }
    const std::string head = std::to_string(count) + "\n";
    const auto plain = analyse(head + "energy -1.0\n" + rows, "ring.xyz");
    CHECK(plain.core.metals == Composition{{"Au", 3}});
    CHECK(plain.ligands.at(0).count == 3);
    const auto boxed = analyse(
        head + "Lattice=\"0 20 0 20 0 0 0 0 -20\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\n" +
            rows,
        "ring.extxyz");
    CHECK(boxed.core.metals == Composition{{"Au", 3}});
    CHECK(boxed.ligands.at(0).ligand.smiles == "C[S-]");
    CHECK(analyse(head + "no ending\n" + rows, "0123abcd").core.nuclearity() == 3);
    std::string numbered = rows;
    for (const auto& [symbol, number] :
         {std::pair{"Au ", "79 "}, {"S ", "16 "}, {"C ", "6 "}, {"H ", "1 "}}) {
        for (auto at = numbered.find(symbol); at != std::string::npos; at = numbered.find(symbol)) {
            numbered.replace(at, std::string(symbol).size(), number);
        }
    }
    CHECK(analyse(head + "Properties=Z:I:1:pos:R:3\n" + numbered, "ring.xyz").core.nuclearity() ==
          3);
    CHECK(code_of(head + "cut\n" + rows.substr(0, rows.size() / 2), "ring.xyz") == "truncated");
    CHECK(code_of("two\n\nAu 0 0 0\n", "ring.xyz") == "not_cif");
    CHECK(code_of("1\n\nQq 0 0 0\n", "ring.xyz") == "not_cif");
    CHECK_FALSE(any(plain.warnings, "first frame"));
    CHECK(any(analyse(head + "1\n" + rows + head + "2\n" + rows, "ring.xyz").warnings,
              "goes on after its first frame"));
}

TEST_CASE("a file that another system wrote is read", "[structure]") {
    const std::string text = cif_of(gold_ring());
    const auto finds_ring = [](const std::string& bytes) {
        return analyse(bytes).core.metals == Composition{{"Au", 3}};
    };
    CHECK(finds_ring("\xEF\xBB\xBF" + text));
    std::string returns = text;
    std::replace(returns.begin(), returns.end(), '\n', '\r');
    CHECK(finds_ring(returns));
    CHECK(finds_ring(text + std::string("\x1A\0\0", 3)));
    std::string pages = text;
    pages.insert(pages.find("loop_"), "\f\n");
    CHECK(finds_ring(pages));
    for (const bool big_endian : {false, true}) {
        std::string wide = big_endian ? "\xFE\xFF" : "\xFF\xFE";
        for (const char c : text) {
            wide += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
        }
        CHECK(finds_ring(wide));
    }
}

TEST_CASE("touching equal clusters stay apart, and that is said", "[structure]") {
    // Six rings a cell, 3.1 angstrom apart along z without end.
    constexpr double kEdge = 18.6;
    auto ring = without(without(gold_ring(), "H"), "C");
    for (auto& atom : ring) {
        atom.element = atom.element == "S" ? "Cl" : atom.element;
    }
    TestAtoms column;
    for (int i = 0; i < 6; ++i) {
        column = column + moved(ring, {0.0, 0.0, 3.1 * i}, "_" + std::to_string(i));
    }
    const auto report = analyse(cif_of(column, "", "x,y,z", kEdge));
    CHECK(report.core.formula() == "Au3Cl3");
    CHECK(any(report.warnings, "equal clusters touch"));
    // Two interlocked rings, with nothing beyond them, are one cluster.
    const auto pair = analyse(cif_of(ring + moved(ring, {0.0, 0.0, 3.1}, "_2")));
    CHECK(pair.core.formula() == "Au6Cl6");
}

TEST_CASE("a framework without its R groups is told as such", "[structure]") {
    const auto report = analyse(cif_of(without(without(gold_ring(), "H"), "C")));
    CHECK(report.core.nuclearity() == 3);
    CHECK(report.core.anions == Composition{{"S", 3}});
    CHECK(any(report.warnings, "R groups"));
}
