// The whole loop with real processes: daemon, robots, person, verification, report.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "child_process.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

namespace {

using namespace cupel::test;

/// A small campaign with the popularity learner on free ports.
std::vector<std::string> quick_demo(const std::filesystem::path& out) {
    return {(bin_dir() / "cupel-demo").string(),
            "--quick",
            "--seed",
            "1",
            "--budget",
            "16",
            "--batch",
            "8",
            "--true-pairs",
            "12",
            "--decoys",
            "5",
            "--learner",
            "popularity",
            "--policy",
            "popularity",
            "--port",
            "0",
            "--out",
            out.string()};
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a quick demo closes the loop and draws its report", "[system]") {
    const TempDir dir;
    const auto out = dir / "demo";
    ChildProcess demo(quick_demo(out));
    std::string said;
    const int status = demo.finish(said);
    INFO(said);
    CHECK(status == 0);
    for (const char* condition : {"the budget is spent",
                                  "terminal or labelled",
                                  "the log verifies",
                                  "no key of the laboratory's truth",
                                  "a failed attempt was offered again"}) {
        INFO(condition);
        CHECK(said.find(condition) != std::string::npos);
    }
    CHECK(said.find("FAILED  ") == std::string::npos);
    CHECK(said.find("seed 1") != std::string::npos);
    const std::string report = text_of(out / "report.html");
    CHECK(report.find("virtual laboratory") != std::string::npos);
    CHECK(report.find("</html>") != std::string::npos);
    CHECK_FALSE(std::filesystem::is_empty(out / "structures"));
}

TEST_CASE("the demo leaves a folder alone that is not its own", "[system]") {
    const TempDir dir;
    std::ofstream(dir / "thesis.tex") << "years of work";
    ChildProcess demo(quick_demo(dir.path()));
    std::string said;
    CHECK(demo.finish(said) == 2);
    CHECK(said.find("is not empty and no earlier demo's") != std::string::npos);
    CHECK(text_of(dir / "thesis.tex") == "years of work");
}

TEST_CASE("the demo names the process that it could not run", "[system]") {
    const TempDir dir;
    auto arguments = quick_demo(dir / "demo");
    arguments.insert(arguments.end(), {"--programs", (dir / "nowhere").string()});
    ChildProcess demo(arguments);
    std::string said;
    CHECK(demo.finish(said) == 1);
    CHECK(said.find("no program") != std::string::npos);
    CHECK(said.find("cupeld") != std::string::npos);
}
