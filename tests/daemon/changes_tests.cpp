// How records are written: the same text as the JSON library's own.
#include <limits>

#include "catch.hpp"
#include "ledger/changes.hpp"

using nlohmann::json;

TEST_CASE("a record is written as the JSON library writes it", "[ledger]") {
    const json record{
        {"text", "plain"},
        {"", ""},
        {"quo\"ted", "back\\slash / \b\f\n\r\t\x01\x7f"},
        {"unicode",
         "Gr\xc3\xbc\xc3\x9f"
         "e, \xe9\x8a\x80"},
        {"broken \xff", "\xc3 \xed\xa0\x80"},
        {"none", nullptr},
        {"yes", true},
        {"no", false},
        {"least", std::numeric_limits<std::int64_t>::min()},
        {"most", std::numeric_limits<std::uint64_t>::max()},
        {"zero", 0},
        {"numbers", {0.0, -0.0, 1.0, 0.1, 1e300, -2.5e-7, 1800.0}},
        {"no number", std::numeric_limits<double>::quiet_NaN()},
        {"nested", {{"a", json::array()}, {"b", json::object()}, {"c", {1, {2, "x"}}}}}};
    CHECK(cupel::controller::dump_stored(record) ==
          record.dump(-1, ' ', false, json::error_handler_t::replace));
    CHECK(cupel::controller::dump_stored("alone") == "\"alone\"");
    CHECK(cupel::controller::dump_stored(json()) == "null");
}
