// Files on their way to the daemon.
#include <filesystem>
#include <fstream>

#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>

#include "attachments.hpp"
#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using cli::read_attachments;

namespace {

std::string file(const test::TempDir& dir, const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((dir / name).parent_path());
    std::ofstream(dir / name, std::ios::binary) << bytes;
    return (dir / name).string();
}

}  // namespace

TEST_CASE("files are named, typed and hashed", "[cli]") {
    const test::TempDir dir;
    const auto attached = read_attachments({file(dir, "Au.CIF", "# x\nDATA_Au\n")},
                                           {file(dir, "notes.txt", "black needles")});
    REQUIRE(attached.blobs.size() == 2);
    CHECK(attached.blobs[0].name == "Au.CIF");
    CHECK(attached.blobs[0].type == "chemical/x-cif");
    CHECK(attached.blobs[1].type == "text/plain");
    CHECK(attached.blobs[1].sha256 == sha256_hex("black needles"));
    CHECK(attached.blobs[1].length == 13);
    CHECK(attached.frames[1] == "black needles");
}

TEST_CASE("the wrong file is caught before it is sent", "[cli]") {
    const test::TempDir dir;
    CHECK_THROWS_WITH(read_attachments({"/nowhere/x.cif"}, {}),
                      "/nowhere/x.cif: there is no such file");
    CHECK_THROWS_WITH(read_attachments({dir.path().string()}, {}),
                      Catch::Contains("is no file (a folder?)"));
    CHECK_NOTHROW(read_attachments({file(dir,
                                         "mark.cif",
                                         "\xEF\xBB\xBF"
                                         "data_x\n")},
                                   {}));
    CHECK_THROWS_WITH(read_attachments({file(dir, "e.cif", "")}, {}), Catch::Contains("is empty"));
    CHECK_THROWS_WITH(read_attachments({file(dir, "p.cif", "%PDF-1.4 metadata_")}, {}),
                      Catch::Contains("is no CIF"));
    CHECK_THROWS_WITH(read_attachments({}, {file(dir, "a/n.txt", "1"), file(dir, "b/n.txt", "2")}),
                      Catch::Contains("another file is called n.txt"));
}
