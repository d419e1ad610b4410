// One campaign: open, suggest, observe, train, why; and nothing known that should not be.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/learner/pretraining.hpp>
#include <cupel/workbench/campaign_session.hpp>
#include <cupel/workbench/dataset.hpp>

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

/// The label with what its pick promised.
SessionLabel outcome_of(const Suggested& pick, double value) {
    SessionLabel label = label_of_pick(pick, value);
    const auto input = nlohmann::json::parse(pick.acquisition_input);
    label.promise = learner::Promise{input.at("mean"), input.at("variance")};
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

TEST_CASE("a base model of other first weights is another base model", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    const std::string without = CampaignSession(options, {}).model();
    const auto data = load_dataset(small.data_file());
    std::vector<learner::CoreExample> examples;
    for (const auto& core : data.catalogue.cores()) {
        examples.push_back({core, {static_cast<double>(examples.size() % 5)}});
    }
    auto network = options.learner;
    network.epochs = 2;
    options.learner.pretrained = std::make_shared<learner::NamedArrays>(
        learner::pretrain_cores(examples, {"number"}, network).arrays);
    const std::string with = CampaignSession(options, {}).model();
    CHECK(with != without);
    CHECK(CampaignSession(options, {}).model() == with);
    options.learner.pretrained.reset();
    CHECK(CampaignSession(options, {}).model() == without);
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

TEST_CASE("work that costs nothing counts as one where cost matters, and that is said",
          "[workbench]") {
    const test::SmallCampaign small;
    SessionOptions options = options_of(small);
    options.cost_exponent = 0.5;
    options.work_cost = 0.0;
    CampaignSession session(options, {});
    CHECK(session.warning().find("work_cost is 0") != std::string::npos);
    CHECK_FALSE(session.suggest(2, 1, {}, {}).empty());
}

TEST_CASE("a pair that is known, measured or pending is not suggested in other counts",
          "[workbench]") {
    const test::SmallCampaign small;
    const auto with_more = [](Candidate candidate) {
        ++candidate.ligands.at(0).count;
        return candidate;
    };
    const Candidate known =
        with_more(chemistry::load_reported_table(small.data_file()).at(0).candidate);
    auto options = options_of(small);
    options.pool = small.folder / "more.jsonl";
    {
        std::ofstream pool(options.pool);
        for (std::size_t i = 0; i < 20; ++i) {
            pool << codec::encode(small.pool[i]) << '\n';
        }
        for (const auto& one : {with_more(small.pool[0]), with_more(small.pool[1]), known}) {
            pool << codec::encode(one) << '\n';
        }
    }
    CampaignSession session(options, {});
    CHECK(session.warning() ==
          "1 of the 23 candidates are not proposed: the data report their core with these ligands "
          "already");
    const auto counted = [&](const Candidate& candidate, const std::vector<std::string>& pending) {
        const auto picks = session.suggest(100, 1, pending, {});
        return std::count_if(picks.begin(), picks.end(), [&](const Suggested& pick) {
            return learning_key(pick.candidate) == learning_key(candidate);
        });
    };
    CHECK(counted(known, {}) == 0);
    CHECK(counted(small.pool[0], {}) == 2);
    CHECK(counted(small.pool[1], {identity_key(small.pool[1])}) == 0);
    Suggested made;
    made.key = identity_key(small.pool[0]);
    made.candidate = small.pool[0];
    auto label = label_of_pick(made, 0.0);
    label.pair.reset();  // its outcome says nothing of the pair
    session.observe({label});
    CHECK(counted(small.pool[0], {}) == 1);
    session.observe({label_of_pick(made, 0.0)});
    CHECK(counted(small.pool[0], {}) == 0);
    // What failed in one solvent may form in another; what formed has formed.
    made.candidate.conditions = {{"solvent", "CH2Cl2"}};
    made.key = identity_key(made.candidate);
    session.observe({label_of_pick(made, 0.0)});
    CHECK(counted(small.pool[0], {}) == 2);
    session.observe({label_of_pick(made, 1.0)});
    CHECK(counted(small.pool[0], {}) == 0);
}

TEST_CASE("a candidate that the pool names twice is pending, excluded and labelled as one",
          "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    options.pool = small.folder / "twice.jsonl";
    {
        std::ofstream pool(options.pool);
        for (const std::size_t i : {0, 1, 2, 3, 0, 1, 2}) {
            pool << codec::encode(small.pool[i]) << '\n';
        }
    }
    CampaignSession session(options, {});
    CHECK(session.candidates() == 4);
    CHECK(session.warning() == "the pool names 3 of its candidates again; each counts once");
    Suggested made;
    made.key = identity_key(small.pool[0]);
    made.candidate = small.pool[0];
    session.observe({label_of_pick(made, 0.0)});
    const auto picks =
        session.suggest(10, 1, {identity_key(small.pool[1])}, {identity_key(small.pool[2])});
    REQUIRE(picks.size() == 1);
    CHECK(picks[0].key == identity_key(small.pool[3]));
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

TEST_CASE("outcomes far below what was promised bring p down, and why repeats it", "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession session(options_of(small), {});
    const auto batch = session.suggest(24, 1, {}, {});
    std::vector<SessionLabel> unpromised, promised;
    double sum = 0.0;
    for (const auto& pick : batch) {
        sum += pick.p;
        unpromised.push_back(label_of_pick(pick, 0.0));
        promised.push_back(outcome_of(pick, 0.0));
    }
    REQUIRE(sum > 1.0);
    session.observe(unpromised);
    const auto as_the_model_says = session.suggest(8, 2, {}, {});
    session.observe(promised);
    const auto scaled = session.suggest(8, 2, {}, {});
    for (std::size_t i = 0; i < 8; ++i) {
        CHECK(scaled[i].key == as_the_model_says[i].key);
        CHECK(scaled[i].interaction == as_the_model_says[i].interaction);
        CHECK(scaled[i].p < as_the_model_says[i].p);
    }

    SECTION("why repeats each number under the scale it was made with") {
        CHECK(session.why(scaled[0].candidate, scaled[0].acquisition_input).p == scaled[0].p);
        const auto first = session.why(batch[0].candidate, batch[0].acquisition_input);
        CHECK(first.p == batch[0].p);
        CHECK_THAT(first.text, !Catch::Contains("by the outcomes before it"));
        const auto now = session.why(scaled[0].candidate, "");
        CHECK(now.p == scaled[0].p);
        CHECK_THAT(now.text, Catch::Contains("by the outcomes before it"));
        // One that was made before promises were scaled.
        auto old = nlohmann::json::parse(scaled[0].acquisition_input);
        old.erase("slope");
        old.erase("offset");
        CHECK(session.why(scaled[0].candidate, old.dump()).p == as_the_model_says[0].p);
    }
    SECTION("opened again with the same labels it promises the same") {
        auto options = options_of(small);
        options.model = session.model();
        CampaignSession again(options, {});
        again.observe(promised);
        const auto same = again.suggest(8, 2, {}, {});
        for (std::size_t i = 0; i < 8; ++i) {
            CHECK(same[i].p == scaled[i].p);
        }
    }
    SECTION("the scale follows what is amended or retracted") {
        auto amended = promised;
        for (std::size_t i = 0; i < 12; ++i) {
            amended[i].pair = 1.0;
        }
        session.observe(amended);
        const auto offset = [](const Suggested& pick) {
            return nlohmann::json::parse(pick.acquisition_input).at("offset").get<double>();
        };
        CHECK(offset(session.suggest(1, 2, {}, {}).at(0)) > offset(scaled[0]));
        session.observe({});
        const auto fresh = session.suggest(24, 1, {}, {});
        CHECK(fresh[0].p == batch[0].p);
        CHECK(offset(fresh[0]) == 0.0);
    }
}

TEST_CASE("retraining reports its gate and serves what it promoted", "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession session(options_of(small), {});
    const auto pick = session.suggest(1, 1, {}, {}).at(0);
    for (const bool full : {false, true}) {
        const std::string encoder = session.encoder();
        const auto report = session.train(full, {label_of_pick(pick, 0.0)}, {});
        CHECK(report.gate.anchor_rows > 0);
        CHECK((report.gate.retention_rows == 0) == full);
        CHECK(report.model == session.model());
        CHECK(report.candidate != report.parent);
        CHECK(report.promoted == (report.candidate == session.model()));
        CHECK((session.encoder() != encoder) == report.promoted);
        CHECK(report.gate.text.find(report.promoted ? "promoted" : "refused") == 0);
    }
}

TEST_CASE("a model that may have seen the anchor is not judged by it until a full training",
          "[workbench]") {
    const test::SmallCampaign small;
    const auto options = options_of(small);
    CampaignSession session(options, {});
    const auto pick = session.suggest(1, 1, {}, {}).at(0);
    // As with a model from before it was noted which ones kept the anchor.
    std::filesystem::remove(options.models / "kept-anchor-2.txt");
    for (const bool full : {false, true}) {
        const auto report = session.train(full, {label_of_pick(pick, 0.0)}, {});
        CHECK(report.promoted);
        CHECK(report.gate.anchor_rows == 0);
        CHECK_THAT(report.gate.text, Catch::Contains("too few rows to judge"));
        CHECK_THAT(report.gate.text, Catch::Contains("may have been trained on anchor rows"));
    }
    CHECK(session.train(false, {label_of_pick(pick, 0.0)}, {}).gate.anchor_rows > 0);
}

TEST_CASE("a table of a dozen rows is trained again and refuses nothing", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    options.data = small.folder / "dozen.csv";
    {
        std::ifstream in(small.data_file());
        std::ofstream out(options.data);
        std::string line;
        for (int i = 0; i < 13 && std::getline(in, line); ++i) {
            out << line << '\n';
        }
    }
    CampaignSession session(options, {});
    const auto pick = session.suggest(1, 1, {}, {}).at(0);
    for (const bool full : {false, true}) {
        const auto report = session.train(full, {label_of_pick(pick, 0.0)}, {});
        CHECK(report.promoted);
        CHECK(report.gate.anchor_rows < 10);
        CHECK_THAT(report.gate.text, Catch::Contains("too few rows to judge"));
    }
}

TEST_CASE("retention is judged on rows that nothing in the model has seen", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    options.learner.kernel = 20.0;  // next to nothing else speaks
    CampaignSession session(options, {});
    const auto pick = session.suggest(1, 1, {}, {}).at(0);
    const auto gate = session.train(false, {label_of_pick(pick, 0.0)}, {}).gate;
    REQUIRE(gate.retention_rows > 20);
    // A kernel member that has seen them tells them from their swaps with 0.92.
    CHECK(gate.retention_auc_after.value() < 0.85);
    CHECK(gate.retention_auc_before.value() < 0.85);
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
    CHECK(session.train(false, {torn, label_of_pick(pick, 1.0)}, {}).gate.anchor_rows > 0);
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

TEST_CASE("a campaign that is rolled back says what it said before the training", "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession session(options_of(small), {});
    const auto picks = session.suggest(8, 1, {}, {});
    std::vector<SessionLabel> first{label_of_pick(picks[0], 1.0)};
    TrainingReport promoted;
    for (std::size_t i = 1; i < 8 && !promoted.promoted; ++i) {
        first.push_back(label_of_pick(picks[i], 0.0));
        promoted = session.train(false, first, {});
    }
    REQUIRE(promoted.promoted);
    const std::string encoder = session.encoder();
    const double p = session.why(small.pool[3], "").p;
    auto more = first;
    TrainingReport second;
    for (const auto& pick : session.suggest(8, 2, {}, {})) {
        more.push_back(label_of_pick(pick, 0.0));
        second = session.train(false, more, {});
        if (second.promoted) {
            break;
        }
    }
    REQUIRE(second.promoted);
    CHECK(session.encoder() != encoder);
    session.roll_back(promoted.model, first);
    CHECK(session.model() == promoted.model);
    CHECK(session.why(small.pool[3], "").p == p);
    CHECK_THROWS_AS(session.roll_back(std::string(64, '0'), first), InputError);
    CHECK(session.model() == promoted.model);
    session.roll_back("", {});
    CHECK(session.encoder() != encoder);
}

TEST_CASE("what is not in stock or meets a rule to avoid is not suggested", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    const std::string smiles = small.pool[0].ligands[0].ligand.smiles;
    options.stock = small.folder / "stock.csv";
    {
        std::ofstream stock(options.stock);
        stock << "name,smiles,cost\n";
        std::set<std::string> written;
        for (const auto& entry : small.pool[0].ligands) {
            stock << "\"l\",\"" << entry.ligand.smiles << "\",2.5\n";
        }
    }
    CampaignSession session(options, {});
    const auto picks = session.suggest(1000, 1, {}, {});
    CHECK_FALSE(picks.empty());
    CHECK(picks.size() < small.pool.size());
    for (const auto& pick : picks) {
        // What it books is what the shelf says, not the pool.
        CHECK(pick.cost == 2.5 * static_cast<double>(pick.candidate.ligands.size()));
        for (const auto& entry : pick.candidate.ligands) {
            const auto& own = small.pool[0].ligands;
            CHECK(std::any_of(own.begin(), own.end(), [&](const auto& stocked) {
                return stocked.ligand.smiles == entry.ligand.smiles;
            }));
        }
    }
    std::filesystem::remove(options.stock);
    CHECK_THROWS_AS(session.suggest(1, 1, {}, {}), InputError);  // said, not ignored
}

TEST_CASE(
    "an explanation says which atoms and elements speak for a candidate and what would turn "
    "it",
    "[workbench]") {
    const test::SmallCampaign small;
    CampaignSession session(options_of(small), {});
    const auto pick = session.suggest(1, 1, {}, {}).at(0);
    const auto e = session.why(pick.candidate, pick.acquisition_input);
    CHECK(e.p == pick.p);
    CHECK(e.exact);
    REQUIRE(e.ligands.size() == pick.candidate.ligands.size());
    double most = 0.0;
    for (const auto& ligand : e.ligands) {
        CHECK_FALSE(ligand.atoms.empty());
        for (const double weight : ligand.atoms) {
            most = std::max(most, std::abs(weight));
        }
    }
    CHECK(most > 0.0);
    CHECK(e.core.size() >= pick.candidate.core.metals.size());
    CHECK(e.nearest_cores.size() == 3);
    CHECK(e.nearest_ligands.size() == 3);
    CHECK_FALSE(e.nearest_cores[0].source.empty());
    CHECK(e.nearest_cores[0].similarity >= e.nearest[0].similarity);
    REQUIRE(e.counterfactual);
    CHECK(e.counterfactual->crosses == ((e.counterfactual->p >= 0.5) != (e.p >= 0.5)));
    CHECK(e.counterfactual->distance > 0.0);
    // Asked again, the same bits; asked of another kernel, it says so.
    const auto again = session.why(pick.candidate, pick.acquisition_input);
    CHECK(again.ligands[0].atoms == e.ligands[0].atoms);
    CHECK(again.counterfactual->p == e.counterfactual->p);
    std::string elsewhere = pick.acquisition_input;
    const std::string own = e.kernel;
    elsewhere.replace(elsewhere.find(own), own.size(), "another kernel");
    const auto other = session.why(pick.candidate, elsewhere);
    CHECK_FALSE(other.exact);
    CHECK_THAT(other.text, Catch::Contains("made with another kernel"));
}

TEST_CASE("an unknown policy is refused by name", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    options.policy = "best";
    CHECK_THROWS_WITH(CampaignSession(options, {}), Catch::Contains("no policy named 'best'"));
}
