// Finished tables as files: what is read, and what every complaint says.
#include <cmath>
#include <fstream>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/replay_table_file.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using workbench::read_replay_table;

namespace {

/// A table (and its companion) in a folder of its own.
class TableFile {
  public:
    explicit TableFile(const std::string& text, const std::string& features = "") {
        std::ofstream(path()) << text;
        if (!features.empty()) {
            std::ofstream(folder_ / "table.features.csv") << features;
        }
    }
    std::filesystem::path path() const { return folder_ / "table.csv"; }
    /// The complaint, with the folder left out.
    std::string complaint() const {
        try {
            read_replay_table(path());
        } catch (const InputError& error) {
            std::string text = error.what();
            const std::string folder = folder_.path().string() + "/";
            for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
                text.erase(at, folder.size());
            }
            return text;
        }
        return "";
    }

  private:
    test::TempDir folder_;
};

}  // namespace

TEST_CASE("a table of molecules, labels and conditions is read", "[workbench]") {
    const TableFile file(
        "slot:base,slot:cat,num:temp,y,hit,comment\n"
        "CCO,K1,90,1.5,0,x\n"
        ",K2,105,20,1,\n"
        "CCO,K2,1e2,0,0,\n");
    const auto table = read_replay_table(file.path());
    CHECK(table.name == "table.csv");
    REQUIRE(table.slots.size() == 2);
    CHECK(table.slots[0].name == "base");
    CHECK(table.slots[0].labels == std::vector<std::string>{"CCO", ""});
    CHECK(table.slots[0].label_of_row == std::vector<std::uint32_t>{0, 1, 0});
    REQUIRE(table.slots[0].fingerprints.size() == 2);
    CHECK_FALSE(table.slots[0].fingerprints[0].counts.empty());
    CHECK(table.slots[0].fingerprints[1].counts.empty());
    CHECK(table.slots[1].fingerprints.empty());
    REQUIRE(table.numbers.size() == 1);
    CHECK(table.numbers[0].values == std::vector<double>{90, 105, 100});
    CHECK(table.y == std::vector<double>{1.5, 20, 0});
    CHECK(table.hits() == 1);
    CHECK(table.unused == std::vector<std::string>{"comment"});
    CHECK(workbench::columns_text(table) ==
          "slots base (2 SMILES), cat (2 labels); numbers temp; not used: comment");
}

TEST_CASE("labels that look like molecules are labels where the heading says so", "[workbench]") {
    const std::string rows = "CCO,1,0\nCCN,1,0\nacid1,2,1\n";
    CHECK(TableFile("slot:a,y,hit\n" + rows).complaint() ==
          "table.csv:4: slot:a: 'acid1' is not a SMILES string (other labels of this slot are "
          "SMILES; where none is, call it label:a)");
    const TableFile file("label:a,y,hit\n" + rows);
    const auto table = read_replay_table(file.path());
    CHECK(table.slots.at(0).name == "a");
    CHECK(table.slots.at(0).labels.size() == 3);
    CHECK(table.slots.at(0).fingerprints.empty());
}

TEST_CASE("a hit is told as data frames tell it too", "[workbench]") {
    const TableFile file("slot:a,y,hit\nx,1,1.0\nx,1,True\nx,1,0.0\nx,1,FALSE\n");
    CHECK(read_replay_table(file.path()).hit == std::vector<char>{1, 1, 0, 0});
}

TEST_CASE("features come from the companion file, blanks unknown", "[workbench]") {
    const TableFile file("slot:a,slot:b,y,hit\nK1,M1,1,0\nK2,M1,2,1\n",
                         "slot,label,f1,f2\na,K2,3,\na,K1,1,2\na,unused,0,0\n");
    const auto table = read_replay_table(file.path());
    REQUIRE(table.slots[0].features.size() == 2);
    CHECK(table.slots[0].features[0] == std::vector<double>{1, 2});
    CHECK(table.slots[0].features[1][0] == 3);
    CHECK(std::isnan(table.slots[0].features[1][1]));
    CHECK(table.slots[1].features.empty());
}

TEST_CASE("a bad table is refused by file, line and column", "[workbench]") {
    CHECK(TableFile("slot:a,hit\nx,0\n").complaint() ==
          "table.csv:1: y: the table has no column 'y' with the outcomes");
    CHECK(TableFile("slot:a,y\nx,0\n").complaint() ==
          "table.csv:1: hit: the table has no column 'hit'; add one that says 1 for every "
          "experiment worth finding and 0 for the others");
    CHECK(TableFile("a,y,hit\nx,0,0\n").complaint() ==
          "table.csv:1: no column is named 'slot:NAME', 'label:NAME' or 'num:NAME'");
    CHECK(TableFile("slot:a,Slot:b,y,hit\nx,x,0,0\n").complaint() ==
          "table.csv:1: 'Slot:b': write it as 'slot:b'");
    CHECK(TableFile("slot:a,num:T ,y,hit\nx,1,0,0\n").complaint() ==
          "table.csv:1: 'num:T ': write it as 'num:T'");
    CHECK(TableFile("slot:a,Y,hit\nx,0,0\n").complaint() ==
          "table.csv:1: y: the table has no column 'y' with the outcomes; it has 'Y', and case "
          "counts");
    CHECK(TableFile("slot:a,y,hit\nx,0,0\nx,high,0\n").complaint() ==
          "table.csv:3: y: 'high' is not a number");
    CHECK(TableFile("slot:a,y,hit\nx,nan,0\n").complaint() ==
          "table.csv:2: y: 'nan' is not a number");
    CHECK(TableFile("slot:a,y,hit\nx,1,yes\n").complaint() ==
          "table.csv:2: hit: expected 0 or 1, got 'yes'");
    CHECK(TableFile("slot:a,num:t,y,hit\nx,,1,0\n").complaint() ==
          "table.csv:2: num:t: '' is not a number");
    CHECK(TableFile("slot:a,y,hit\nx,1\n").complaint() ==
          "table.csv:2: 2 cells, the heading has 3");
}

TEST_CASE("a molecule that does not parse is named where it stands first", "[workbench]") {
    const auto complaint =
        TableFile("slot:base,y,hit\nCCO,1,0\nCCN,1,0\nC(,1,0\nC(,1,0\n").complaint();
    CHECK(complaint.rfind("table.csv:4: slot:base: ", 0) == 0);
    CHECK(complaint.find("C(") != std::string::npos);
    // Labels that look like a molecule by chance are labels.
    CHECK(TableFile("slot:base,y,hit\nC,1,0\nbase_1,1,0\nbase_2,1,0\n").complaint().empty());
}

TEST_CASE("a bad companion is refused by file, line and column", "[workbench]") {
    const std::string table = "slot:a,y,hit\nK1,1,0\nK2,2,1\n";
    CHECK(TableFile(table, "slot,label,f\na,K1,1\n").complaint() ==
          "table.features.csv: slot a: has no line for 'K2'");
    CHECK(TableFile(table, "slot,label,f\na,K1,big\na,K2,1\n").complaint() ==
          "table.features.csv:2: f: 'big' is not a number");
    CHECK(TableFile(table, "slot,label,f\nb,K1,1\n").complaint() ==
          "table.features.csv:2: slot: the table has no column 'slot:b'");
    CHECK(TableFile(table, "slot,label,f\na,K1,1\na,K1,2\n").complaint() ==
          "table.features.csv:3: label: 'K1' of slot a stands here twice");
    CHECK(TableFile(table, "label,f\nK1,1\n").complaint() ==
          "table.features.csv:1: has no column 'slot'");
}
