// Plain JSON: whatever is read at a glance is what the JSON library makes of it.
#include "bodies.hpp"
#include "catch.hpp"
#include "damage.hpp"
#include "plain_json.hpp"

using cupel::codec::Parsed;
using cupel::codec::try_parse_plain;

namespace {

constexpr int kLevels = 8;

/// Equal, and of the same types: 1 and 1.0 are not.
bool is_same(const Parsed& a, const Parsed& b) {
    if (a.type() != b.type() || a.size() != b.size()) {
        return false;
    }
    if (!a.is_structured()) {
        return a == b;
    }
    for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right) {
        if ((a.is_object() && left.key() != right.key()) || !is_same(*left, *right)) {
            return false;
        }
    }
    return true;
}

/// True when it is read, and as the library reads it.
bool reads(const std::string& text) {
    INFO(text);
    const auto plain = try_parse_plain(text, kLevels);
    if (plain) {
        CHECK(is_same(*plain, Parsed::parse(text)));
    }
    return plain.has_value();
}

}  // namespace

TEST_CASE("plain JSON is read as the library reads it", "[plain_json]") {
    const auto* const text = GENERATE(R"({})",
                                      R"([])",
                                      R"("")",
                                      R"( {"a" : [1, -2,0 , -0, 12.50, -0.0], "b":{"c":null}} )",
                                      "\t[true,\r\nfalse\n]",
                                      R"({"a":1,"a":"two"})",
                                      "999999999999999999",
                                      R"([[[[[[[[]]]]]]]])",
                                      R"({"z":1,"a":2,"m":[{"y":0.1,"b":"c d"}]})");
    CHECK(reads(text));
}

TEST_CASE("what is not plain is left to the library", "[plain_json]") {
    const auto* const text = GENERATE(R"("a\n")",
                                      "\"\xc3\xa9\"",
                                      "\"\x7f\"",
                                      "1e3",
                                      "1.5E2",
                                      "9999999999999999999",
                                      R"([[[[[[[[[]]]]]]]]])");
    CHECK_FALSE(reads(text));
    CHECK_NOTHROW(Parsed::parse(text));
}

TEST_CASE("what is no JSON is not taken for it", "[plain_json]") {
    const auto* const text = GENERATE("",
                                      " ",
                                      "{",
                                      "[1,]",
                                      "[1 2]",
                                      R"({"a":1,})",
                                      R"({"a" 1})",
                                      R"({a:1})",
                                      R"("a)",
                                      "01",
                                      "-",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "tru",
                                      "truer",
                                      "nul",
                                      "[] []",
                                      "\v1");
    CHECK_FALSE(reads(text));
    CHECK_THROWS_AS(Parsed::parse(text), Parsed::parse_error);
}

TEST_CASE("bodies, whole and damaged, are read alike or left to the library", "[plain_json]") {
    constexpr std::uint32_t kSeed = 20261130;
    INFO("seed " << kSeed);
    cupel::test::Damage damage(kSeed);
    int whole = 0;
    int damaged = 0;
    for (const auto& body : cupel::test::bodies()) {
        whole += reads(body.text) ? 1 : 0;
        for (int i = 0; i < 20; ++i) {
            const std::string text = damage.of(body.text);
            if (const auto plain = try_parse_plain(text, kLevels)) {
                INFO(text);
                const Parsed value = Parsed::parse(text, nullptr, false);
                REQUIRE_FALSE(value.is_discarded());
                REQUIRE(is_same(*plain, value));
                ++damaged;
            }
        }
    }
    CHECK(whole > 100);
    CHECK(damaged > 100);
}
