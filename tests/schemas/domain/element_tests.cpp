// The periodic table and formulas.
#include <cupel/domain/element.hpp>

#include "catch.hpp"

using namespace cupel;

TEST_CASE("symbols and atomic numbers agree both ways", "[domain]") {
    for (int z = 1; z <= 103; ++z) {
        REQUIRE(atomic_number(element_symbol(z)) == z);
        REQUIRE(atomic_weight(z) > 0);
        REQUIRE(element_group(z) >= 1);
        REQUIRE(element_group(z) <= 18);
    }
    CHECK(atomic_number("D") == 1);
    CHECK(atomic_number("AU") == 0);
    CHECK(atomic_number("") == 0);
    CHECK(element_symbol(0).empty());
    CHECK(element_symbol(104).empty());
}

TEST_CASE("the coinage metals stand in group 11, periods 4 to 6", "[domain]") {
    int period = 4;
    for (const int z : {29, 47, 79}) {
        CHECK(is_coinage_metal(z));
        CHECK(is_metal(z));
        CHECK(element_group(z) == 11);
        CHECK(element_period(z) == period++);
    }
    CHECK(element_group(atomic_number("Hg")) == 12);
    CHECK(element_group(atomic_number("Pt")) == 10);
    CHECK(element_group(atomic_number("S")) == 16);
    CHECK_FALSE(is_metal(atomic_number("P")));
    CHECK_FALSE(is_metal(atomic_number("Sb")));
}

TEST_CASE("formulas are written in Hill order", "[domain]") {
    CHECK(hill_formula({{"S", 1}, {"H", 9}, {"C", 8}}) == "C8H9S");
    CHECK(hill_formula({{"Cu", 3}, {"Cl", 1}}) == "ClCu3");
    CHECK(hill_formula({{"H", 2}, {"O", 1}}) == "H2O");
    CHECK(hill_formula({}).empty());
}

TEST_CASE("formulas are read, and nonsense is refused", "[domain]") {
    CHECK(try_parse_formula("C8 H9 S1") == Composition{{"C", 8}, {"H", 9}, {"S", 1}});
    CHECK(try_parse_formula("Au25") == Composition{{"Au", 25}});
    CHECK_FALSE(try_parse_formula("").has_value());
    CHECK_FALSE(try_parse_formula("Xx2").has_value());
    CHECK_FALSE(try_parse_formula("8C").has_value());
    CHECK_FALSE(try_parse_formula("C99999999").has_value());
}
