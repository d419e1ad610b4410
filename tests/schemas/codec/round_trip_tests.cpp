// What is written is read back as it was, for random values of every kind.
#include <algorithm>
#include <random>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/command_codec.hpp>
#include <cupel/codec/envelope.hpp>
#include <cupel/codec/outcome_codec.hpp>
#include <cupel/codec/proposal_codec.hpp>
#include <cupel/codec/structure_codec.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"

using namespace cupel;

namespace {

constexpr int kRounds = 200;

/// Random domain values from a fixed seed.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : random_(seed) {}

    int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
    bool coin() { return below(2) == 0; }
    double unit() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_); }
    std::string text() {
        static const std::vector<std::string> kTexts{
            "", "plain", "\"quoted\" \\ /", "two\nlines\ttab", "Grüße, 銀", std::string(300, 'x')};
        return kTexts[static_cast<std::size_t>(below(static_cast<int>(kTexts.size())))];
    }
    std::string word() { return "w" + std::to_string(below(1000)); }
    template <typename T>
    std::optional<T> maybe(T value) {
        return coin() ? std::optional<T>(std::move(value)) : std::nullopt;
    }
    std::map<std::string, std::string> texts() {
        std::map<std::string, std::string> all;
        for (int n = below(3); n > 0; --n) {
            all[word()] = text();
        }
        return all;
    }
    std::vector<std::string> words() {
        std::vector<std::string> all;
        for (int n = below(3); n > 0; --n) {
            all.push_back(word());
        }
        return all;
    }
    Candidate candidate() {
        Candidate made;
        made.core.metals = {{"Cu", 1 + below(60)}};
        if (coin()) {
            made.core.metals["Ag"] = 1 + below(30);
        }
        if (coin()) {
            made.core.anions = {{"Cl", 1 + below(4)}};
        }
        made.core.hydrides = maybe(below(12));
        LigandSet ligands;
        for (int n = 1 + below(4); n > 0; --n) {
            const Ligand ligand{"[S-]" + std::string(static_cast<std::size_t>(1 + below(5)), 'C'),
                                "CH3S",
                                below(3) - 1,
                                {"S"},
                                "thiolate",
                                1 + below(2)};
            ligands.push_back({ligand, 1 + below(30)});
        }
        made.ligands = normalised(std::move(ligands));
        made.charge = maybe(below(9) - 4);
        made.conditions = texts();
        if (coin()) {
            made.edit = Edit{text(), words()};
        }
        return made;
    }
    Outcome outcome() {
        Outcome made;
        made.kind = static_cast<OutcomeKind>(below(10));
        made.target_seen = maybe(coin());
        made.after_isolation = coin();
        made.analogue_grade = maybe(unit());
        made.only_counts_differ = coin();
        return made;
    }
    Proposal proposal() {
        Proposal made;
        made.id = make_ulid();
        made.campaign = word();
        made.batch = make_ulid();
        made.attempt = 1 + below(5);
        made.state = static_cast<ProposalState>(below(17));
        made.candidate = candidate();
        made.identity_key = identity_key(made.candidate);
        made.learning_key = learning_key(made.candidate);
        made.p = unit();
        made.interaction = unit() - 0.5;
        made.popularity = unit() * 1e-9;
        made.uncertainty = unit() * 1e9;
        made.reason = text();
        made.nearest = {{text(), word(), unit()}};
        made.provenance = {word(),
                           word(),
                           word(),
                           text(),
                           (std::uint64_t{random_()} << 32) | random_(),
                           unit(),
                           text()};
        made.cost = unit() * 100;
        made.hazards = {word()};
        made.required_tags = {word(), word()};
        made.edited_from = maybe(make_ulid());
        made.created = Timestamp(std::chrono::milliseconds(1'700'000'000'000 + below(1'000'000)));
        return made;
    }
    LeaseProof proof() { return {make_ulid(), below(1000)}; }
    std::vector<BlobRef> blobs() {
        std::vector<BlobRef> all;
        for (int n = below(3); n > 0; --n) {
            all.push_back({word() + ".cif",
                           "chemical/x-cif",
                           std::string(64, static_cast<char>('a' + below(6))),
                           static_cast<std::uint64_t>(below(1'000'000))});
        }
        return all;
    }
    Result result() {
        Result made;
        made.cmd_id = make_ulid();
        made.proposal = make_ulid();
        made.attempt = maybe(1 + below(5));
        made.proof = maybe(proof());
        made.outcome = maybe(outcome());
        made.consumed = maybe(coin());
        made.stage = maybe(word());
        made.note = maybe(text());
        made.evidence = texts();
        made.blobs = blobs();
        return made;
    }
    std::map<std::string, std::int64_t> applied() { return {{word(), below(1'000'000)}}; }
    ResolveUnknown resolve() {
        ResolveUnknown made{make_ulid(), make_ulid(), text(), {}, outcome()};
        made.way = static_cast<ResolveUnknown::Way>(below(3));
        return made;
    }
    Observe observe() {
        return {
            make_ulid(), word(), maybe(candidate()), maybe(outcome()), texts(), texts(), blobs()};
    }
    /// One command of every kind.
    std::vector<CommandBody> commands() {
        const std::string id = make_ulid();
        const std::string about = make_ulid();
        const auto action = static_cast<CampaignControl::Action>(below(3));
        return {
            Hello{word(), text(), text(), words()},
            Snapshot{maybe(word())},
            Replay{word(), below(1000), maybe(std::int64_t{below(1000)}), 1 + below(1000)},
            ListOffers{maybe(word()), words(), 1 + below(1000)},
            Claim{id, {about, make_ulid()}, static_cast<LeaseClass>(below(3))},
            Renew{proof(), applied()},
            Start{id, about, proof(), maybe(unit() * 1000)},
            Progress{id, about, proof(), word(), maybe(text()), maybe(unit())},
            Release{id, about, maybe(proof()), text()},
            Decline{id, about, maybe(proof()), text()},
            result(),
            ResultAmend{result()},
            coin() ? ResultRetract{id, about, word()} : ResultRetract{id, "", word(), make_ulid()},
            observe(),
            Cancel{id, about, text()},
            CancelAck{id, about, proof(), coin()},
            Approve{id, about, text()},
            Reject{id, about, word()},
            EditProposal{id, about, candidate(), text()},
            Withdraw{id, about, text()},
            resolve(),
            AcceptHeld{id, about, text()},
            RefuseHeld{id, about, text()},
            Overrule{id, about, outcome(), word()},
            Why{about},
            QueryCmd{id},
            Status{},
            CampaignNew{id, word(), R"({"budget":24,"pool":"p.jsonl"})"},
            CampaignControl{id, word(), action, text()},
            AckAlarm{id, about, text()},
            BlobGet{std::string(64, 'e')},
            BlobPut{std::string(64, 'f'), static_cast<std::uint32_t>(below(9)), 9},
            Ping{applied()}};
    }

  private:
    std::mt19937 random_;
};

}  // namespace

