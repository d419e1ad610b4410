// pool build as a program: it never writes over what it reads, nor a pool by nothing.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "program.hpp"
#include "temp_dir.hpp"

using namespace cupel::test;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

Ran build(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"pool", "build"});
    return run_cupel(arguments, {{"CUPEL_DATA_DIR", (source_dir() / "learner" / "data").string()}});
}

}  // namespace

TEST_CASE("pool build writes over none of the tables it reads", "[cli]") {
    const TempDir folder;
    const std::string row =
        "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,ligands\n"
        "A,x,0,Au:25,25,,,[S-]C*18\n";
    const std::string table = (folder / "t.csv").string();
    std::ofstream(table) << row;
    const Ran cores = build({"--cores", table, "-o", table});
    CHECK(cores.status == 2);
    CHECK(cores.output ==
          "cupel: -o: " + table + " is the table read by --cores; write to another file\n");
    const Ran stock = build({"--parent", "[Au25(PET)18]-", "--stock", table, "-o", table});
    CHECK(stock.status == 2);
    CHECK(stock.output.find(" is the list read by --stock; ") != std::string::npos);
    // The list of the rejected takes its name from the pool.
    const std::string other = (folder / "t.rejected.csv").string();
    std::ofstream(other) << row;
    CHECK(build({"--cores", other, "-o", table}).status == 2);
    CHECK(text_of(table) == row);
    CHECK(text_of(other) == row);
    const Ran graphs = run_cupel({"pool", "export", "--data", table, "-o", table});
    CHECK(graphs.status == 2);
    CHECK(graphs.output.find(" is the table read by --data; ") != std::string::npos);
    CHECK(text_of(table) == row);
}

TEST_CASE("pool build with nothing to build leaves the pool that is there", "[cli]") {
    const TempDir folder;
    const std::string pool = (folder / "pool.jsonl").string();
    std::ofstream(pool) << "an older pool\n";
    const Ran ran = build({"--parent", "[Au25(PET)18]-", "--element", "Zn", "-o", pool});
    INFO(ran.output);
    CHECK(ran.status == 2);
    CHECK(ran.output.find(": not written, there is no candidate for it (") != std::string::npos);
    CHECK(text_of(pool) == "an older pool\n");
    CHECK(fs::exists(folder / "pool.rejected.csv"));
}

TEST_CASE("pool build warns once of each ligand in stock that is not written as bound", "[cli]") {
    const TempDir folder;
    const std::string stock = (folder / "stock.csv").string();
    std::ofstream(stock) << "name,smiles\nhexanethiol,CCCCCCS\nbenzenethiolate,[S-]c1ccccc1\n";
    const Ran ran = build(
        {"--parent", "[Au25(PET)18]-", "--stock", stock, "-o", (folder / "pool.jsonl").string()});
    INFO(ran.output);
    CHECK(ran.status == 0);
    const auto at = ran.output.find("cupel: warning: " + stock + ":2: smiles: 'CCCCCCS' is a free");
    REQUIRE(at != std::string::npos);
    CHECK(ran.output.find("warning", at + 10) == std::string::npos);
}

TEST_CASE("pool build looks where its pool goes before the work", "[cli]") {
    for (const std::string pool : {"/nowhere/pool.jsonl", "/dev/null"}) {
        const Ran ran = build({"--parent", "[Au25(PET)18]-", "-o", pool});
        CHECK(ran.status == 2);
        CHECK(ran.output.rfind("cupel: -o: no file can be made at " + pool + ": ", 0) == 0);
    }
    CHECK(fs::is_character_file("/dev/null"));
}
