// cupel-learner pretrain as a program: weights with their hash, bounded time, clear refusals.
#include <filesystem>
#include <string>

#include <cupel/learner/pretraining.hpp>
#include <cupel/pretraining/bare_minima.hpp>

#include "catch.hpp"
#include "child_process.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;

namespace {

struct Ran {
    int status = 0;
    std::string output;
};

Ran run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {(test::bin_dir() / "cupel-learner").string(), "pretrain"});
    test::ChildProcess child(
        arguments, {{"CUPEL_DATA_DIR", (test::source_dir() / "learner" / "data").string()}});
    Ran ran;
    ran.status = child.finish(ran.output);
    return ran;
}

}  // namespace

TEST_CASE("pretrain writes named weights and prints their hash", "[workbench]") {
    const test::TempDir folder;
    const std::string file = (folder / "first.weights").string();
    const Ran ran = run({"--out", file, "--epochs", "3", "--width", "16", "--seed", "5"});
    INFO(ran.output);
    REQUIRE(ran.status == 0);
    const auto arrays = learner::load_weights(file);
    CHECK(arrays.count("core.one.weight") == 1);
    CHECK(arrays.count("ligand.one.weight") == 1);
    // What made them stands beside them.
    CHECK(arrays.at("settings").bytes.find("seed 5") != std::string::npos);
    CHECK(arrays.at("report").bytes.find("sizes not seen") != std::string::npos);
    CHECK(ran.output.find(learner::hash_arrays(arrays)) != std::string::npos);
}

TEST_CASE("a search for minima ends when its time is up, and keeps what it found", "[workbench]") {
    const test::TempDir folder;
    const std::string minima = (folder / "minima.csv").string();
    const Ran ran = run({"--out",
                         (folder / "w").string(),
                         "--cores",
                         "--search",
                         "--minima",
                         minima,
                         "--largest",
                         "6",
                         "--hops",
                         "5",
                         "--epochs",
                         "2"});
    INFO(ran.output);
    REQUIRE(ran.status == 0);
    CHECK(pretraining::read_minima(minima).size() > 30);
}

TEST_CASE("pretrain looks where its file goes before the work", "[workbench]") {
    const test::TempDir folder;
    std::filesystem::create_directories(folder / "folder");
    for (const std::string& out :
         {std::string("/nowhere/w"), (folder / "folder").string(), std::string("/dev/full")}) {
        CAPTURE(out);
        const Ran ran = run({"--out", out, "--ligands"});
        CHECK(ran.status == 2);
        CHECK(ran.output.rfind("cupel-learner: --out: no file can be made at " + out + ": ", 0) ==
              0);
    }
    CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("pretrain refuses a missing table and too few minima in one line", "[workbench]") {
    const test::TempDir folder;
    const Ran table =
        run({"--out", (folder / "w").string(), "--ligands", "--data", "/no/table.csv"});
    CHECK(table.status == 2);
    CHECK(table.output.find("/no/table.csv") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder / "w"));
}
