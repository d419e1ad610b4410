// Files under their hash, whole or in parts, also when a part is sent again.
#include <cupel/domain/sha256.hpp>

#include "catch.hpp"
#include "ledger/blob_store.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::controller;

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

TEST_CASE("parts that give another file are thrown away and said to be wrong", "[blobs]") {
    const test::TempDir dir;
    const std::string hash = sha256_hex("first second");
    put_blob_part(dir.path(), hash, 0, 2, "first ");
    CHECK_THROWS_AS(put_blob_part(dir.path(), hash, 1, 2, "damaged"), InputError);
    CHECK_FALSE(std::filesystem::exists(dir.path() / "parts" / hash));
    CHECK_THROWS_AS(read_blob_file(dir.path(), hash), InputError);
}
