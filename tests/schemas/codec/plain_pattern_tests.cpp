// Regular expressions without a search: a yes is never more than std::regex would say.
#include <regex>

#include "catch.hpp"
#include "plain_pattern.hpp"

using cupel::codec::PlainPattern;

TEST_CASE("a plain pattern matches what its regular expression matches", "[schema]") {
    const auto yes = [](const char* regex, const std::string& text) {
        INFO(regex << " " << text);
        const auto pattern = PlainPattern::try_parse(regex);
        REQUIRE(pattern);
        CHECK(pattern->surely_matches(text) == std::regex_search(text, std::regex(regex)));
        return pattern->surely_matches(text);
    };
    const char* ulid = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$";
    CHECK(yes(ulid, "01KAZZZZZZZZZZZZZZZZZZZZZZ"));
    CHECK_FALSE(yes(ulid, "81KAZZZZZZZZZZZZZZZZZZZZZZ"));
    CHECK_FALSE(yes(ulid, "01KAZZZZZZZZZZZZZZZZZZZZZI"));
    CHECK_FALSE(yes(ulid, "01KAZZZZZZZZZZZZZZZZZZZZZ"));
    CHECK_FALSE(yes(ulid, "01KAZZZZZZZZZZZZZZZZZZZZZZZ"));
    CHECK_FALSE(yes(ulid, "01KAZZZZZZZZZZZZZZZZZZZZZ\xc3"));
    CHECK_FALSE(yes(ulid, ""));
    const char* name = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";
    CHECK(yes(name, "c"));
    CHECK(yes(name, "night-run.2_b"));
    CHECK_FALSE(yes(name, "-c"));
    CHECK_FALSE(yes(name, "a b"));
    CHECK_FALSE(yes(name, std::string("c\0", 2)));
    CHECK(yes(name, std::string(64, 'x')));
    CHECK_FALSE(yes(name, std::string(65, 'x')));
    CHECK(yes("^[0-9]{4}-[0-9]{2}Z$", "2026-11Z"));
    CHECK_FALSE(yes("^[0-9]{4}-[0-9]{2}Z$", "2026-11"));
}

TEST_CASE("what a set took is not given back: then nothing is sure", "[schema]") {
    const auto pattern = PlainPattern::try_parse("^[a-z]{1,9}z$");
    REQUIRE(pattern);
    CHECK_FALSE(pattern->surely_matches("az"));
    CHECK(std::regex_search("az", std::regex("^[a-z]{1,9}z$")));
}

TEST_CASE("a regular expression of another shape is no plain pattern", "[schema]") {
    const auto* const regex = GENERATE("[a-z]",
                                       "^[a-z]",
                                       "[a-z]$",
                                       "^[a-z]$$",
                                       "^[a-z$",
                                       "^[a-z]+$",
                                       "^[a-z]*$",
                                       "^[a-z]?$",
                                       "^[a-z]{2,}$",
                                       "^[a-z]{,2}$",
                                       "^[a-z]{2$",
                                       "^[a-z]{99999999999999999999}$",
                                       "^[^a]$",
                                       "^[z-a]$",
                                       "^[!-~]$",
                                       "^[\\d]$",
                                       "^\\d$",
                                       "^.$",
                                       "^(a)$",
                                       "^a|b$",
                                       "^^a$",
                                       "^[a-\xc3]$",
                                       "^\xc3$",
                                       "");
    INFO(regex);
    CHECK_FALSE(PlainPattern::try_parse(regex));
}
