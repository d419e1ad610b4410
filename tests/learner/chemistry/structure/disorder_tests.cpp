// Which alternatives of a disordered structure are kept, and what is said where none can be.
#include <algorithm>
#include <cmath>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/structure_verdict.hpp>

#include "analysis_support.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// `all` with every atom for which `wanted` holds given an occupancy and a group.
template <typename Wanted>
TestAtoms marked(TestAtoms all, Wanted wanted, double occupancy, const std::string& group) {
    for (auto& atom : all) {
        if (wanted(atom)) {
            atom.occupancy = occupancy;
            atom.group = group;
        }
    }
    return all;
}

/// Those atoms once more, moved aside, as the other alternative.
template <typename Wanted>
TestAtoms again(const TestAtoms& all,
                Wanted wanted,
                const std::array<double, 3>& by,
                double occupancy,
                const std::string& group) {
    TestAtoms copies;
    for (const auto& atom : all) {
        if (wanted(atom)) {
            copies.push_back(atom);
        }
    }
    return marked(
        moved(copies, by, "'"), [](const TestAtom&) { return true; }, occupancy, group);
}

auto labelled(const std::string& label) {
    return [label](const TestAtom& atom) { return atom.label == label; };
}

bool first_ligand(const TestAtom& atom) {
    return atom.label == "S1" || atom.label == "C1" || atom.label.rfind("H1", 0) == 0;
}

void check_whole_ring(const StructureReport& report) {
    CHECK(report.core.metals == Composition{{"Au", 3}});
    CHECK(report.fractional_metals.empty());
    REQUIRE(report.ligands.size() == 1);
    CHECK(report.ligands[0].ligand.smiles == "C[S-]");
    CHECK(report.ligands[0].count == 3);
}

}  // namespace

TEST_CASE("groups that touch exclude each other only where they cannot both be", "[structure]") {
    const auto ring = gold_ring();
    SECTION("neighbouring metals, each split by itself") {
        for (const double other : {0.9, 0.7, 0.5}) {
            auto atoms = marked(ring, labelled("Au1"), 0.6, "1");
            atoms = marked(atoms, labelled("Au2"), other, "3");
            atoms = atoms + again(ring, labelled("Au1"), {0.0, 0.6, 0.0}, 0.4, "2") +
                    again(ring, labelled("Au2"), {-0.5, -0.3, 0.0}, 1.0 - other, "4");
            const auto report = analyse(cif_of(atoms));
            check_whole_ring(report);
            CHECK(report.disorder.size() == 2);
        }
    }
    SECTION("a metal and the ligand that it binds") {
        for (const double other : {0.7, 0.5}) {
            auto atoms = marked(ring, labelled("Au1"), 0.5, "1");
            atoms = marked(atoms, first_ligand, other, "3");
            atoms = atoms + again(ring, labelled("Au1"), {0.0, 0.6, 0.0}, 0.5, "2") +
                    again(ring, first_ligand, {-0.2, 0.2, 0.25}, 1.0 - other, "4");
            check_whole_ring(analyse(cif_of(atoms)));
        }
    }
    SECTION("the same numbers with other occupancies") {
        // Gold at 0.95 with chloride at 0.3, or at 0.05 with the thiolate at 0.7: so the groups
        // say.
        auto atoms = marked(ring, labelled("Au1"), 0.95, "1");
        atoms = marked(atoms, first_ligand, 0.7, "2");
        atoms = atoms + again(ring, labelled("Au1"), {0.0, 0.6, 0.0}, 0.05, "2");
        atoms.push_back({"Cl1", "Cl", {7.745, 11.46, 10.0}, 0.3, "1"});
        const auto report = analyse(cif_of(atoms));
        check_whole_ring(report);
        CHECK(report.core.anions.empty());
    }
    SECTION("what touches and adds up to one is still one or the other") {
        auto atoms = marked(ring, first_ligand, 0.6, "1");
        atoms.push_back({"O9", "O", {8.4, 12.5, 12.2}, 0.4, "2"});  // 1.9 angstrom from C1
        const auto report = analyse(cif_of(atoms));
        check_whole_ring(report);
        CHECK(report.other.empty());
    }
}

