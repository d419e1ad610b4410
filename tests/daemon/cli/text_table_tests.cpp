// Columns for a terminal.
#include <stdexcept>

#include "catch.hpp"
#include "text_table.hpp"

using cupel::cli::TextTable;

TEST_CASE("columns are as wide as their widest cell", "[cli]") {
    TextTable table({"ID", "P", "WHY"});
    table.add({"K7Q2ZD", "0.31", "near\nAu25"});
    table.add({"\xC3\xA9", "1", ""});
    CHECK(table.text() ==
          "ID      P     WHY\n"
          "K7Q2ZD  0.31  near Au25\n"
          "\xC3\xA9       1\n");
}

TEST_CASE("the last column is cut to the terminal's width, by characters", "[cli]") {
    TextTable table({"ID", "WHY"});
    table.add({"A1", "\xC3\xA9toile filante de l'hiver"});
    CHECK(table.text(20) == "ID  WHY\nA1  \xC3\xA9toile filant...\n");
    CHECK(table.text(10) == table.text());
}

TEST_CASE("a row with another number of cells is a mistake of the caller", "[cli]") {
    TextTable table({"ID", "P"});
    CHECK_THROWS_AS(table.add({"one"}), std::logic_error);
}
