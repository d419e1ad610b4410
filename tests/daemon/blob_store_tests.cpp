// Files under their hash, whole or in parts, also when a part is sent again.
#include <fstream>
#include <set>

#include <cupel/domain/sha256.hpp>

#include "catch.hpp"
#include "ledger/blob_store.hpp"
#include "ledger/reader.hpp"
#include "ledger/store.hpp"
#include "no_descriptors.hpp"
#include "support.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::controller;
using cupel::test::NoDescriptors;

TEST_CASE("parts in any order give the file, and nothing of them stays", "[blobs]") {
    const test::TempDir dir;
    const std::string hash = sha256_hex("first second");
    CHECK_FALSE(put_blob_part(dir.path(), hash, 1, 2, "second"));
    CHECK(put_blob_part(dir.path(), hash, 0, 2, "first "));
    CHECK(read_blob_file(dir.path(), hash) == "first second");
    CHECK_FALSE(std::filesystem::exists(dir.path() / "parts" / hash));
}

TEST_CASE("a part of a whole file that is sent again is answered alike and leaves nothing",
          "[blobs]") {
    const test::TempDir dir;
    const std::string hash = sha256_hex("first second");
    put_blob_part(dir.path(), hash, 0, 2, "first ");
    put_blob_part(dir.path(), hash, 1, 2, "second");
    CHECK(put_blob_part(dir.path(), hash, 1, 2, "second"));
    CHECK_FALSE(std::filesystem::exists(dir.path() / "parts" / hash));
}

TEST_CASE("a file is read whole or in part, and not more of it than an answer may have",
          "[blobs]") {
    const test::TempDir dir;
    const std::string hash = put_blob_file(dir.path(), "first second");
    CHECK(read_blob_part(dir.path(), hash, 0, std::nullopt).bytes == "first second");
    const BlobPart part = read_blob_part(dir.path(), hash, 6, 3);
    CHECK(part.bytes == "sec");
    CHECK(part.whole == 12);
    CHECK(read_blob_part(dir.path(), hash, 6, 300).bytes == "second");
    CHECK(read_blob_part(dir.path(), hash, 300, 3).bytes.empty());
    CHECK_THROWS_AS(read_blob_part(dir.path(), sha256_hex("none"), 0, std::nullopt), InputError);
    const std::string large = put_blob_file(dir.path(), std::string(kLargestAnswer + 1, 'x'));
    CHECK_THROWS_WITH(read_blob_part(dir.path(), large, 0, std::nullopt),
                      Catch::Contains("with offset and length"));
    CHECK(read_blob_part(dir.path(), large, kLargestAnswer, kLargestAnswer).bytes == "x");
    CHECK(read_blob_part(dir.path(), large, kLargestAnswer, std::nullopt).bytes == "x");
}

TEST_CASE("a file that the disk has damaged is not handed out, and is mended by who sends it again",
          "[blobs]") {
    const test::TempDir dir;
    const std::string hash = put_blob_file(dir.path(), "first second");
    std::ofstream(blob_path(dir.path(), hash)) << "first secand";
    CHECK_THROWS_WITH(read_blob_part(dir.path(), hash, 0, std::nullopt),
                      Catch::Contains("not those it was stored with"));
    SECTION("whole") {
        put_blob_file(dir.path(), "first second");
    }
    SECTION("in parts") {
        CHECK_FALSE(put_blob_part(dir.path(), hash, 0, 2, "first "));
        CHECK(put_blob_part(dir.path(), hash, 1, 2, "second"));
        CHECK(put_blob_part(dir.path(), hash, 0, 2, "first "));  // its reply was lost
        CHECK(put_blob_part(dir.path(), hash, 1, 2, "second"));
    }
    CHECK(read_blob_file(dir.path(), hash) == "first second");
}

TEST_CASE("what else is kept beside the files is not looked at", "[blobs]") {
    const test::TempDir dir;
    const std::string hash = put_blob_file(dir.path(), "first second");
    std::filesystem::create_directory(dir.path() / "lost+found");
    const auto folders = blob_folders(dir.path());
    CHECK(std::set<std::filesystem::path>(folders.begin(), folders.end()) ==
          std::set<std::filesystem::path>{dir.path(), dir.path() / hash.substr(0, 2)});
}