namespace {

using Vector = std::array<double, 3>;

Vector plus(const Vector& a, const Vector& b, double times) {
    return {a[0] + times * b[0], a[1] + times * b[1], a[2] + times * b[2]};
}

/// The ring of a phenyl on S3, in the mirror of the cluster turned by `degrees` about its axis.
TestAtoms phenyl(double degrees, double occupancy, const std::string& tail) {
    const double turn = degrees * 3.14159265 / 180.0;
    const Vector along{0.0, -0.581, 0.814};
    const Vector across{std::cos(turn), 0.814 * std::sin(turn), 0.581 * std::sin(turn)};
    const Vector centre = plus({10.0, 7.28, 10.0}, along, 1.77 + 1.39);
    TestAtoms atoms;
    const auto add = [&](const std::string& element, int k, double radius) {
        const double angle = 3.14159265 * (1.0 + k / 3.0);
        const auto at =
            plus(plus(centre, along, radius * std::cos(angle)), across, radius * std::sin(angle));
        atoms.push_back({element + "7" + std::to_string(k) + tail, element, at, occupancy});
    };
    for (int k = 0; k < 6; ++k) {
        add("C", k, 1.39);
        if (k > 0) {
            add("H", k, 2.34);
        }
    }
    return atoms;
}

/// The ring of gold without what hangs on its third sulfur.
TestAtoms bare_third() {
    TestAtoms atoms;
    for (const auto& atom : gold_ring()) {
        if (atom.label != "C3" && atom.label.rfind("H3", 0) != 0) {
            atoms.push_back(atom);
        }
    }
    return atoms;
}

void check_phenyl(const StructureReport& report) {
    REQUIRE(report.ligands.size() == 2);
    CHECK(report.ligands[0].ligand.smiles == "C[S-]");
    CHECK(report.ligands[0].count == 2);
    CHECK(report.ligands[1].ligand.smiles == "[S-]c1ccccc1");
    CHECK(report.ligands[1].count == 1);
    CHECK(report.core.metals == Composition{{"Au", 3}});
    CHECK_FALSE(report.core.hydrides);
    CHECK_FALSE(report.ligands_undecided);
    CHECK_FALSE(report.hydrogens_missing);
    CHECK(report.other.empty());
}

TestAtoms alternating(const TestAtoms& first, const TestAtoms& second) {
    TestAtoms both;
    for (std::size_t i = 0; i < first.size(); ++i) {
        both.push_back(first[i]);
        both.push_back(second[i]);
    }
    return both;
}

/// BF4- or NMe4+ about `centre`, turned by `degrees` about z; the carrier first.
TestAtoms tetrahedral(const std::string& carrier,
                      const std::string& end,
                      double length,
                      const Vector& centre,
                      double degrees,
                      const std::string& tail) {
    const double turn = degrees * 3.14159265 / 180.0;
    const double d = length / std::sqrt(3.0);
    TestAtoms atoms{{carrier + "8" + tail, carrier, centre}};
    for (const auto& [x, y, z] : {Vector{d, d, d}, {d, -d, -d}, {-d, d, -d}, {-d, -d, d}}) {
        const Vector by{
            x * std::cos(turn) - y * std::sin(turn), x * std::sin(turn) + y * std::cos(turn), z};
        atoms.push_back(
            {end + "8" + std::to_string(atoms.size()) + tail, end, plus(centre, by, 1.0)});
    }
    return atoms;
}

TestAtoms at_occupancy(const TestAtoms& atoms, double occupancy, const std::string& group = ".") {
    return marked(
        atoms, [](const TestAtom&) { return true; }, occupancy, group);
}

}  // namespace