TEST_CASE("random candidates, outcomes and proposals come back as they were", "[round trip]") {
    constexpr std::uint32_t kSeed = 7;
    INFO("seed " << kSeed);
    Dice dice(kSeed);
    for (int i = 0; i < kRounds; ++i) {
        const Candidate candidate = dice.candidate();
        const Candidate read = codec::decode_candidate(codec::encode(candidate));
        CHECK(codec::encode(read) == codec::encode(candidate));
        CHECK(read.charge == candidate.charge);
        CHECK(read.core.hydrides == candidate.core.hydrides);
        CHECK(read.conditions == candidate.conditions);
        CHECK(identity_key(read) == identity_key(candidate));
        const Outcome outcome = dice.outcome();
        CHECK(codec::encode(codec::decode_outcome(codec::encode(outcome))) ==
              codec::encode(outcome));
        const Proposal proposal = dice.proposal();
        CHECK(codec::encode(codec::decode_proposal(codec::encode(proposal))) ==
              codec::encode(proposal));
        const Proposal stored = codec::decode_stored_proposal(codec::encode_stored(proposal));
        CHECK(codec::encode_stored(stored) == codec::encode_stored(proposal));
        CHECK(stored.provenance.seed == proposal.provenance.seed);
        CHECK(stored.uncertainty == proposal.uncertainty);  // to the bit
        CHECK(stored.edited_from == proposal.edited_from);
        CHECK(stored.hazards == proposal.hazards);
        CHECK(stored.required_tags == proposal.required_tags);
    }
}

