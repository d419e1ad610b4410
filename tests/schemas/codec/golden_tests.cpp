// Messages as version 1 sent them. These files are never edited: what they say must be understood
// by every later version, in the same sense.
#include <map>

#include <nlohmann/json.hpp>

#include <cupel/codec/command_codec.hpp>
#include <cupel/codec/envelope.hpp>
#include <cupel/codec/proposal_codec.hpp>
#include <cupel/codec/schema_validator.hpp>
#include <cupel/domain/timestamp.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "bodies.hpp"
#include "catch.hpp"
#include "contract.hpp"

using namespace cupel;
using namespace cupel::test;
using Json = nlohmann::json;

namespace {

const std::string kProposal = "01KAVX3T0N8Q4Z5Y6W7V8T9RAB";
const std::string kCommand = "01KAVX0CMD0000000000000001";
const std::string kLease = "01KAVX4E5A5E000000000000ZZ";

/// File name without its ending -> its frames.
const std::map<std::string, std::vector<std::string>>& golden() {
    static const auto all = [] {
        std::map<std::string, std::vector<std::string>> found;
        const auto root = source_dir() / "tests" / "data" / "golden" / "v1";
        for (const auto& entry : std::filesystem::directory_iterator(root)) {
            found[entry.path().stem().string()] =
                Json::parse(read_text(entry.path()))["frames"].get<std::vector<std::string>>();
        }
        return found;
    }();
    return all;
}

template <typename Body>
Body command(const std::string& name) {
    const auto& frames = golden().at(name);
    const codec::Header header = codec::decode_header(frames[1]);
    return std::get<Body>(codec::decode_command(header.kind, frames[2]));
}

/// Everything `part` says, `whole` says too. A key is recomputed when a candidate is written.
void check_within(const Json& part, const Json& whole) {
    if (!part.is_object()) {
        CHECK(part == whole);
        return;
    }
    for (const auto& [name, value] : part.items()) {
        INFO(name);
        if (value.is_null() || name == "key") {
            continue;
        }
        REQUIRE(whole.contains(name));
        check_within(value, whole[name]);
    }
}

}  // namespace

TEST_CASE("messages of version 1 decode for ever: every kind has one", "[golden]") {
    std::size_t messages = 0;
    for (const auto& name : codec::schema_names()) {
        const std::string stem = name.substr(0, name.size() - 2);
        const bool message = stem.rfind("command-", 0) == 0 || stem.rfind("reply-", 0) == 0 ||
                             stem.rfind("event-", 0) == 0 || stem == "err";
        if (message) {
            INFO(stem);
            ++messages;
            REQUIRE(golden().count(stem) == 1);
            CHECK(breach("header-1", golden().at(stem)[1]) == std::nullopt);
            CHECK(breach(name, golden().at(stem)[2]) == std::nullopt);
        }
    }
    CHECK(golden().size() == messages + 1);
    CHECK(golden().at("welcome") == std::vector<std::string>{"h/welcome"});
}

TEST_CASE("messages of version 1 decode for ever: commands", "[golden]") {
    for (const auto& [name, frames] : golden()) {
        if (name.rfind("command-", 0) != 0) {
            continue;
        }
        INFO(name);
        const codec::Header header = codec::decode_header(frames[1]);
        CHECK(header.version == 1);
        CHECK(header.id == "01KAVX4E5B0000000000000000");
        CHECK(schema_of("command", header.kind) == name + "-1");
        // Nothing that was said is lost between reading and writing it again.
        const auto again = codec::encode(codec::decode_command(header.kind, frames[2]));
        CHECK(again.kind == header.kind);
        check_within(Json::parse(frames[2]), Json::parse(again.body));
    }
}

