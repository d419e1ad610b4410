// Pool files: what a line says, what it leaves out, what is refused.
#include <fstream>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/pool_file.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel;

namespace {

std::string line_of(int gold, const std::string& more = "") {
    return R"({"core":{"metals":{"Au":)" + std::to_string(gold) +
           R"(},"anions":{},"hydrides":null},"ligands":[{"smiles":"[S-]C","count":1}],)" +
           R"("charge":null)" + more + "}\n";
}

struct Read {
    std::vector<codec::PoolLine> lines;
    std::size_t again = 0;
};

Read read(const std::string& text) {
    const test::TempDir folder;
    const auto file = folder / "pool.jsonl";
    std::ofstream(file) << text;
    Read out;
    out.again = codec::read_pool_file(
        file, [&](codec::PoolLine line) { out.lines.push_back(std::move(line)); });
    return out;
}

std::string problem_of(const std::string& text) {
    try {
        read(text);
    } catch (const InputError& error) {
        CHECK(error.code() == "bad_pool");
        const std::string what = error.what();
        return what.substr(what.find("pool.jsonl:"));
    }
    return "read";
}

}  // namespace

TEST_CASE("a line says cost, flags and key, or leaves them to be worked out", "[pool_file]") {
    const auto pool = read(line_of(2) + "\n \t\r\n" +
                           line_of(3, R"(,"cost":2.5,"flags":["carbonyl"],"key":"k1:3")"));
    REQUIRE(pool.lines.size() == 2);
    CHECK(pool.again == 0);
    CHECK(pool.lines[0].key == identity_key(pool.lines[0].candidate));
    CHECK(pool.lines[0].cost == 1.0);
    CHECK_FALSE(pool.lines[0].flags);
    CHECK(pool.lines[1].candidate.core.metals == Composition{{"Au", 3}});
    CHECK(pool.lines[1].key == "k1:3");
    CHECK(pool.lines[1].cost == 2.5);
    CHECK(pool.lines[1].flags == std::vector<std::string>{"carbonyl"});
    CHECK(codec::decode_candidate(pool.lines[1].json).core.metals == Composition{{"Au", 3}});
}

TEST_CASE("a key that stands there again is left out and counted", "[pool_file]") {
    const auto pool =
        read(line_of(2, R"(,"cost":1.5)") + line_of(3) + line_of(2, R"(,"cost":4)") + line_of(2));
    REQUIRE(pool.lines.size() == 2);
    CHECK(pool.lines[0].cost == 1.5);
    CHECK(pool.again == 2);
}

TEST_CASE("what cannot be read says in which line and why", "[pool_file]") {
    CHECK(problem_of(line_of(2) + "{\n").find("pool.jsonl:2: ") == 0);
    CHECK(problem_of(line_of(2, R"(,"cost":"dear")")) ==
          "pool.jsonl:1: cost: expected a number, got \"dear\"");
    CHECK(problem_of(line_of(2, R"(,"flags":"none")")) ==
          "pool.jsonl:1: flags: expected a list, got \"none\"");
    CHECK(problem_of("\n" + line_of(2, R"(,"key":7)")) ==
          "pool.jsonl:2: key: expected text, got 7");
    const test::TempDir folder;
    const auto nothing = [](codec::PoolLine) {};
    CHECK_THROWS_AS(codec::read_pool_file(folder / "none.jsonl", nothing), InputError);
    CHECK_THROWS_AS(codec::read_pool_file(folder.path(), nothing), InputError);
    std::ofstream(folder / "pool.jsonl") << line_of(2) << line_of(3);
    try {
        codec::read_pool_file(folder / "pool.jsonl", [](codec::PoolLine line) {
            if (line.candidate.core.metals.at("Au") == 3) {
                throw InputError("bad_candidate", "not this one");
            }
        });
        FAIL("taken");
    } catch (const InputError& error) {
        CHECK(std::string(error.what()).find("pool.jsonl:2: not this one") != std::string::npos);
    }
}