TEST_CASE("random commands of every kind come back as they were", "[round trip]") {
    constexpr std::uint32_t kSeed = 11;
    INFO("seed " << kSeed);
    Dice dice(kSeed);
    for (int i = 0; i < kRounds; ++i) {
        const auto commands = dice.commands();
        REQUIRE(commands.size() == std::variant_size_v<CommandBody>);
        for (std::size_t kind = 0; kind < commands.size(); ++kind) {
            REQUIRE(commands[kind].index() == kind);
            const auto written = codec::encode(commands[kind]);
            INFO(written.kind << " " << written.body);
            const CommandBody read = codec::decode_command(written.kind, written.body);
            CHECK(read.index() == kind);
            CHECK(codec::encode(read).body == written.body);
        }
    }
}

TEST_CASE("a header and an event come back as they were", "[round trip]") {
    Event event;
    event.id = make_ulid();
    event.campaign = "copper";
    event.seq = 7;
    event.gseq = INT64_MAX;
    event.kind = "CLAIMED";
    event.proposal = make_ulid();
    event.cause = "";
    event.time = Timestamp(std::chrono::milliseconds(1'700'000'000'123));
    event.body_json = R"({"campaign":"copper","proposal":")" + event.proposal + R"("})";
    const Event read =
        codec::decode_event(codec::encode(codec::header_of(event, "epoch")), event.body_json);
    CHECK(read.id == event.id);
    CHECK(read.campaign == event.campaign);
    CHECK(read.proposal == event.proposal);
    CHECK(read.gseq == event.gseq);
    CHECK(read.time == event.time);
    CHECK(read.cause.empty());
}

TEST_CASE("a header is read alike however it is laid out", "[round trip]") {
    // A line break in front is what no client sends: then the whole JSON parser reads it.
    const auto read = [](const std::string& text) -> std::string {
        try {
            const codec::Header header = codec::decode_header(text);
            return std::to_string(header.version) + " " + codec::encode(header);
        } catch (const InputError& error) {
            const std::string what = error.what();
            return what.substr(0, what.find(" at line"));
        }
    };
    const std::string whole =
        R"({"cupel": 1, "kind":"START","id":"a","cause":"b","epoch": "c","seq":7, )"
        R"("gseq":12,"time":"2026-11-24T12:00:00.000Z"})";
    const std::vector<std::string> words{"",
                                         "null",
                                         "0",
                                         "00",
                                         "01",
                                         "-1",
                                         "1.0",
                                         "1e3",
                                         "1000001",
                                         "\"\"",
                                         "\"\\u0041\"",
                                         "true",
                                         "[]",
                                         "{}",
                                         "\"\xc3\xa4\"",
                                         " ",
                                         "  ",
                                         "9223372036854775808",
                                         "\"a",
                                         "}",
                                         ",",
                                         ",\"x\":1",
                                         ":",
                                         "{",
                                         "\"kind\":null,",
                                         "\"kind\":\"STOP\",",
                                         "\xff"};
    for (std::size_t from = 0; from <= whole.size(); ++from) {
        for (const std::size_t length : {0, 1, 2, 3, 7, 8, 9, 12}) {
            for (const auto& word : words) {
                std::string text = whole;
                text.replace(from, std::min(length, text.size() - from), word);
                if (read(text) != read("\n" + text)) {
                    FAIL_CHECK(text << ": " << read(text) << " / " << read("\n" + text));
                }
            }
        }
    }
    CHECK(read(whole) == "1 " + codec::encode(codec::decode_header(whole)));
    CHECK(codec::decode_header(whole).kind == "START");
    CHECK(codec::decode_header(whole).gseq == 12);
}

TEST_CASE("text that is not UTF-8 is written with replacements, never refused", "[round trip]") {
    const std::string written =
        codec::encode(Reject{make_ulid(), make_ulid(), "bad \xff byte"}).body;
    CHECK(std::get<Reject>(codec::decode_command("REJECT", written)).reason ==
          "bad \xEF\xBF\xBD byte");
}