TEST_CASE("a file that cannot be opened now is no empty file", "[blobs]") {
    NEEDS_NO_SANITIZER();
    const test::TempDir dir;
    const std::string hash = put_blob_file(dir.path(), "first second");
    const std::string parts = sha256_hex("third fourth");
    put_blob_part(dir.path(), parts, 0, 2, "third ");
    {
        const NoDescriptors none;
        CHECK_THROWS_AS(read_blob_part(dir.path(), hash, 0, std::nullopt), StoreError);
        CHECK(try_look_at_blob(dir.path(), hash) == BlobState::Damaged);
        CHECK_THROWS_AS(put_blob_part(dir.path(), parts, 1, 2, "fourth"), StoreError);
    }
    CHECK(put_blob_part(dir.path(), parts, 1, 2, "fourth"));
}

TEST_CASE("parts that give another file are thrown away and said to be wrong", "[blobs]") {
    const test::TempDir dir;
    const std::string hash = sha256_hex("first second");
    put_blob_part(dir.path(), hash, 0, 2, "first ");
    CHECK_THROWS_AS(put_blob_part(dir.path(), hash, 1, 2, "damaged"), InputError);
    CHECK_FALSE(std::filesystem::exists(dir.path() / "parts" / hash));
    CHECK_THROWS_AS(read_blob_file(dir.path(), hash), InputError);
}

TEST_CASE("a daemon that starts removes parts nobody went on with for a week", "[blobs]") {
    test::Bench bench;
    const auto blobs = bench.dir() / "blobs";
    const std::string given_up = sha256_hex("first second"), under_way = sha256_hex("third fourth");
    put_blob_part(blobs, given_up, 0, 2, "first ");
    put_blob_part(blobs, under_way, 0, 2, "third ");
    const auto long_ago =
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 8);
    for (const auto& path : {blobs / "parts" / given_up / "0", blobs / "parts" / given_up}) {
        std::filesystem::last_write_time(path, long_ago);
    }
    const std::string kept = put_blob_file(blobs, "kept");
    const auto cut_short = blob_path(blobs, kept).parent_path() / "tmp-01KAVX3T0N8Q4Z5Y6W7V8T9RAB";
    std::ofstream(cut_short) << "kep";
    std::filesystem::last_write_time(cut_short, long_ago);
    std::filesystem::last_write_time(blob_path(blobs, kept), long_ago);
    bench.reopen();
    CHECK_FALSE(std::filesystem::exists(cut_short));
    CHECK(std::filesystem::exists(blob_path(blobs, kept)));
    CHECK_FALSE(std::filesystem::exists(blobs / "parts" / given_up));
    CHECK(std::filesystem::exists(blobs / "parts" / under_way / "0"));
    CHECK(put_blob_part(blobs, under_way, 1, 2, "fourth"));
}

TEST_CASE("a file in parts that is over its bound is refused and keeps no part", "[blobs]") {
    const test::TempDir dir;
    const std::string hash = sha256_hex("first second");
    CHECK_FALSE(put_blob_part(dir.path(), hash, 0, 3, "first ", 12));
    CHECK_FALSE(put_blob_part(dir.path(), hash, 0, 3, "first ", 12));  // again: it counts once
    CHECK_FALSE(put_blob_part(dir.path(), hash, 1, 3, "second", 12));
    try {
        put_blob_part(dir.path(), hash, 2, 3, "!", 12);
        FAIL("it was taken");
    } catch (const InputError& error) {
        CHECK(error.code() == "too_large");
    }
    CHECK_FALSE(std::filesystem::exists(dir.path() / "parts" / hash));
    CHECK_FALSE(put_blob_part(dir.path(), hash, 0, 2, "first ", 12));
    CHECK(put_blob_part(dir.path(), hash, 1, 2, "second", 12));
}

TEST_CASE("a file over its bound is TOO_LARGE for its client", "[blobs]") {
    const test::TempDir dir;
    LedgerOptions options;
    options.blobs = dir.path();
    options.largest_blob = 8;
    const std::string hash = sha256_hex("first second");
    const auto put = [&](std::uint32_t index, const std::string& bytes) {
        const Command command{"id", "robot", "BLOB_PUT", "", BlobPut{hash, index, 2}};
        return store_frames(options, command, {bytes}).value().error;
    };
    CHECK_FALSE(put(0, "first "));
    CHECK(put(1, "second") == ErrorCode::TooLarge);
}
