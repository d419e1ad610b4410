// CSV as RFC 4180 has it, and messages that name the line.
#include <cupel/chemistry/csv.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"

using namespace cupel;
using namespace cupel::chemistry;
using Catch::Matchers::Contains;

TEST_CASE("cells may hold commas, quotes and line ends", "[chemistry]") {
    const auto table =
        CsvTable::parse("\xEF\xBB\xBFid,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n\n2,\n", "t.csv");
    REQUIRE(table.rows().size() == 2);
    CHECK(table.cell(table.rows()[0], "text") == "a, \"b\"\nc");
    CHECK(table.rows()[0].line == 2);
    CHECK(table.cell(table.rows()[1], "id") == "2");
    CHECK(table.cell(table.rows()[1], "text").empty());
    CHECK(table.rows()[1].line == 5);
}

TEST_CASE("a cell is quoted when it must be, and read back", "[chemistry]") {
    for (const std::string text : {"plain", "a,b", "say \"x\"", "two\nlines", ""}) {
        const auto table = CsvTable::parse("a,b\n" + csv_cell(text) + ",1\n", "t.csv");
        CHECK(table.cell(table.rows().at(0), "a") == text);
    }
    CHECK(csv_cell("plain") == "plain");
}

TEST_CASE("a table that is none says where", "[chemistry]") {
    const auto error = [](const std::string& text) -> std::string {
        try {
            CsvTable::parse(text, "t.csv");
        } catch (const InputError& e) {
            return e.what();
        }
        return "read";
    };
    CHECK_THAT(error(""), Contains("t.csv: is empty"));
    CHECK_THAT(error("a,b\n1,2\n1,2,3\n"), Contains("t.csv:3: 3 cells, the heading has 2"));
    CHECK_THAT(error("a,a\n"), Contains("t.csv:1: column 'a' twice"));
    CHECK_THAT(error("a,b\n1,\"x\n\n"), Contains("t.csv:2: a quote that never ends"));
    CHECK_THAT(error("a,b\n1,\"x\"y\n"), Contains("t.csv:2: text after a closing quote"));
    const auto table = CsvTable::parse("a\n1\n", "t.csv");
    CHECK_THROWS_WITH(table.cell(table.rows()[0], "y"), Contains("has no column 'y'"));
    CHECK_THROWS_WITH(CsvTable::load("/nonexistent/t.csv"), Contains("cannot be read"));
}

TEST_CASE("a table that a spreadsheet saved in another way says in which", "[chemistry]") {
    const auto complaint = [](const std::string& text) -> std::string {
        try {
            CsvTable::parse(text, "t.csv").column("y");
        } catch (const InputError& e) {
            return e.what();
        }
        return "read";
    };
    CHECK(
        complaint("a,y\r1,2\r") ==
        "t.csv:1: a carriage return without a line feed; save the table with line ends LF or CRLF");
    CHECK(complaint("a;y\n1;2\n") ==
          "t.csv:1: has no column 'y'; its cells seem to be parted by semicolons: save it with "
          "commas");
    CHECK(complaint("a;y\n1;2,5\n") ==
          "t.csv:2: 2 cells, the heading has 1; its cells seem to be parted by semicolons: save it "
          "with "
          "commas");
    CHECK(complaint("a\ty\n1\t2\n") ==
          "t.csv:1: has no column 'y'; its cells seem to be parted by tabs: save it with commas");
    CHECK(complaint("a,Y\n1,2\n") == "t.csv:1: has no column 'y'; it has 'Y', and case counts");
    CHECK(complaint("a,b\n1,2\n") == "t.csv:1: has no column 'y'");
}
