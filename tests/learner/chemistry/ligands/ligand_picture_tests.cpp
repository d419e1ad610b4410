// Drawings with colours by weight.
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/ligand_picture.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"

using namespace cupel;
using namespace cupel::chemistry;

TEST_CASE("ligands are drawn side by side in one picture, the same bytes each time", "[picture]") {
    const std::vector<WeightedLigand> two{{"[S-]CC", {1.0, 0.0, -0.5}, "for and against"},
                                          {"CP(C)C", {0.1, 0.2, 0.3, 0.4}, ""}};
    const std::string svg = ligand_picture(two);
    CHECK(svg.find("<svg") != std::string::npos);
    CHECK(svg.find("</svg>") != std::string::npos);
    CHECK(svg.find("640px") != std::string::npos);
    CHECK(svg == ligand_picture(two));
    auto other = two;
    other[0].weights[0] = -1.0;
    CHECK(ligand_picture(other) != svg);
}

TEST_CASE("weights that do not fit the ligand are refused", "[picture]") {
    CHECK_THROWS_WITH(ligand_picture({{"[S-]CC", {1.0}, ""}}),
                      Catch::Contains("has 3 atoms, got 1 weights"));
    CHECK_THROWS_AS(ligand_picture({{"C1CC(", {1.0}, ""}}), InputError);
    CHECK_THROWS_AS(ligand_picture({}), InputError);
}

TEST_CASE("hiding an atom hides what surrounds it and nothing else", "[picture]") {
    const auto whole = fingerprint("[S-]CCc1ccccc1");
    const auto hidden = occluded_fingerprints("[S-]CCc1ccccc1");
    REQUIRE(hidden.size() == 9);
    int all = 0;
    for (const auto& [bit, count] : whole.counts) {
        all += count;
    }
    for (const auto& print : hidden) {
        int left = 0;
        for (const auto& [bit, count] : print.counts) {
            left += count;
        }
        CHECK(left < all);
        CHECK(left > 0);
    }
    // The sulphur's end does not see the far side of the ring.
    CHECK(hidden[0].counts != hidden[6].counts);
    CHECK_THROWS_AS(occluded_fingerprints("C1CC("), InputError);
}
