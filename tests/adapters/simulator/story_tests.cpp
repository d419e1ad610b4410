// A campaign told from its events, the conditions on it, and the report drawn from it.
#include <fstream>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/structure_codec.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "conditions.hpp"
#include "report.hpp"
#include "story.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

namespace {

using namespace cupel;
using namespace cupel::simulator;
using Json = nlohmann::json;

const char* const kTable =
    "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,ligands,status\n"
    "T1,Au25(PET)18,,Au:25,25,,,[S-]CCc1ccccc1*18,ok\n";

Candidate cluster(int gold) {
    Candidate candidate;
    candidate.core.metals = {{"Au", gold}};
    candidate.ligands = {{chemistry::describe_ligand("[S-]CCc1ccccc1"), 18}};
    return candidate;
}

/// Two proposals: one breaks once, is offered again and confirmed; one is an analogue.
class Log {
  public:
    Log() {
        const auto path = dir_ / "truth.csv";
        std::ofstream(path) << kTable;
        truth_ = Truth::load(path);
        teller_ = std::make_unique<StoryTeller>(truth_);
    }
    void say(const std::string& kind, Json body) {
        const std::string time = "2026-01-01T00:00:" + std::string(second_ < 10 ? "0" : "") +
                                 std::to_string(second_) + ".000Z";
        ++second_;
        teller_->hear(Json{{"kind", kind}, {"time", time}}.dump(), body.dump());
    }
    void propose(const std::string& id, const Candidate& candidate) {
        const Json offer{
            {"proposal", id},
            {"candidate", Json::parse(codec::encode(candidate))},
            {"p", 0.5},
            {"reason",
             {{"text", "near"},
              {"nearest", {{{"name", "<b>Au24"}, {"source", "10.1/x"}, {"similarity", 0.9}}}}}}};
        say("PROPOSED", step(id, "PROPOSED", 1, {{"offer", offer}}));
        say("OFFERED", step(id, "OFFERED", 1));
    }
    static Json step(const std::string& id, const char* state, int attempt, Json more = {}) {
        Json body{{"proposal", id}, {"state", state}, {"attempt", attempt}};
        if (more.is_object()) {
            body.update(more);
        }
        return body;
    }
    void verdict(const std::string& id, int attempt, bool confirmed) {
        Verdict verdict;
        verdict.confirmed = confirmed;
        verdict.text = confirmed ? "equals the target" : "another cluster";
        verdict.fields = {{"metals", confirmed ? Agreement::Yes : Agreement::No, "Au25"}};
        say("VERDICT",
            step(id,
                 "LABELLED",
                 attempt,
                 {{"outcome", {{"kind", confirmed ? "confirmed" : "analogue"}}},
                  {"label", {{"pair", confirmed ? 1.0 : 0.0}, {"target", 1.0}}},
                  {"verdict", Json::parse(codec::encode(verdict))},
                  {"structure", {{"found", "Au25(C8H9S)18"}}}}));
    }
    void play() {
        say("CAMPAIGN_CREATED", {{"campaign", "demo"}});
        say("MODEL_TRAINED", {{"kind", "base"}, {"details", {{"data_keys", {"k1:a", "k1:b"}}}}});
        propose("P1", cluster(25));
        propose("P2", cluster(24));
        say("CLAIMED", step("P1", "CLAIMED", 1));
        say("STARTED", step("P1", "STARTED", 1));
        const Json broken{
            {"report", {{"outcome", {{"kind", "execution_failed"}}}, {"consumed", false}}}};
        say("RESULT_RECEIVED", step("P1", "OFFERED", 2, broken));
        say("OFFERED", step("P1", "OFFERED", 2, broken));
        say("STARTED", step("P2", "STARTED", 1));
        say("RESULT_RECEIVED", step("P2", "RESULT_IN", 1));
        verdict("P2", 1, false);
        say("STARTED", step("P1", "STARTED", 2));
        verdict("P1", 2, true);
        say("CAMPAIGN_FINISHED", {{"campaign", "demo"}});
    }
    Story story() const { return teller_->story(); }

  private:
    test::TempDir dir_;
    Truth truth_;
    std::unique_ptr<StoryTeller> teller_;
    int second_ = 0;
};

bool met(const std::vector<Condition>& all, const std::string& words) {
    for (const auto& condition : all) {
        if (condition.text.find(words) != std::string::npos) {
            return condition.met;
        }
    }
    FAIL("no condition with '" << words << "'");
    return false;
}

PolicyCurve curve(const std::string& name, double mean, double se, int seeds = 20) {
    return {name, {0.0, mean}, {0.0, se}, seeds};
}

}  // namespace