TEST_CASE("equal alternatives without groups are told apart by their bonds", "[structure]") {
    for (const double degrees : {30.0, 60.0, 75.0, 90.0}) {
        for (const double most : {0.5, 0.51}) {
            const auto first = phenyl(0.0, most, "A");
            const auto second = phenyl(degrees, 1.0 - most, "B");
            check_phenyl(analyse(cif_of(bare_third() + first + second)));
            const auto mixed = analyse(cif_of(bare_third() + alternating(second, first)));
            check_phenyl(mixed);
            REQUIRE(mixed.disorder.size() == 1);
            CHECK(mixed.disorder[0].find("6 heavy atoms") != std::string::npos);
        }
    }
    SECTION("three of them") {
        for (const double most : {0.4, 0.34}) {
            const double less = (1.0 - most) / 2.0;
            check_phenyl(analyse(cif_of(bare_third() + phenyl(0.0, less, "") +
                                        phenyl(60.0, most, "") + phenyl(120.0, less, ""))));
        }
    }
    SECTION("ions, of which each counts") {
        TestAtoms ions;
        for (const Vector& at : {Vector{3.0, 3.0, 3.0}, {3.0, 3.0, 13.0}}) {
            const auto tail = std::to_string(static_cast<int>(at[2]));
            ions = ions + tetrahedral("B", "F", 1.38, at, 0.0, tail) +
                   tetrahedral("B", "F", 1.38, plus(at, {0.3, 0.2, 0.0}, 1.0), 40.0, tail + "B");
        }
        const auto report = analyse(cif_of(gold_ring() + at_occupancy(ions, 0.5)));
        CHECK(report.charge == 2);
        REQUIRE(report.other.size() == 1);
        CHECK(report.other[0].count == 2);
    }
}

TEST_CASE("alternatives that cannot be told apart leave open what hangs on them", "[structure]") {
    auto rest = phenyl(75.0, 0.5, "B");
    rest.erase(std::find_if(rest.begin(), rest.end(), labelled("C73B")));
    const auto messy = phenyl(0.0, 0.5, "A") + rest;
    SECTION("in the cluster") {
        const auto report = analyse(cif_of(bare_third() + messy + hexafluorophosphate()));
        CHECK(report.ligands_undecided);
        CHECK_FALSE(report.core.hydrides);
        CHECK_FALSE(report.charge);
        CHECK(any(report.disorder, "undecided"));
        Candidate target;
        target.core.metals = {{"Au", 3}};
        target.ligands = {{chemistry::describe_ligand("C[S-]"), 2},
                          {chemistry::describe_ligand("[S-]c1ccccc1"), 1}};
        const auto verdict =
            chemistry::judge_structure(report, target, chemistry::Abbreviations::standard());
        CHECK(verdict.confirmed);
        for (const char* field : {"ligands", "ligand_counts"}) {
            CHECK(std::count(verdict.unchecked.begin(), verdict.unchecked.end(), field) == 1);
        }
    }
    SECTION("in the cluster, where the other ligands differ from the target's all the same") {
        const auto report = analyse(cif_of(bare_third() + messy));
        REQUIRE(report.ligands.size() == 1);
        CHECK(report.ligands[0].ligand.smiles == "C[S-]");
        CHECK(report.ligands[0].count == 2);
        Candidate target;
        target.core.metals = {{"Au", 3}};
        target.ligands = {{chemistry::describe_ligand("CC[S-]"), 2},
                          {chemistry::describe_ligand("[S-]c1ccccc1"), 1}};
        const auto names = chemistry::Abbreviations::standard();
        CHECK_FALSE(chemistry::judge_structure(report, target, names).confirmed);
        target.ligands = {{chemistry::describe_ligand("C[S-]"), 1},
                          {chemistry::describe_ligand("[S-]c1ccccc1"), 2}};
        CHECK_FALSE(chemistry::judge_structure(report, target, names).confirmed);
    }
    SECTION("beside it") {
        const auto report = analyse(
            cif_of(gold_ring() + hexafluorophosphate() + moved(messy, {-6.0, -6.0, -6.0}, "")));
        check_whole_ring(report);
        CHECK_FALSE(report.ligands_undecided);
        CHECK_FALSE(report.charge);
        CHECK(any(report.disorder, "undecided"));
    }
}

TEST_CASE("a short triple bond that is there half of the time holds", "[structure]") {
    const TestAtoms acetonitrile{
        {"N7", "N", {4.02, 3.0, 3.0}}, {"C8", "C", {2.95, 3.0, 3.0}}, {"C9", "C", {1.5, 3.0, 3.0}}};
    const auto report = analyse(cif_of(gold_ring() + at_occupancy(acetonitrile, 0.5)));
    REQUIRE(report.other.size() == 1);
    CHECK(report.other[0].formula == "C2H3N");
    CHECK(report.disorder.empty());
}

