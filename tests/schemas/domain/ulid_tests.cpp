// ULIDs: form, order and reading.
#include <set>

#include <cupel/domain/ulid.hpp>

#include "catch.hpp"

using namespace cupel;

TEST_CASE("a ulid of known parts is the known text", "[domain]") {
    CHECK(make_ulid(0, 0, 0) == "00000000000000000000000000");
    CHECK(make_ulid(0xffffffffffff, 0xffff, ~std::uint64_t{0}) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    CHECK(make_ulid(1469918176385, 0, 1) == "01ARYZ6S410000000000000001");
}

TEST_CASE("ulids made in a row are valid, distinct and sorted", "[domain]") {
    std::string last;
    std::set<std::string> seen;
    for (int i = 0; i < 2000; ++i) {
        const std::string id = make_ulid();
        REQUIRE(is_ulid(id));
        REQUIRE(last < id);
        REQUIRE(seen.insert(id).second);
        last = id;
    }
}

TEST_CASE("texts that are no ulid are told apart", "[domain]") {
    for (const char* text : {"",
                             "01ARYZ6S41",
                             "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
                             "01ARYZ6S41000000000000000I",
                             "01aryz6s410000000000000001",
                             "01ARYZ6S4100000000000000011"}) {
        CAPTURE(text);
        CHECK_FALSE(is_ulid(text));
    }
}
