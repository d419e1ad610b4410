// How the verdict of a structure becomes a label: it wins over what was claimed.
#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using controller::StructureAnswer;

namespace {

StructureAnswer answer(bool confirmed, const std::string& differs = "", int silver = 21) {
    StructureReport report;
    report.core.metals = {{"Ag", silver}};
    report.ligands = {{Ligand{"[S-]C", "CH3S", -1, {"S"}, "thiolate", 1}, 4}};
    Verdict verdict;
    verdict.confirmed = confirmed;
    verdict.target_grade = confirmed ? 1.0 : 0.25;
    verdict.text = "judged";
    if (!differs.empty()) {
        verdict.fields.push_back({differs, Agreement::No, "differs"});
    }
    report.verdict = verdict;
    return {report, "", "", false};
}

/// Files of these names, each with its own text, for `blobs` and as frames.
std::vector<std::string> name_files(std::vector<BlobRef>& blobs,
                                    const std::vector<std::string>& names,
                                    const std::string& type = "chemical/x-cif") {
    std::vector<std::string> files;
    for (const auto& name : names) {
        files.push_back("data_" + name);
        blobs.push_back({name, type, sha256_hex(files.back()), files.back().size()});
    }
    return files;
}

/// Sends a result with a CIF; what was claimed may be missing.
std::string send_cif(Bench& bench, std::optional<OutcomeKind> claimed) {
    const auto held = bench.start(bench.offers().front());
    const std::string cif = "data_x\n";
    Result result = bench.result(held, claimed.value_or(OutcomeKind::Amorphous));
    if (!claimed) {
        result.outcome.reset();
    }
    result.blobs = {{"x.cif", "chemical/x-cif", sha256_hex(cif), cif.size()}};
    bench.ok(result, "RESULT", "robot", {cif});
    bench.ledger->drain();
    return held.proposal;
}

}  // namespace

TEST_CASE("a structure that equals the target confirms it", "[verdict]") {
    Bench bench;
    bench.structures.answers["x.cif"] = answer(true);
    const auto id = send_cif(bench, std::nullopt);
    CHECK(bench.state(id) == "LABELLED");
    CHECK(bench.last("VERDICT")["outcome"]["kind"] == "confirmed");
    REQUIRE(bench.learner.observed.size() == 1);
    CHECK(bench.learner.observed[0].target == 1.0);
}

TEST_CASE("an analogue is a graded label and a new positive", "[verdict]") {
    Bench bench;
    SECTION("another core") {
        bench.structures.answers["x.cif"] = answer(false, "metals");
        send_cif(bench, OutcomeKind::Confirmed);
        const Json verdict = bench.last("VERDICT");
        CHECK(verdict["outcome"]["kind"] == "analogue");
        CHECK(verdict["label"]["target"] == 0.25);
        CHECK(verdict["label"]["pair"] == 0.0);
        CHECK(verdict["difference"].get<std::string>().find("claimed confirmed") == 0);
    }
    SECTION("other counts") {
        bench.structures.answers["x.cif"] = answer(false, "ligand_counts");
        send_cif(bench, std::nullopt);
        CHECK(bench.last("VERDICT")["label"]["pair"] == 1.0);
    }
    const Json seen = bench.last("OBSERVED");
    CHECK(seen["candidate"]["core"]["metals"]["Ag"] == 21);
    CHECK(seen["outcome"]["kind"] == "confirmed");
    CHECK(bench.learner.observed.size() == 2);
}

TEST_CASE("of several structures the one most like the target decides", "[verdict]") {
    Bench bench;
    bench.structures.answers["raw.cif"] = {std::nullopt, "truncated", "ends early", false};
    bench.structures.answers["other.cif"] = answer(false, "metals");
    bench.structures.answers["final.cif"] = answer(true);
    const auto held = bench.start(bench.offers().front());
    const auto with = [&](const std::vector<std::string>& names) {
        Result result = bench.result(held, OutcomeKind::Confirmed);
        const auto files = name_files(result.blobs, names);
        bench.ok(result, "RESULT", "robot", files);
    };
    SECTION("of one result") {
        with({"raw.cif", "final.cif", "other.cif"});
        bench.ledger->drain();
        CHECK(bench.count("VERDICT") == 1);
        CHECK(bench.last("VERDICT")["note"].get<std::string>().find("truncated") !=
              std::string::npos);
        CHECK(bench.last("OBSERVED")["candidate"]["core"]["metals"]["Ag"] == 21);
    }
    SECTION("of two that came at once, over a restart") {
        bench.structures.silent = true;
        with({"final.cif"});
        with({"raw.cif"});
        bench.structures.silent = false;
        bench.reopen();
        bench.ledger->drain();
    }
    CHECK(bench.state(held.proposal) == "LABELLED");
    CHECK(bench.last("VERDICT")["outcome"]["kind"] == "confirmed");
    CHECK(bench.verify().ok());
}

