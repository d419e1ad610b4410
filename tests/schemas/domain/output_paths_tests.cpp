// An output is never a file that is read or written otherwise, and can be made.
#include <filesystem>
#include <fstream>

#include <cupel/domain/error.hpp>
#include <cupel/domain/output_paths.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel;
namespace fs = std::filesystem;

namespace {

std::string refusal(const std::vector<WrittenPath>& written, const std::vector<ReadPath>& read) {
    try {
        check_outputs(written, read);
    } catch (const InputError& error) {
        CHECK(error.code() == "bad_path");
        return error.what();
    }
    return "fine";
}

}  // namespace

TEST_CASE("no output is written over a file that is read or written otherwise", "[domain]") {
    const test::TempDir folder;
    const fs::path table = folder / "t.csv";
    std::ofstream(table) << "a table\n";
    const std::vector<ReadPath> read{{table, "the table read by --cores"}, {"", "nothing"}};
    const auto line = [](const fs::path& path, const std::string& what) {
        return "-o: " + path.string() + " is " + what + "; write to another file";
    };
    CHECK(refusal({{"-o", folder / "new.csv"}, {"--json", ""}}, read) == "fine");
    CHECK(refusal({{"-o", table}}, read) == line(table, "the table read by --cores"));
    SECTION("other spellings and links of the same file") {
        fs::create_directories(folder / "sub");
        fs::create_symlink(table, folder / "soft.csv");
        fs::create_hard_link(table, folder / "hard.csv");
        for (const fs::path& name : {folder.path() / "sub" / ".." / "t.csv",
                                     fs::relative(table),
                                     folder / "soft.csv",
                                     folder / "hard.csv"}) {
            CHECK(refusal({{"-o", name}}, read) == line(name, "the table read by --cores"));
        }
    }
    SECTION("two outputs, neither there yet") {
        const fs::path fresh = folder / "r.json";
        CHECK(refusal({{"--json", fs::relative(fresh)}, {"-o", fresh}}, read) ==
              line(fresh, "written by --json too"));
    }
    SECTION("a device takes any number of them") {
        CHECK(refusal({{"--json", "/dev/null"}, {"-o", "/dev/null"}}, {{"/dev/null", "x"}}) ==
              "fine");
    }
}

TEST_CASE("an output where no file can be made is refused with the reason", "[domain]") {
    const test::TempDir folder;
    const std::string place = folder.path().string();
    CHECK(refusal({{"--json", "/nowhere/r"}}, {}) ==
          "--json: no file can be made at /nowhere/r: there is no folder /nowhere");
    CHECK(refusal({{"--json", place}}, {}) ==
          "--json: no file can be made at " + place + ": that is a folder");
    CHECK(refusal({{"--json", place + "/"}}, {}) ==
          "--json: no file can be made at " + place + "/: that is a folder");
    CHECK(refusal({{"--out", "/dev/full", true}}, {}) ==
          "--out: no file can be made at /dev/full: a device is in its place");
}
