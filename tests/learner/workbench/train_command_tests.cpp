// The train command as a process: what stops it is said before the work, in one line.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "child_process.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;

namespace {

struct Ran {
    int code = 0;
    std::string output;
};

Ran train(const std::filesystem::path& table,
          const std::filesystem::path& models,
          const std::vector<std::string>& options = {}) {
    std::vector<std::string> words{(test::bin_dir() / "cupel-learner").string(),
                                   "train",
                                   table.string(),
                                   "--models",
                                   models.string()};
    words.insert(words.end(), options.begin(), options.end());
    test::ChildProcess child(words);
    Ran ran;
    ran.code = child.finish(ran.output);
    return ran;
}

std::filesystem::path starter() {
    return test::source_dir() / "learner" / "data" / "clusters.csv";
}

}  // namespace

TEST_CASE("a folder that cannot take the model is refused before training", "[workbench]") {
    const test::TempDir folder;
    std::ofstream(folder / "file") << "in the way";
    const auto ran = train(starter(), folder / "file" / "models");
    CHECK(ran.code == 2);
    CHECK(ran.output.find("file/models cannot be written to") != std::string::npos);
    CHECK(ran.output.find("%") == std::string::npos);  // no progress: nothing was trained
}

TEST_CASE("settings that are no numbers are refused", "[workbench]") {
    const test::TempDir folder;
    for (const char* option : {"--learning-rate", "--dropout", "--kernel", "--weight-decay"}) {
        for (const char* value : {"nan", "-1", "1e30"}) {
            CAPTURE(option, value);
            const auto ran = train(starter(), folder / "models", {option, value});
            CHECK(ran.code == 2);
            CHECK(ran.output.find(std::string(option) + ": expected a number from ") !=
                  std::string::npos);
        }
    }
    CHECK_FALSE(std::filesystem::exists(folder / "models"));
}

TEST_CASE("a table with too few clusters is bad input", "[workbench]") {
    const test::TempDir folder;
    std::ifstream all(starter());
    std::ofstream few(folder / "few.csv");
    std::string line;
    for (int i = 0; i < 4 && std::getline(all, line); ++i) {
        few << line << '\n';
    }
    few.close();
    const auto ran = train(folder / "few.csv", folder / "models");
    CHECK(ran.code == 2);
    CHECK(ran.output.find("at least 8 known clusters") != std::string::npos);
}

TEST_CASE("no command of the learner writes over a file it reads or where none can be made",
          "[workbench]") {
    const test::TempDir folder;
    const std::string file = (folder / "dd.csv").string();
    std::filesystem::copy_file(starter(), file);
    const auto size = std::filesystem::file_size(file);
    const std::string other = (folder / "pool.jsonl").string();
    std::ofstream(other) << "a pool";
    std::filesystem::create_hard_link(file, folder / "same.cif");
    const std::vector<std::vector<std::string>> commands{
        {"evaluate", other, "--structures", folder.path().string()},
        {"train", file, "--models", (folder / "models").string()},
        {"score", file, "--model", "x"},
        {"evaluate", file, "--test", other},
        {"evaluate", other, "--test", file},
        {"evaluate", file, "--scores", file},
        {"campaign-replay", "--pool", other, "--truth", other, "--data", file},
        {"campaign-replay", "--pool", file, "--truth", other, "--data", other},
        {"pretrain", "--out", (folder / "w").string(), "--data", file}};
    for (const auto& command : commands) {
        for (const auto& json : {file, std::string("/nowhere/r.json")}) {
            std::vector<std::string> words{(test::bin_dir() / "cupel-learner").string()};
            words.insert(words.end(), command.begin(), command.end());
            words.insert(words.end(), {"--json", json});
            test::ChildProcess child(words);
            std::string output;
            CAPTURE(command, json);
            CHECK(child.finish(output) == 2);
            CHECK(output.rfind("cupel-learner: --", 0) == 0);
            CHECK(output.find('\n') + 1 == output.size());
        }
    }
    CHECK(std::filesystem::file_size(file) == size);
}
