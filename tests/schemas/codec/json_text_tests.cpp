// How deep JSON is, told from its text.
#include <string>

#include <cupel/codec/json_text.hpp>

#include "catch.hpp"

using cupel::codec::is_nested_deeper;

TEST_CASE("levels are counted outside of strings", "[json_text]") {
    CHECK_FALSE(is_nested_deeper("7", 0));
    CHECK(is_nested_deeper("[]", 0));
    CHECK_FALSE(is_nested_deeper(R"({"a":[1],"b":[{}]})", 3));
    CHECK(is_nested_deeper(R"({"a":[1],"b":[{}]})", 2));
    CHECK_FALSE(is_nested_deeper(R"(["[[[[", "\"[[[", "\\"])", 1));
    CHECK(is_nested_deeper(R"(["\\", [[]]])", 2));
}

TEST_CASE("a text of brackets only is followed without recursion", "[json_text]") {
    CHECK(is_nested_deeper(std::string(5'000'000, '['), 1'000'000));
    CHECK_FALSE(is_nested_deeper(std::string(5'000'000, ']'), 0));
}