TEST_CASE("a story counts what was charged and not refunded", "[simulator]") {
    Log log;
    log.play();
    const Story story = log.story();
    CHECK(story.experiments == 2);
    CHECK(story.hits == 1);
    CHECK(story.curve == std::vector<int>{0, 1});
    CHECK(story.execution_failures == 1);
    CHECK(story.reoffers == 1);
    CHECK(story.confirmed == 1);
    CHECK(story.analogues_from_atoms == 1);
    CHECK(story.last_campaign_state == "FINISHED");
    REQUIRE(story.proposals.size() == 2);
    CHECK(story.proposals[0].experiment == 2);
    CHECK(story.proposals[0].outcome == "confirmed");
    CHECK(story.proposals[1].forms == false);
    CHECK(story.proposals[0].name == "Au25(PET)18");
    CHECK(story.timeline.back().count.at("LABELLED") == 2);
}

TEST_CASE("a line that is no event is refused", "[simulator]") {
    Log log;
    const Truth truth;
    StoryTeller teller(truth);
    CHECK_THROWS_AS(teller.hear("{", "{}"), InputError);
}

TEST_CASE("each condition fails by itself", "[simulator]") {
    Log log;
    log.play();
    Story story = log.story();
    story.chemical_failures = 1;
    RunFacts facts{2, true, "", {"k1:held"}, "FINISHED", false};
    OfflineReplay replay;
    replay.policies = {curve("model", 5, 0.5), curve("popularity", 5, 0.5), curve("random", 1, 0)};
    const auto fine = check_conditions(story, facts, &replay);
    for (const auto& condition : fine) {
        INFO(condition.text);
        CHECK(condition.met);
    }
    SECTION("budget not spent") {
        facts.budget = 3;
        CHECK_FALSE(met(check_conditions(story, facts, &replay), "budget"));
    }
    SECTION("an open proposal") {
        story.proposals[0].state = "AWAITING";
        CHECK_FALSE(met(check_conditions(story, facts, &replay), "terminal or labelled"));
    }
    SECTION("a broken log") {
        facts.log_verifies = false;
        CHECK_FALSE(met(check_conditions(story, facts, &replay), "log verifies"));
    }
    SECTION("a leaked truth") {
        facts.truth_keys.insert("k1:b");
        CHECK_FALSE(met(check_conditions(story, facts, &replay), "no key"));
    }
    SECTION("a learner that does not say what it was trained on") {
        story.data_keys.clear();
        CHECK_FALSE(met(check_conditions(story, facts, &replay), "no key"));
    }
    SECTION("no re-offer") {
        story.reoffers = 0;
        CHECK_FALSE(met(check_conditions(story, facts, &replay), "offered again"));
    }
    SECTION("too few seeds") {
        replay.policies[1].seeds = 19;
        CHECK_FALSE(met(check_conditions(story, facts, &replay), "popularity ran"));
    }
    SECTION("the model below popularity") {
        replay.policies[0] = curve("model", 4.0, 0.1);
        replay.policies[1] = curve("popularity", 5.0, 0.1);
        CHECK_FALSE(met(check_conditions(story, facts, &replay), "model's mean"));
    }
    SECTION("no replay at all") {
        CHECK_FALSE(met(check_conditions(story, facts, nullptr), "compared over 20 seeds"));
    }
}

TEST_CASE("a replay file gives mean and standard error", "[simulator]") {
    const test::TempDir dir;
    const auto path = dir / "replay.json";
    std::ofstream(path) << R"({"candidates":9,"hits_in_pool":2,"first_seed":1,"policies":[
        {"policy":"random","runs":[[0,1,1],[0,1,3]]}]})";
    const auto replay = read_offline_replay(path);
    const PolicyCurve* random = replay.find("random");
    REQUIRE(random != nullptr);
    CHECK(random->seeds == 2);
    CHECK(random->mean == std::vector<double>{0.0, 1.0, 2.0});
    // Standard deviation of {1, 3} is sqrt(2); over sqrt(2) seeds that is 1.
    CHECK(random->se[2] == Approx(1.0));
    CHECK(replay.find("model") == nullptr);
    std::ofstream(path) << "{}";
    CHECK_THROWS_WITH(read_offline_replay(path), Catch::Contains("replay.json"));
}

TEST_CASE("the report stands alone and escapes what it shows", "[simulator]") {
    Log log;
    log.play();
    ReportInput input;
    input.story = log.story();
    input.budget = 2;
    input.replay.policies = {curve("model", 5, 0.5), curve("popularity", 5, 0.5)};
    input.conditions = {{"a <condition>", false, "1 & 2"}};
    input.commands = {"cupel status"};
    const std::string html = report_html(input);
    CHECK(html.find("virtual laboratory") != std::string::npos);
    CHECK(html.find("a &lt;condition&gt;") != std::string::npos);
    CHECK(html.find("&lt;b&gt;Au") != std::string::npos);
    CHECK(html.find("https://doi.org/10.1/x") != std::string::npos);
    // Every proposal with its reason, and what its CIF held.
    CHECK(html.find("2 proposals in order") != std::string::npos);
    CHECK(html.find("<small>near</small>") != std::string::npos);
    CHECK(html.find("another cluster</small>") != std::string::npos);
    for (const char* outside : {"<script", "<link", "src=", "@import", "url("}) {
        INFO(outside);
        CHECK(html.find(outside) == std::string::npos);
    }
}
