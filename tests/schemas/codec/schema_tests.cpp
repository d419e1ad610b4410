// Each schema accepts its good bodies and refuses each bad one.
#include <map>

#include <cupel/codec/command_codec.hpp>
#include <cupel/codec/schema_validator.hpp>
#include <cupel/domain/error.hpp>

#include "bodies.hpp"
#include "catch.hpp"

using namespace cupel;
using namespace cupel::test;

TEST_CASE("every schema compiles", "[schema]") {
    for (const auto& name : codec::schema_names()) {
        INFO(name);
        CHECK_NOTHROW(codec::schema_violation(name, "{}"));
    }
    CHECK_THROWS_AS(codec::schema_violation("command-dance-1", "{}"), std::logic_error);
}

TEST_CASE("every schema has a good body and several bad ones", "[schema]") {
    std::map<std::string, std::pair<int, int>> counts;
    for (const auto& name : codec::schema_names()) {
        counts[name] = {0, 0};
    }
    for (const auto& body : bodies()) {
        INFO(body.schema);
        REQUIRE(counts.count(body.schema) == 1);
        ++(body.good ? counts[body.schema].first : counts[body.schema].second);
    }
    for (const auto& [name, count] : counts) {
        INFO(name);
        CHECK(count.first >= 1);
        CHECK(count.second >= 3);
    }
}

TEST_CASE("good bodies fit their schema, bad ones do not", "[schema]") {
    for (const auto& body : bodies()) {
        INFO(body.schema << "/" << body.name);
        const auto violation = codec::schema_violation(body.schema, body.text);
        CHECK(violation.has_value() != body.good);
        if (violation) {
            INFO(*violation);
            CHECK(violation->find('\n') == std::string::npos);
        }
    }
    CHECK(codec::schema_violation("command-ping-1", "{") == std::optional<std::string>("not JSON"));
    const std::string claim = R"({"cmd_id":"01KAVX0CMD0000000000000001","proposals":)";
    const std::string id = R"("01KAVX3T0N8Q4Z5Y6W7V8T9RAB")";
    CHECK(codec::schema_violation("command-claim-1", claim + R"(["short"]})") ==
          std::optional<std::string>(
              "proposals[0]: has not the form that command-claim-1 (schemas/json) asks for"));
    CHECK(
        codec::schema_violation("command-claim-1", claim + "[" + id + R"(],"lease_class":"plant"})")
            ->find("lease_class: ") == 0);
}

TEST_CASE("a list without end costs no more than its first look", "[schema]") {
    // Short, different and many: the validator would compare each with each.
    std::string list;
    for (int i = 0; i < 20'000; ++i) {
        list += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"";
    }
    const std::string claim = R"({"cmd_id":"01KAVX0CMD0000000000000001","proposals":[)";
    CHECK(codec::schema_violation("command-claim-1", claim + list + "]}").value_or("") ==
          "proposals: at most 384 entries, got 20000");
    std::string entries;
    for (int i = 0; i < 300; ++i) {
        entries += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    }
    const std::string observe = R"({"cmd_id":"01KAVX0CMD0000000000000001","campaign":"c",)";
    CHECK(
        codec::schema_violation("command-observe-1", observe + R"("conditions":{)" + entries + "}}")
            .value_or("") == "conditions: at most 256 entries, got 300");
    CHECK(codec::schema_violation("command-result-1",
                                  R"({"blobs":[{"name":")" + std::string(5000, 'x') + "\"}]}")
              .value_or("") == "blobs[0].name: at most 255 characters");
    CHECK(codec::schema_violation(
              "command-observe-1",
              observe + R"("candidate":{"core":{"formula":"Au","metals":{)" + entries + "}}}}")
              .value_or("") == "candidate.core.metals: at most 64 entries, got 300");
}

TEST_CASE("a command is read from each good body and refused with one line from each bad one",
          "[schema]") {
    for (const auto& body : bodies()) {
        if (body.schema.rfind("command-", 0) != 0) {
            continue;
        }
        INFO(body.schema << "/" << body.name);
        const std::string kind = kind_of_schema(body.schema);
        REQUIRE(codec::is_command_kind(kind));
        if (body.good) {
            CHECK_NOTHROW(codec::decode_command(kind, body.text));
            continue;
        }
        try {
            codec::decode_command(kind, body.text);
            FAIL_CHECK("was accepted");
        } catch (const InputError& error) {
            CHECK(error.code() == "bad_message");
            CHECK(std::string(error.what()).rfind(kind + ": ", 0) == 0);
        }
    }
}
