// Damaged messages: whatever the bytes, a decoder answers or throws InputError with one line.
#include <cstdlib>
#include <functional>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/command_codec.hpp>
#include <cupel/codec/envelope.hpp>
#include <cupel/codec/outcome_codec.hpp>
#include <cupel/codec/proposal_codec.hpp>
#include <cupel/codec/structure_codec.hpp>
#include <cupel/domain/error.hpp>

#include "bodies.hpp"
#include "catch.hpp"
#include "damage.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

int rounds() {
    return std::getenv("CUPEL_LONG_TESTS") != nullptr ? 1'000'000 : 6'000;
}

}  // namespace

TEST_CASE("damaged messages are read or refused with one line", "[fuzz]") {
    constexpr std::uint32_t kSeed = 20261124;
    INFO("seed " << kSeed);
    Damage damage(kSeed);
    const std::vector<std::function<void(const Body&, const std::string&)>> decoders{
        [](const Body& body, const std::string& text) {
            codec::decode_command(kind_of_schema(body.schema), text);
        },
        [](const Body&, const std::string& text) { codec::decode_header(text); },
        [](const Body&, const std::string& text) { codec::decode_error(text); },
        [](const Body&, const std::string& text) { codec::decode_candidate(text); },
        [](const Body&, const std::string& text) { codec::decode_proposal(text); },
        [](const Body&, const std::string& text) { codec::decode_stored_proposal(text); },
        [](const Body&, const std::string& text) { codec::decode_outcome(text); },
        [](const Body&, const std::string& text) { codec::decode_verdict(text); },
        [](const Body&, const std::string& text) { codec::decode_structure_report(text); },
        [](const Body&, const std::string& text) {
            codec::decode_event(R"({"cupel":1,"kind":"CLAIMED","id":"x"})", text);
        },
    };
    // Bodies of their own kind reach deep into a decoder; every other one must be refused as well.
    std::vector<const Body*> seeds;
    for (const auto& body : bodies()) {
        const bool deep = body.schema.rfind("command-", 0) == 0 ||
                          body.schema.find("proposal") != std::string::npos ||
                          body.schema.rfind("event-", 0) != 0;
        if (body.good && deep) {
            seeds.push_back(&body);
        }
    }
    int read = 0;
    int refused = 0;
    for (int i = 0; i < rounds(); ++i) {
        const Body& body = *seeds[damage.below(seeds.size())];
        const bool command = body.schema.rfind("command-", 0) == 0;
        const auto& decode = decoders[command ? 0 : 1 + damage.below(decoders.size() - 1)];
        const std::string text = damage.of(body.text);
        try {
            decode(body, text);
            ++read;
        } catch (const InputError& error) {
            ++refused;
            const std::string line = error.what();
            const bool one_line = !line.empty() && line.find('\n') == std::string::npos;
            if (!one_line || line.size() > 1000) {
                INFO(body.schema << ": " << text);
                FAIL_CHECK("not one line: " << line);
            }
        } catch (const std::exception& error) {
            INFO(body.schema << ": " << text);
            FAIL_CHECK("another exception: " << error.what());
        }
    }
    CHECK(read > rounds() / 50);
    CHECK(refused > rounds() / 4);
}

TEST_CASE("messages nested deeper than any of ours are refused, not followed", "[fuzz]") {
    const std::string deep(100'000, '[');
    CHECK_THROWS_AS(codec::decode_candidate(deep), InputError);
    CHECK_THROWS_AS(codec::decode_command("CLAIM", "{\"cmd_id\":" + deep), InputError);
    CHECK_THROWS_AS(codec::decode_header(deep), InputError);
}
