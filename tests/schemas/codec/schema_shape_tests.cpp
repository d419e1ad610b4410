// The quick yes beside the validator itself: it may be silent, but never says yes to what is wrong.
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <cupel/codec/schema_validator.hpp>

#include "bodies.hpp"
#include "catch.hpp"
#include "embedded_schemas.hpp"
#include "schema_shape.hpp"

using namespace cupel;
using namespace cupel::test;
using codec::SchemaShape;
using nlohmann::json;

namespace {

class Validator {
  public:
    explicit Validator(const json& schema) {
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), schema_);
    }
    bool fits(const json& value) {
        return validator_.validate(
            schema_, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
    }

  private:
    valijson::Schema schema_;
    valijson::Validator validator_;
};

/// Values of every kind, at and beyond the bounds that the schemas set.
const std::vector<json>& strangers() {
    static const std::vector<json> all{nullptr,
                                       true,
                                       0,
                                       -1,
                                       1,
                                       1'000'001,
                                       0.0,
                                       0.5,
                                       1.0,
                                       31536000,
                                       31536000.5,
                                       18446744073709551615U,
                                       "",
                                       "robot",
                                       "result",
                                       std::string("\0", 1),
                                       std::string("a\0b", 3),
                                       "\xc3\xa4",
                                       std::string(64, 'a'),
                                       std::string(65, 'a'),
                                       std::string(257, 'a'),
                                       std::string(4097, 'a'),
                                       "01KAZZZZZZZZZZZZZZZZZZZZZZ",
                                       json::array(),
                                       json::object(),
                                       {"01KAZZZZZZZZZZZZZZZZZZZZZZ", "01KAZZZZZZZZZZZZZZZZZZZZZZ"},
                                       json(std::vector<int>(400, 1)),
                                       {{"kind", "confirmed"}},
                                       {{"a", 1}}};
    return all;
}

/// Calls `hear` with `body` and with each change of one of its values, at any depth.
template <typename Hear>
void each_change(json& root, json& at, const Hear& hear) {
    const json kept = at;
    for (const json& stranger : strangers()) {
        at = stranger;
        hear(root);
    }
    at = kept;
    if (at.is_object()) {
        for (const auto& [name, value] : kept.items()) {
            at.erase(name);
            hear(root);
            at[name] = value;
            at["another"] = value;
            hear(root);
            at.erase("another");
        }
    }
    if (at.is_structured()) {
        for (auto& child : at) {
            each_change(root, child, hear);
        }
    }
}

}  // namespace

TEST_CASE("the quick yes never says more than the validator", "[schema]") {
    int yes = 0;
    for (const auto& [name, text] : codec::embedded_schemas()) {
        if (name.rfind("command-", 0) != 0) {
            continue;
        }
        const json schema = json::parse(text);
        const SchemaShape shape(schema);
        Validator validator(schema);
        for (const auto& body : bodies()) {
            json value = json::parse(body.text);
            const auto check = [&](const json& changed) {
                if (shape.surely_fits(changed)) {
                    ++yes;
                    if (!validator.fits(changed)) {
                        FAIL_CHECK(name << " does not fit " << changed.dump().substr(0, 400));
                    }
                }
            };
            check(value);
            if (body.schema == name) {
                each_change(value, value, check);
            }
        }
    }
    CHECK(yes > 1000);
}

TEST_CASE("the quick yes is said to every good body of a command without a candidate", "[schema]") {
    for (const auto& body : bodies()) {
        const std::string& schema = codec::embedded_schemas().at(body.schema);
        if (body.schema.rfind("command-", 0) != 0 || schema.find("$ref") != std::string::npos) {
            continue;
        }
        INFO(body.schema << "/" << body.name);
        CHECK(SchemaShape(json::parse(schema)).surely_fits(json::parse(body.text)) == body.good);
    }
}

TEST_CASE("a keyword that is not known leaves everything to the validator", "[schema]") {
    const auto fits = [](const char* schema, const json& value) {
        return SchemaShape(json::parse(schema)).surely_fits(value);
    };
    CHECK(fits(R"({"type": "string"})", "a"));
    CHECK_FALSE(fits(R"({"type": "string", "format": "date"})", "a"));
    CHECK_FALSE(fits(R"({"type": ["string", "null"]})", "a"));
    CHECK_FALSE(fits(R"({"enum": []})", "a"));
    CHECK_FALSE(fits(R"({"enum": ["a", 1]})", "a"));
    CHECK_FALSE(fits(R"({"anyOf": []})", "a"));
    CHECK_FALSE(fits(R"({"pattern": "a+"})", "a"));
    CHECK_FALSE(fits("true", "a"));
    CHECK(fits(R"({"minimum": 5, "exclusiveMinimum": 1})", 5));
    CHECK_FALSE(fits(R"({"minimum": 1, "exclusiveMinimum": 5})", 5));
}