TEST_CASE("two crystals of one kind in a result are one observation", "[verdict]") {
    Bench bench;
    bench.structures.answers["a.cif"] = bench.structures.answers["b.cif"] = answer(false, "metals");
    bench.structures.answers["c.cif"] = answer(false, "metals", 29);
    const auto held = bench.start(bench.offers().front());
    Result result = bench.result(held, OutcomeKind::Analogue);
    result.outcome.reset();
    const auto files = name_files(result.blobs, {"a.cif", "b.cif", "c.cif", "c.cif"});
    bench.ok(result, "RESULT", "robot", files);
    bench.ledger->drain();
    CHECK(bench.count("OBSERVED") == 2);
    CHECK(bench.structures.asked == 3);
}

TEST_CASE("a structure is known by its name, however its instrument writes it", "[verdict]") {
    Bench bench;
    bench.structures.answers["RUN17.CIF"] = answer(true);
    const auto held = bench.start(bench.offers().front());
    Result result = bench.result(held, OutcomeKind::NoReaction);
    const auto files = name_files(result.blobs, {"RUN17.CIF"}, "application/octet-stream");
    bench.ok(result, "RESULT", "robot", files);
    bench.ledger->drain();
    CHECK(bench.last("VERDICT")["outcome"]["kind"] == "confirmed");
}

TEST_CASE("what was found instead falls with the result it was read from", "[verdict]") {
    Bench bench;
    bench.structures.answers["x.cif"] = answer(false, "metals");
    const auto id = send_cif(bench, std::nullopt);
    REQUIRE(bench.learner.observed.size() == 2);
    SECTION("retracted") {
        bench.ok(ResultRetract{make_ulid(), id, "wrong vial"}, "RESULT_RETRACT");
        bench.ledger->drain();
        CHECK(bench.learner.observed.empty());
        CHECK(bench.last("OBSERVATION_WITHDRAWN")["reason"] == "wrong vial");
    }
    SECTION("amended by what teaches of the target alone") {
        Result better;
        better.cmd_id = make_ulid();
        better.proposal = id;
        better.outcome = Outcome{};
        better.outcome->kind = OutcomeKind::NoReaction;
        bench.ok(ResultAmend{better}, "RESULT_AMEND");
        bench.ledger->drain();
        CHECK(bench.learner.observed.size() == 1);
    }
    SECTION("overruled") {
        Outcome confirmed;
        confirmed.kind = OutcomeKind::Confirmed;
        bench.ok(Overrule{make_ulid(), id, confirmed, "the disorder was misread"}, "OVERRULE");
        bench.ledger->drain();
        REQUIRE(bench.learner.observed.size() == 1);
        CHECK(bench.learner.observed[0].target == 1.0);
    }
    const Json seen = bench.last("OBSERVED");
    const Json withdrawn = bench.last("OBSERVATION_WITHDRAWN");
    CHECK(withdrawn["observation"] == seen["observation"]);
    CHECK(withdrawn["instead_of"] == id);
    CHECK(bench.count("OBSERVATION_WITHDRAWN") == 1);
    // It stays withdrawn, in the store and in what is made anew from the history.
    CHECK(bench.verify().ok());
    const auto labels = bench.campaign()["labels"];
    bench.reopen();
    CHECK(bench.campaign()["labels"] == labels);
}

TEST_CASE("a claim that teaches waits for the file, whatever is said after it", "[verdict]") {
    Bench bench;
    const auto held = bench.start(bench.offers().front());
    const std::string cif = "data_x\n";
    bench.structures.silent = true;
    Result file = bench.result(held, OutcomeKind::Amorphous);
    file.outcome.reset();
    file.blobs = {{"x.cif", "chemical/x-cif", sha256_hex(cif), cif.size()}};
    bench.ok(file, "RESULT", "robot", {cif});
    bench.ok(bench.result(held, OutcomeKind::NoReaction), "RESULT");
    bench.ok(bench.result(held, OutcomeKind::ExecutionFailed), "RESULT");
    bench.structures.silent = false;
    bench.structures.answers["x.cif"] = {std::nullopt, "truncated", "ends early", false};
    bench.reopen();  // it is read again
    bench.ledger->drain();
    CHECK(bench.state(held.proposal) == "LABELLED");
    CHECK(bench.last("VERDICT")["outcome"]["kind"] == "no_reaction");
}

TEST_CASE("a file that cannot be read leaves the claim to decide", "[verdict]") {
    Bench bench;
    bench.structures.answers["x.cif"] = {std::nullopt, "truncated", "ends early", false};
    CHECK(bench.state(send_cif(bench, OutcomeKind::Confirmed)) == "LABELLED");
    CHECK(bench.last("VERDICT")["outcome"]["kind"] == "mass_confirmed");
    CHECK(bench.state(send_cif(bench, std::nullopt)) == "AWAITING");
    CHECK(bench.count("ALARM") == 0);
}

