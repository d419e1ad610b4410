// Atoms that share a place or are not always there: counted as far as that can be, else told on
// average.
#include <map>

#include "analysis_support.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::test;

TEST_CASE("a site shared by two metals stays fractional", "[structure]") {
    auto atoms = gold_ring();
    atoms[0].occupancy = 0.7;
    atoms.push_back({"Ag1", "Ag", atoms[0].at, 0.3});
    const auto report = analyse(cif_of(atoms));
    REQUIRE(report.fractional_metals.size() == 2);
    CHECK(report.fractional_metals.at("Au") == Approx(2.7));
    CHECK(report.fractional_metals.at("Ag") == Approx(0.3));
    CHECK(any(report.disorder, "Au 0.70, Ag 0.30"));
    CHECK(any(report.warnings, "metals share sites"));
    CHECK(report.core.nuclearity() == 3);
}

TEST_CASE("metals share a site in whichever image they are listed", "[structure]") {
    auto atoms = gold_ring();
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
        atoms[i].occupancy = 0.5;
        atoms.push_back({"Ag" + std::to_string(i), "Ag", atoms[i].at, 0.5});
    }
    const auto check = [&](const std::string& operations) {
        const auto report = analyse(cif_of(atoms, "", operations));
        CHECK(report.core.nuclearity() == 3);
        // One silver in the mean over two sites is no silver atom on either.
        REQUIRE(report.fractional_metals.size() == 2);
        CHECK(report.fractional_metals.at("Ag") == Approx(1.0));
        CHECK(any(report.warnings, "metals share sites"));
    };
    check("x,y,z");
    atoms.back().at[1] += 20.0;
    check("x,y,z");
    atoms.back().at = {20.0 - atoms.back().at[0], 20.0 - atoms.back().at[1], 30.0};
    atoms = moved(atoms, {0.0, 0.0, 5.0}, "");  // the centre at the origin is beside the ring
    atoms.back().at[2] = -15.0;
    check("x,y,z;-x,-y,-z");
}

TEST_CASE("a partly occupied metal is warned about", "[structure]") {
    auto atoms = gold_ring();
    atoms[0].occupancy = 0.8;
    const auto report = analyse(cif_of(atoms));
    CHECK(report.core.metals == Composition{{"Au", 3}});
    CHECK(any(report.warnings, "partial occupancy in the core"));
    CHECK(report.fractional_metals.at("Au") == Approx(2.8));
}

TEST_CASE("anions that are not always there are told on average", "[structure]") {
    auto atoms = gold_ring() + TestAtoms{{"Cl1", "Cl", {10.0, 10.0, 11.95}, 0.6}};
    const auto mostly = analyse(cif_of(atoms));
    CHECK(mostly.core.anions == Composition{{"Cl", 1}});
    CHECK(mostly.fractional_anions == std::map<std::string, double>{{"Cl", 0.6}});
    CHECK(any(mostly.warnings, "partial occupancy beside the metals: 1 atoms, Cl1 at 0.60"));
    atoms.back().occupancy = 0.4;
    const auto rarely = analyse(cif_of(atoms));
    CHECK(rarely.core.anions.empty());
    CHECK(rarely.fractional_anions == std::map<std::string, double>{{"Cl", 0.4}});
    CHECK(any(rarely.disorder, "Cl (occupancy 0.40) left out"));
    atoms.back().occupancy = 1.0;
    const auto always = analyse(cif_of(atoms));
    CHECK(always.warnings.empty());
    CHECK(always.fractional_anions.empty());
}

TEST_CASE("ligands that are not always there are told on average", "[structure]") {
    auto atoms = gold_ring();
    const auto set = [&](double occupancy) {
        for (auto& atom : atoms) {
            const bool third = atom.label == "S3" || atom.label == "C3" || atom.label[1] == '3';
            atom.occupancy = third && atom.element != "Au" ? occupancy : 1.0;
        }
        return analyse(cif_of(atoms));
    };
    const auto mostly = set(0.6);
    CHECK(mostly.ligands.at(0).count == 3);
    CHECK(mostly.fractional_ligands.at("CH3S") == Approx(2.6));
    const auto rarely = set(0.3);
    CHECK(rarely.ligands.at(0).count == 2);
    CHECK(rarely.fractional_ligands.at("CH3S") == Approx(2.3));
    CHECK(any(rarely.disorder, "a ligand of 2 heavy atoms (occupancy 0.30) left out"));
    CHECK(set(1.0).fractional_ligands.empty());
}

TEST_CASE("hydrides count by their occupancy", "[structure]") {
    const auto with = [](double first, double second) {
        return analyse(cif_of(gold_ring() + TestAtoms{{"H8", "H", {10.0, 10.0, 10.8}, first},
                                                      {"H9", "H", {10.0, 10.0, 9.2}, second}}));
    };
    CHECK(with(1.0, 1.0).core.hydrides == 2);
    const auto one = with(0.5, 0.5);
    CHECK(one.core.hydrides == 1);
    CHECK(any(one.warnings, "hydrides are partly occupied: 1.00 on 2 places"));
    const auto open = with(0.5, 0.2);
    CHECK_FALSE(open.core.hydrides);
    CHECK(any(open.warnings, "0.70 on 2 places; they count as not determined"));
}

TEST_CASE("what a file says of special positions decides how their occupancy is read",
          "[structure]") {
    // Half a chloride about a centre of symmetry: all of it, or every other.
    auto atoms = moved(gold_ring(), {-5.0, -5.0, -4.0}, "");
    atoms.push_back({"Cl1", "Cl", {0.0, 0.0, 0.0}, 0.5});
    std::string text = cif_of(atoms, "", "x,y,z;-x,-y,-z");
    CHECK(analyse(text).charge == std::nullopt);  // half a chloride for a cluster
    text = cif_of(atoms + moved({atoms.back()}, {10.0, 0.0, 0.0}, "B"), "", "x,y,z;-x,-y,-z");
    CHECK(analyse(text).charge == 1);
    std::string orders = text;
    orders.replace(orders.find("_atom_site_disorder_group"),
                   25,
                   "_atom_site_disorder_group\n_atom_site_site_symmetry_order");
    const auto rows = orders.find("Au1 ");
    std::string told = orders.substr(0, rows);
    for (std::size_t at = rows; at < orders.size();) {
        const auto end = orders.find('\n', at);
        const std::string row = orders.substr(at, end - at);
        told += row + (row.find("Cl1") == 0 ? " 2\n" : " 1\n");
        at = end + 1;
    }
    CHECK(analyse(told).charge == std::nullopt);  // a quarter of them is there
}
