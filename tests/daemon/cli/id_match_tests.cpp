// Naming a proposal by a part of its id.
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "id_match.hpp"

using namespace cupel;
using cli::match_id;
using cli::short_id;

namespace {

const std::vector<std::string> kIds{
    "01J9Z0000000000000000K7Q2Z", "01J9Z0000000000000000K7Q30", "01J9Z1111111111111111K7Q2Z"};

std::string code_of(const std::string& given) {
    try {
        match_id(given, kIds);
    } catch (const InputError& error) {
        return error.code() + ": " + error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("an end or a beginning names one id", "[cli]") {
    CHECK(match_id("7Q30", kIds) == kIds[1]);
    CHECK(match_id("01J9Z1", kIds) == kIds[2]);
    CHECK(match_id(short_id(kIds[1]), kIds) == kIds[1]);
    CHECK(short_id(kIds[1]) == "0K7Q30");
}

TEST_CASE("case and look-alike characters do not matter", "[cli]") {
    CHECK(match_id("k7q3o", kIds) == kIds[1]);
    CHECK(match_id("0lj9zi", kIds) == kIds[2]);
}

TEST_CASE("a whole id is taken as it is", "[cli]") {
    CHECK(match_id("01J9Z2222222222222222K7Q2Z", kIds) == "01J9Z2222222222222222K7Q2Z");
}

TEST_CASE("what names none or several is refused with what to do", "[cli]") {
    CHECK(code_of("XYZ").find("unknown_id: no proposal has an id that begins or ends with "
                              "\"XYZ\"; cupel offers") == 0);
    CHECK(code_of("K7Q2Z").find("ambiguous_id: \"K7Q2Z\" names 2 proposals: " + kIds[0] + ", " +
                                kIds[2]) == 0);
    CHECK(code_of("").find("unknown_id") == 0);
}