TEST_CASE("a reader that dies raises an alarm and the file is kept", "[verdict]") {
    Bench bench;
    bench.structures.answers["x.cif"] = {std::nullopt, "unreadable", "killed by signal 9", true};
    CHECK(bench.state(send_cif(bench, std::nullopt)) == "AWAITING");
    CHECK(bench.count("ALARM") == 1);
    CHECK_FALSE(bench.send(BlobGet{sha256_hex("data_x\n")}, "BLOB_GET").error);
}

TEST_CASE("a later claim does not undo a structure", "[verdict]") {
    Bench bench;
    bench.structures.answers["x.cif"] = answer(true);
    const auto id = send_cif(bench, std::nullopt);
    Result claim;
    claim.cmd_id = make_ulid();
    claim.proposal = id;
    claim.outcome = Outcome{};
    claim.outcome->kind = OutcomeKind::NoReaction;
    bench.ok(claim, "RESULT");
    CHECK(bench.last("VERDICT")["outcome"]["kind"] == "confirmed");
    CHECK(bench.learner.observed[0].target == 1.0);
}

TEST_CASE("an observed file beside a candidate is refused: which of them would count?",
          "[verdict]") {
    Bench bench;
    Observe observe;
    observe.cmd_id = make_ulid();
    observe.campaign = "c";
    observe.candidate = candidate_number(7000);
    observe.blobs = {{"old.cif", "chemical/x-cif", sha256_hex("data_y"), 6}};
    CHECK(bench.send(observe, "OBSERVE", "person", {"data_y"}).error == ErrorCode::BadMessage);
    CHECK(bench.count("RESULT_RECEIVED") == 0);
}

TEST_CASE("an observation is taken back by the result it came from", "[verdict]") {
    Bench bench;
    Observe observe;
    observe.cmd_id = make_ulid();
    observe.campaign = "c";
    observe.candidate = candidate_number(7000);
    observe.outcome = Outcome{};
    observe.outcome->kind = OutcomeKind::MassConfirmed;
    const std::string result = bench.ok(observe, "OBSERVE", "person")["result"];
    CHECK(bench.campaign()["labels"] == 1);
    const ResultRetract retract{make_ulid(), "", "the wrong page", result};
    CHECK(bench.ok(retract, "RESULT_RETRACT")["result"] == result);
    bench.ledger->drain();
    CHECK(bench.learner.observed.empty());
    CHECK(bench.campaign()["labels"] == 0);
    CHECK(bench.last("OBSERVATION_WITHDRAWN")["result"] == result);
    CHECK(bench.verify().ok());
    // Only what stands can be taken back.
    CHECK(bench.error_of(ResultRetract{make_ulid(), "", "again", result}, "RESULT_RETRACT") ==
          ErrorCode::IllegalState);
}

TEST_CASE("every observed structure is a positive of its own, under the conditions told",
          "[verdict]") {
    Bench bench;
    bench.structures.answers["old.cif"] = answer(true);
    bench.structures.answers["older.cif"] = answer(true, "", 29);
    bench.structures.answers["torn.cif"] = {std::nullopt, "truncated", "ends early", false};
    Observe observe;
    observe.cmd_id = make_ulid();
    observe.campaign = "c";
    observe.conditions = {{"solvent", "CH2Cl2"}};
    const auto files = name_files(observe.blobs, {"old.cif", "torn.cif", "older.cif"});
    bench.ok(observe, "OBSERVE", "person", files);
    bench.ledger->drain();
    CHECK(bench.count("OBSERVED") == 2);
    CHECK(bench.last("OBSERVED")["candidate"]["core"]["metals"]["Ag"] == 29);
    CHECK(bench.last("OBSERVED")["candidate"]["conditions"]["solvent"] == "CH2Cl2");
    const std::string alarm = bench.last("ALARM")["text"];
    CHECK(alarm.find("torn.cif of observation") == 0);
    REQUIRE(bench.learner.observed.size() == 2);
    CHECK(bench.learner.observed[0].target == 1.0);
    CHECK(bench.verify().ok());
}

TEST_CASE("a cluster whose ligands could not be told apart teaches nothing", "[verdict]") {
    Bench bench;
    bench.structures.answers["messy.cif"] = answer(true);
    bench.structures.answers["messy.cif"].report->ligands_undecided = true;
    Observe observe;
    observe.cmd_id = make_ulid();
    observe.campaign = "c";
    const auto files = name_files(observe.blobs, {"messy.cif"});
    bench.ok(observe, "OBSERVE", "person", files);
    bench.ledger->drain();
    CHECK(bench.count("OBSERVED") == 0);
    CHECK(bench.learner.observed.empty());
    const std::string alarm = bench.last("ALARM")["text"];
    CHECK(alarm.find("could not be told apart; say what it is by cupel observe") !=
          std::string::npos);
}