TEST_CASE("messages of version 1 decode for ever: what a worker says", "[golden]") {
    const auto hello = command<Hello>("command-hello");
    CHECK(hello.client == "robot-1");
    CHECK(hello.capabilities == std::vector<std::string>{"glovebox"});
    const auto claim = command<Claim>("command-claim");
    CHECK(claim.cmd_id == kCommand);
    CHECK(claim.proposals == std::vector<std::string>{kProposal});
    CHECK(claim.lease_class == LeaseClass::Robot);
    const auto start = command<Start>("command-start");
    CHECK(start.proof.lease == kLease);
    CHECK(start.proof.fence == 3);
    CHECK(start.expected_s == 3600.0);
    const auto progress = command<Progress>("command-progress");
    CHECK(progress.stage == "crystallisation");
    CHECK(progress.note == std::optional<std::string>("pale"));
    const auto result = command<Result>("command-result");
    CHECK(result.proposal == kProposal);
    CHECK(result.attempt == 1);
    REQUIRE(result.outcome);
    CHECK(result.outcome->kind == OutcomeKind::Analogue);
    CHECK(result.outcome->analogue_grade == 0.4);
    CHECK(result.consumed == false);
    REQUIRE(result.blobs.size() == 1);
    CHECK(result.blobs[0].type == "chemical/x-cif");
    CHECK(result.blobs[0].length == 4);
    CHECK(command<CancelAck>("command-cancel-ack").stopped);
    CHECK(command<ResolveUnknown>("command-resolve-unknown").way == ResolveUnknown::Way::Result);
    CHECK(command<Replay>("command-replay").to == 50);
    CHECK(command<Renew>("command-renew").applied.at("copper") == 7);
    const auto edit = command<EditProposal>("command-edit");
    CHECK(edit.candidate.core.metals == Composition{{"Cu", 19}});
    CHECK(edit.candidate.charge == 1);
    CHECK_FALSE(edit.candidate.core.hydrides);
}

TEST_CASE("messages of version 1 decode for ever: events", "[golden]") {
    for (const auto& [name, frames] : golden()) {
        if (name.rfind("event-", 0) != 0 || name == "event-beat") {
            continue;
        }
        INFO(name);
        const Event event = codec::decode_event(frames[1], frames[2]);
        CHECK(frames[0] == "c/copper/" + event.kind);
        CHECK(schema_of("event", event.kind) == name + "-1");
        CHECK(event.campaign == "copper");
        CHECK(event.seq == 7);
        CHECK(event.gseq == 9);
        CHECK(event.cause == "01KAVX4E5C0000000000000000");
        CHECK(to_rfc3339(event.time) == "2026-11-24T13:15:00.000Z");
        const Json body = Json::parse(event.body_json);
        CHECK(event.proposal == body.value("proposal", ""));
    }
}

TEST_CASE("messages of version 1 decode for ever: replies, errors and offers", "[golden]") {
    for (const auto& [name, frames] : golden()) {
        if (name.rfind("reply-", 0) == 0) {
            INFO(name);
            const codec::Header header = codec::decode_header(frames[1]);
            CHECK(header.kind == "OK");
            CHECK(header.cause == "01KAVX4E5C0000000000000000");
            CHECK(header.epoch == "01KAVW0000000000000000EP0C");
        }
    }
    const auto& err = golden().at("err");
    CHECK(codec::decode_header(err[1]).kind == "ERR");
    CHECK(codec::decode_error(err[2]).code == "STALE_LEASE");
    CHECK_FALSE(codec::decode_error(err[2]).retryable);
    const Json claims = Json::parse(golden().at("reply-claim")[2]);
    const Proposal offer = codec::decode_proposal(claims["claims"][0]["offer"].dump());
    CHECK(offer.id == kProposal);
    CHECK(offer.state == ProposalState::Offered);
    CHECK(offer.p == 0.42);
    CHECK(offer.candidate.ligands.size() == 2);
    REQUIRE(offer.candidate.edit);
    CHECK(offer.candidate.edit->steps[1] == "acetate -> formate");
    REQUIRE(offer.nearest.size() == 1);
    CHECK(offer.nearest[0].source == "10.1021/acscentsci.5c01610");
    const Json beat = Json::parse(golden().at("event-beat")[2]);
    CHECK(beat["heads"]["copper"] == 7);
}
