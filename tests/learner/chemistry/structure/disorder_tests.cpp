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
