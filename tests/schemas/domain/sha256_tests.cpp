// SHA-256 against the published vectors, whole and in pieces.
#include <cupel/domain/sha256.hpp>

#include "catch.hpp"

using cupel::Sha256;
using cupel::sha256_hex;

TEST_CASE("sha256 gives the published digests", "[domain]") {
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_hex(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256 does not depend on how the bytes are cut", "[domain]") {
    const std::string text(300, 'x');
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Sha256 hash;
        hash.update(text.substr(0, cut));
        hash.update(text.substr(cut));
        REQUIRE(hash.hex() == sha256_hex(text));
    }
}