TEST_CASE("a molecule on a symmetry element is not bonded to its own image", "[structure]") {
    SECTION("a ring whose axis lies in a mirror") {
        for (const double degrees : {20.0, 35.0, 45.0, 60.0}) {
            for (const std::string group : {".", "-1"}) {
                TestAtoms half;
                for (const auto& atom : half_ring_atoms()) {
                    if (atom.label != "C3" && atom.label.rfind("H3", 0) != 0) {
                        half.push_back(atom);
                    }
                }
                const auto off = [](const TestAtom& a) { return std::abs(a.at[0] - 10.0) > 0.01; };
                const auto ring = marked(phenyl(degrees, 1.0, ""), off, 0.5, group);
                check_phenyl(analyse(cif_of(half + ring, "", "x,y,z;1-x,y,z")));
            }
        }
    }
    const auto on_centre = [](const TestAtoms& ion) {
        return analyse(
            cif_of(moved(gold_ring(), {-5.0, -5.0, -4.0}, "") + ion, "", "x,y,z;-x,-y,-z"));
    };
    SECTION("an anion about a centre of symmetry") {
        for (const double boron : {0.5, 1.0}) {
            auto ion = at_occupancy(tetrahedral("B", "F", 1.38, {}, 20.0, ""), 0.5, "-1");
            ion[0].occupancy = boron;
            const auto report = on_centre(ion);
            REQUIRE(report.other.size() == 1);
            CHECK(report.other[0].formula == "BF4");
            CHECK_FALSE(report.ligands_undecided);
        }
    }
    SECTION("methyls about a centre of symmetry") {
        for (const std::string group : {".", "-1"}) {
            auto ion = at_occupancy(tetrahedral("N", "C", 1.5, {}, 25.0, ""), 0.5, group);
            ion[0].occupancy = 1.0;
            const auto report = on_centre(ion);
            REQUIRE(report.other.size() == 1);
            CHECK(report.other[0].formula == "C4H12N");
        }
    }
}

TEST_CASE("a split metal is there as often as its places together", "[structure]") {
    for (const bool grouped : {false, true}) {
        const std::string first = grouped ? "1" : ".";
        const std::string second = grouped ? "2" : ".";
        const auto split = [&](double occupancy, double other, double by) {
            auto atoms = marked(gold_ring(), labelled("Au1"), occupancy, first);
            return analyse(
                cif_of(atoms + again(gold_ring(), labelled("Au1"), {0.0, by, 0.0}, other, second)));
        };
        CHECK(split(0.2, 0.2, 0.5).fractional_metals.at("Au") == Approx(2.4));
        CHECK(split(0.4, 0.3, 0.5).fractional_metals.at("Au") == Approx(2.7));
        check_whole_ring(split(0.5, 0.5, 0.5));
        // No gold is so near to another.
        const auto far = split(0.5, 0.5, 2.2);
        CHECK(far.core.metals == Composition{{"Au", 3}});
        CHECK(far.fractional_metals.empty());
    }
    SECTION("what overlaps with a full atom is told") {
        auto atoms = gold_ring() + again(gold_ring(), labelled("Au1"), {0.0, 0.5, 0.0}, 0.05, ".");
        const auto report = analyse(cif_of(atoms));
        check_whole_ring(report);
        CHECK(any(report.disorder, "Au1' (occupancy 0.05) left out"));
    }
}

TEST_CASE("two metals up to an angstrom apart share one site", "[structure]") {
    for (const double by : {0.3, 0.45, 0.7}) {
        for (const bool grouped : {false, true}) {
            auto atoms = marked(gold_ring(), labelled("Au1"), 0.6, grouped ? "1" : ".");
            auto silver = again(gold_ring(), labelled("Au1"), {0.0, by, 0.0}, 0.4, "2");
            silver[0].element = "Ag";
            silver[0].group = grouped ? "2" : ".";
            const auto report = analyse(cif_of(atoms + silver));
            REQUIRE(report.fractional_metals.size() == 2);
            CHECK(report.fractional_metals.at("Ag") == Approx(0.4));
            CHECK(report.core.nuclearity() == 3);
        }
    }
}
