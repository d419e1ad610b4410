// SHA-256 against the published vectors, whole and in pieces.
#include <random>
#include <vector>

#include <cupel/domain/sha256.hpp>

#include "catch.hpp"
#include "sha256_blocks.hpp"

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

TEST_CASE("the processor's instructions give what the portable code gives", "[domain]") {
    const auto fast = cupel::sha256::blocks_of_processor();
    if (fast == nullptr) {
        SUCCEED("this processor has none");
        return;
    }
    std::mt19937 random(20261125);
    for (std::size_t count = 1; count <= 40; ++count) {
        std::vector<std::uint8_t> bytes(64 * count);
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(random());
        }
        cupel::sha256::State one{1, 2, 3, 4, 5, 6, 7, 8};
        cupel::sha256::State other = one;
        cupel::sha256::blocks_portable(one, bytes.data(), count);
        fast(other, bytes.data(), count);
        REQUIRE(one == other);
    }
}
