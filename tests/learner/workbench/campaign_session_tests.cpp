// One campaign: open, suggest, observe, train, why; and nothing known that should not be.
#include <algorithm>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/campaign_session.hpp>

#include "catch.hpp"
#include "small_campaign.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

SessionOptions options_of(const test::SmallCampaign& small) {
    SessionOptions options;
    options.campaign = "test";
    options.pool = small.pool_file();
    options.data = small.data_file();
    options.models = small.folder / "models";
    options.learner = test::small_options();
    return options;
}

SessionLabel label_of_pick(const Suggested& pick, double value) {
    SessionLabel label;
    label.identity_key = pick.key;
    label.learning_key = learning_key(pick.candidate);
    label.candidate = pick.candidate;
    label.pair = value;
    label.target = value;
    return label;
}

}  // namespace

TEST_CASE("no true pair is in the data a fresh campaign knows", "[workbench]") {
    const test::SmallCampaign small;
    const CampaignSession session(options_of(small), {});
    CHECK(small.truth.size() > 5);
    CHECK(session.candidates() == small.pool.size());
    for (const auto& key : session.data_keys()) {
        CHECK(small.truth.count(key) == 0);
    }
}

TEST_CASE("a campaign opened again stands where it stood", "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession first(options_of(small), {});
    const auto picks = first.suggest(4, 7, {}, {});
    int trainings = 0;
    CampaignSession again(options_of(small), [&](double, const std::string&) { ++trainings; });
    CHECK(trainings == 0);
    CHECK(again.model() == first.model());
    const auto same = again.suggest(4, 7, {}, {});
    REQUIRE(same.size() == picks.size());
    for (std::size_t i = 0; i < picks.size(); ++i) {
        CHECK(same[i].key == picks[i].key);
        CHECK(same[i].p == picks[i].p);
    }
}

TEST_CASE("pending, excluded and labelled candidates are not suggested", "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession session(options_of(small), {});
    const auto first = session.suggest(3, 1, {}, {});
    session.observe({label_of_pick(first[0], 1.0)});
    for (const auto& pick : session.suggest(30, 1, {first[1].key}, {first[2].key})) {
        CHECK(pick.key != first[0].key);
        CHECK(pick.key != first[1].key);
        CHECK(pick.key != first[2].key);
    }
}

TEST_CASE("why recomputes a pick's numbers after the model has moved on", "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession session(options_of(small), {});
    const auto pick = session.suggest(8, 1, {}, {}).at(5);
    const std::string snapshot = session.data_snapshot();
    session.observe({label_of_pick(pick, 1.0)});
    CHECK(session.data_snapshot() != snapshot);
    const auto then = session.why(pick.candidate, pick.acquisition_input);
    CHECK(then.p == pick.p);
    CHECK(then.interaction == pick.interaction);
    CHECK(then.nearest.size() == 3);
    const auto now = session.why(pick.candidate, "");
    CHECK(now.model == session.model());
    CHECK(now.p > then.p);
    CHECK_THROWS_AS(session.why(pick.candidate, R"({"model":"0000"})"), InputError);
    CHECK_THROWS_AS(session.why(pick.candidate, "nonsense"), InputError);
}

TEST_CASE("retraining reports its gate and serves what it promoted", "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession session(options_of(small), {});
    const auto pick = session.suggest(1, 1, {}, {}).at(0);
    const std::string encoder = session.encoder();
    for (const bool full : {false, true}) {
        const auto report = session.train(full, {label_of_pick(pick, 0.0)}, {});
        CHECK(report.gate_rows > 0);
        CHECK(report.model == session.model());
        CHECK(report.parent != "");
        CHECK((session.encoder() != encoder) == report.promoted);
        if (!report.promoted) {
            CHECK(report.text.find("refused") == 0);
        }
    }
}

TEST_CASE("a label that the model cannot read is set aside and named; the others are learnt",
          "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession session(options_of(small), {});
    const auto pick = session.suggest(1, 1, {}, {}).at(0);
    SessionLabel bare = label_of_pick(pick, 1.0);
    bare.identity_key = "bare";
    bare.candidate.ligands.clear();
    SessionLabel torn = label_of_pick(pick, 1.0);
    torn.identity_key = "torn";
    torn.candidate.ligands.at(0).ligand.smiles = "C1CC(";
    SessionLabel coreless = label_of_pick(pick, 1.0);
    coreless.identity_key = "coreless";
    coreless.candidate.core = Core{};

    session.observe({label_of_pick(pick, 1.0)});
    const auto without = session.why(pick.candidate, "");
    const std::string snapshot = session.data_snapshot();
    session.observe({bare, torn, label_of_pick(pick, 1.0), coreless});
    REQUIRE(session.set_aside().size() == 3);
    CHECK_THAT(session.set_aside()[0], Catch::Contains("without ligands"));
    CHECK_THAT(session.set_aside()[1], Catch::Contains("C1CC("));
    CHECK_THAT(session.set_aside()[2], Catch::Contains("without metals"));
    CHECK(session.why(pick.candidate, "").p == without.p);
    CHECK(session.data_snapshot() == snapshot);
    CHECK(session.train(false, {torn, label_of_pick(pick, 1.0)}, {}).gate_rows > 0);
    CHECK(session.set_aside().size() == 1);
    CHECK(session.suggest(2, 1, {}, {}).size() == 2);
}

TEST_CASE("a campaign goes on from a stored model, or says why it cannot", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    std::string stored;
    {
        CampaignSession session(options, {});
        const auto pick = session.suggest(1, 1, {}, {}).at(0);
        session.observe({label_of_pick(pick, 0.0)});
        session.suggest(1, 1, {}, {});  // what proposed something is stored
        stored = session.model();
    }
    options.model = stored;
    {
        const CampaignSession again(options, {});
        CHECK(again.model() == stored);
        CHECK(again.warning().empty());
    }
    options.model = std::string(64, '0');
    const CampaignSession lost(options, {});
    CHECK(lost.model() != stored);
    CHECK(lost.warning().find("goes on from the base model") != std::string::npos);
}

TEST_CASE("an unknown policy is refused by name", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    options.policy = "best";
    CHECK_THROWS_WITH(CampaignSession(options, {}), Catch::Contains("no policy named 'best'"));
}
