// Popularity and chance: scores by the formula, picks by seed, hashes over what was used.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/domain/sha256.hpp>

#include "catch.hpp"
#include "learning/popularity_service.hpp"
#include "service_support.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::controller;
using Json = nlohmann::json;

namespace {

/// Three cores with two ligand sets each. None of the pairs is reported: Au25 with another thiolate
/// by two rows, Au8 with it too, two other cores with the thiolate and one with the phosphine.
struct Fixture {
    Fixture() {
        for (const int gold : {25, 8, 11}) {
            pool.push_back(test::candidate({{"Au", gold}}, {{test::methanethiolate(), 18}}));
            pool.push_back(test::candidate({{"Au", gold}}, {{test::trimethylphosphine(), 7}}));
        }
        test::write_pool(folder / "pool.jsonl", pool);
        std::ofstream(folder / "table.csv")
            << "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,ligands,status,"
               "doi_or_url,paper\n"
               "a,Au25(SEt)18,-1,Au:25,25,,,[S-]CC*18,ok,10.1/a,a\n"
               "b,Au25(SEt)18 again,0,Au:25,25,,,[S-]CC*18,ok,10.1/b,b\n"
               "c,Au8(SEt)7,1,Au:8,8,,,[S-]CC*7,ok,10.1/c,c\n"
               "d,Au102(SMe)44,0,Au:102,102,,,[S-]C*44,ok,10.1/d,d\n"
               "e,Au144(SMe)60,0,Au:144,144,,,[S-]C*60,ok,10.1/e,e\n"
               "f,Au13(PMe3)9,3,Au:13,13,,,CP(C)C*9,ok,10.1/f,f\n";
        task = {"gold",
                (folder / "pool.jsonl").string(),
                (folder / "table.csv").string(),
                "popularity",
                1};
        ledger.attach(service);
    }
    Answer<OpenedModel> try_open() {
        return ledger.answer<OpenedModel>([&](auto done) { service.open(task, done); });
    }
    OpenedModel open() {
        return ledger.value<OpenedModel>([&](auto done) { service.open(task, done); });
    }
    Suggestion suggest(SuggestRequest request) {
        request.campaign = "gold";
        return ledger.value<Suggestion>([&](auto done) { service.suggest(request, done); });
    }
    static SuggestRequest ask(int count, std::uint64_t seed) {
        SuggestRequest request;
        request.count = count;
        request.seed = seed;
        return request;
    }
    std::vector<std::string> keys(const Suggestion& suggestion) {
        std::vector<std::string> result;
        for (const auto& pick : suggestion.picks) {
            result.push_back(pick.key);
        }
        return result;
    }

    test::TempDir folder;
    std::vector<Candidate> pool;
    LearningTask task;
    test::TestLedger ledger;
    PopularityService service;  // last: its thread ends before the ledger
};

double slot(double hits, double tries) {
    return std::log((hits + 0.2) / (tries + 2.0));
}

}  // namespace

TEST_CASE("popularity scores by hits and tries of core and ligand set", "[popularity]") {
    Fixture f;
    f.open();
    const auto suggestion = f.suggest(Fixture::ask(6, 3));
    CHECK(suggestion.policy == "popularity");
    CHECK(suggestion.kernel == "popularity");
    REQUIRE(suggestion.picks.size() == 6);
    std::map<std::string, double> score;
    for (std::size_t i = 0; i < 6; ++i) {
        score[suggestion.picks[i].key] = suggestion.picks[i].score;
        CHECK((i == 0 || suggestion.picks[i].score <= suggestion.picks[i - 1].score));
        CHECK(suggestion.picks[i].p > 0.0);
        CHECK(suggestion.picks[i].p < 1.0);
    }
    // A pair that two rows report is one hit.
    CHECK(score[identity_key(f.pool[0])] == Approx(slot(1, 1) + slot(2, 2)));
    CHECK(score[identity_key(f.pool[3])] == Approx(slot(1, 1) + slot(1, 1)));
    CHECK(score[identity_key(f.pool[4])] == Approx(slot(0, 0) + slot(2, 2)));

    SECTION("labels count as graded tries") {
        auto request = Fixture::ask(6, 3);
        request.labels = {test::label(f.pool[4], 0.0), test::label(f.pool[1], 0.5)};
        const auto after = f.suggest(request);
        REQUIRE(after.picks.size() == 4);
        for (const auto& pick : after.picks) {
            if (pick.key == identity_key(f.pool[0])) {
                CHECK(pick.score == Approx(slot(1.5, 2) + slot(2, 3)));
                CHECK(pick.popularity ==
                      Approx(pick.score - 2 * std::log(0.1)));  // against a pair never seen
            }
        }
        CHECK(after.model != suggestion.model);
        CHECK(after.data_snapshot != suggestion.data_snapshot);
    }
    SECTION("a provisional label is half a try") {
        auto request = Fixture::ask(6, 3);
        request.labels = {test::label(f.pool[5], 1.0)};
        request.labels[0].provisional = true;
        for (const auto& pick : f.suggest(request).picks) {
            if (pick.key == identity_key(f.pool[4])) {
                CHECK(pick.score == Approx(slot(0.5, 0.5) + slot(2, 2)));
            }
        }
    }
    SECTION("a pair never seen has the base rate") {
        f.task.data.clear();
        f.open();
        CHECK(f.suggest(Fixture::ask(1, 3)).picks.at(0).p == Approx(0.1));
    }
}

TEST_CASE("nothing pending, excluded or labelled is suggested, and a pool ends", "[popularity]") {
    Fixture f;
    f.task.policy = GENERATE("popularity", "random");
    f.open();
    auto request = Fixture::ask(10, 5);
    request.pending = {identity_key(f.pool[0])};
    request.excluded = {identity_key(f.pool[1])};
    request.labels = {test::label(f.pool[2], 1.0)};
    const auto keys = f.keys(f.suggest(request));
    CHECK(std::set<std::string>(keys.begin(), keys.end()) ==
          std::set<std::string>{
              identity_key(f.pool[3]), identity_key(f.pool[4]), identity_key(f.pool[5])});
    request.excluded = keys;
    request.excluded.push_back(identity_key(f.pool[1]));
    CHECK(f.suggest(request).picks.empty());
}

TEST_CASE("a pair that is known, measured or pending is not suggested in other counts",
          "[popularity]") {
    Fixture f;
    f.task.policy = GENERATE("popularity", "random");
    const auto with_counts = [](int gold, int thiolates) {
        return test::candidate({{"Au", gold}}, {{test::methanethiolate(), thiolates}});
    };
    // Pairs of pool[0] and pool[2] again, and one that the table reports.
    f.pool.push_back(with_counts(25, 17));
    f.pool.push_back(with_counts(8, 6));
    f.pool.push_back(with_counts(102, 40));
    test::write_pool(f.folder / "pool.jsonl", f.pool);
    const auto opened = f.open();
    CHECK(opened.warning ==
          "1 of the 9 candidates are not proposed: the data report their core with these ligands "
          "already");
    auto request = Fixture::ask(20, 5);
    CHECK(f.suggest(request).picks.size() == 8);
    request.pending = {identity_key(f.pool[0])};
    request.labels = {test::label(f.pool[2], 0.0)};
    CHECK(f.suggest(request).picks.size() == 4);
    // What failed in one solvent may form in another.
    auto elsewhere = f.pool[2];
    elsewhere.conditions = {{"solvent", "CH2Cl2"}};
    request.labels = {test::label(elsewhere, 0.0)};
    CHECK(f.suggest(request).picks.size() == 6);
    request.labels = {test::label(f.pool[2], 0.0)};
    request.labels[0].pair.reset();  // its outcome says nothing of the pair
    CHECK(f.suggest(request).picks.size() == 5);
}

TEST_CASE("a candidate that the pool names twice counts once, and that is said", "[popularity]") {
    Fixture f;
    f.pool.push_back(f.pool[0]);
    f.pool.push_back(f.pool[3]);
    test::write_pool(f.folder / "pool.jsonl", f.pool);
    const auto opened = f.open();
    CHECK(opened.candidates == 6);
    CHECK(opened.warning == "the pool names 2 of its candidates again; each counts once");
}

TEST_CASE("the seed draws chance and ties, the same each time", "[popularity]") {
    Fixture f;
    SECTION("random") {
        f.task.policy = "random";
        f.open();
        const auto first = f.keys(f.suggest(Fixture::ask(6, 7)));
        CHECK(first == f.keys(f.suggest(Fixture::ask(6, 7))));
        CHECK(first != f.keys(f.suggest(Fixture::ask(6, 8))));
    }
    SECTION("ties of popularity") {
        f.open();
        std::set<std::string> firsts;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            firsts.insert(f.keys(f.suggest(Fixture::ask(1, seed))).at(0));
        }
        CHECK(firsts == std::set<std::string>{identity_key(f.pool[0]), identity_key(f.pool[2])});
    }
}

TEST_CASE("a pick says why, and why computes it again from what the pick recorded",
          "[popularity]") {
    Fixture f;
    const auto opened = f.open();
    const auto suggestion = f.suggest(Fixture::ask(6, 7));
    const Pick& pick =
        *std::find_if(suggestion.picks.begin(), suggestion.picks.end(), [&](const Pick& one) {
            return one.key == identity_key(f.pool[0]);
        });
    CHECK(pick.reason.find("core Au25 made 1 of 1, these ligands made 2 of 2") !=
          std::string::npos);
    REQUIRE(pick.nearest.size() == 3);
    CHECK(pick.nearest[0].similarity == Approx(2.0 / 7.0).margin(1e-4));  // as rounded
    CHECK(pick.nearest[0].source.rfind("10.1/", 0) == 0);
    const Json input = Json::parse(pick.acquisition_input);
    CHECK(input["model"] == opened.model);
    CHECK(input["seed"] == 7);
    CHECK(input["kernel"] == "popularity");

    // Labels that came later do not change the account.
    f.ledger.value<OpenedModel>([&](auto done) {
        f.service.observe("gold", {test::label(f.pool[0], 0.0), test::label(f.pool[3], 0.0)}, done);
    });
    const auto why = [&](const std::string& recorded) {
        return f.ledger.answer<std::string>(
            [&](auto done) { f.service.why("gold", pick.candidate, recorded, done); });
    };
    const Json account = Json::parse(why(pick.acquisition_input).value.value());
    CHECK(account["p"].get<double>() == pick.p);
    CHECK(account["popularity"].get<double>() == pick.popularity);
    CHECK(account["score"].get<double>() == pick.score);
    CHECK(account["model"] == suggestion.model);
    CHECK(Json::parse(why("").value.value())["p"].get<double>() < pick.p);
    CHECK(why("{}").error.find("acquisition_input") != std::string::npos);
}

TEST_CASE("model and snapshot are hashes over counts and data", "[popularity]") {
    Fixture f;
    const auto opened = f.open();
    CHECK(opened.candidates == 6);
    CHECK(Json::parse(opened.details_json)["data_keys"].size() == 5);
    // Known rows in the table's order, one line each.
    const Ligand thiolate{"CC[S-]", "C2H5S", -1, {"S"}, "thiolate", 1};
    std::string known;
    for (const int gold : {25, 25, 8}) {
        known += "known " + learning_key(test::candidate({{"Au", gold}}, {{thiolate, 1}})) + "\n";
    }
    for (const int gold : {102, 144}) {
        known += "known " +
                 learning_key(test::candidate({{"Au", gold}}, {{test::methanethiolate(), 1}})) +
                 "\n";
    }
    known += "known " +
             learning_key(test::candidate({{"Au", 13}}, {{test::trimethylphosphine(), 1}})) + "\n";
    CHECK(opened.data_snapshot == sha256_hex(known));
    CHECK(f.open().model == opened.model);

    const auto trained = f.ledger.value<TrainedModel>(
        [&](auto done) { f.service.train("gold", false, {test::label(f.pool[5], 1.0)}, done); });
    CHECK(trained.parent == opened.model);
    CHECK(trained.model != opened.model);
    CHECK(trained.promoted);
    f.task.data.clear();
    CHECK(f.open().data_snapshot == sha256_hex(""));
}

TEST_CASE("a campaign that cannot be opened says where the fault is", "[popularity]") {
    Fixture f;
    std::string expected;
    SECTION("no pool") {
        f.task.pool = (f.folder / "none.jsonl").string();
        expected = "none.jsonl: cannot read the pool";
    }
    SECTION("a line that is no candidate") {
        std::ofstream(f.folder / "pool.jsonl", std::ios::app) << "{\"core\":7}\n";
        expected = "pool.jsonl:7: ";
    }
    SECTION("a ligand that is no SMILES") {
        auto bad = f.pool[0];
        bad.ligands[0].ligand.smiles = "not a smiles";
        std::ofstream(f.folder / "pool.jsonl", std::ios::app) << "\n" << codec::encode(bad) << "\n";
        expected = "pool.jsonl:8: ";
    }
    SECTION("a bad table") {
        std::ofstream(f.folder / "table.csv", std::ios::app) << "g,x,,Xx:1,1,,,[S-]C*1,ok,,g\n";
        expected = "table.csv:8: ";
    }
    SECTION("a policy that needs the model") {
        f.task.policy = "ucb";
        expected = "\"ucb\" needs cupel-learner";
    }
    const auto answer = f.try_open();
    CHECK_FALSE(answer.value);
    INFO(answer.error);
    CHECK(answer.error.find(expected) != std::string::npos);
    const auto suggestion = f.ledger.answer<Suggestion>([&](auto done) {
        SuggestRequest request;
        request.campaign = "gold";
        f.service.suggest(request, done);
    });
    CHECK(suggestion.error == "campaign 'gold' is not open");
}

TEST_CASE("no answer comes after stop, not even one that was on its way", "[popularity]") {
    Fixture f;
    int answers = 0;
    f.service.open(f.task, [&](Answer<OpenedModel>) { ++answers; });
    f.service.stop();
    f.service.open(f.task, [&](Answer<OpenedModel>) { ++answers; });
    f.service.stop();
    f.ledger.run_posted();
    CHECK(answers == 0);
}

TEST_CASE("the starter table is a table for popularity", "[popularity]") {
    Fixture f;
    f.task.data = (test::source_dir() / "learner" / "data" / "clusters.csv").string();
    f.open();
    const auto pick = f.suggest(Fixture::ask(1, 1)).picks.at(0);
    REQUIRE(pick.nearest.size() == 3);
    CHECK(pick.nearest[0].similarity <= 1.0);
    CHECK(pick.nearest[0].similarity >= pick.nearest[2].similarity);
    CHECK(pick.nearest[0].similarity > 0.1);
}

TEST_CASE("what meets a hazard to be avoided is not suggested, noted in the pool or not",
          "[popularity]") {
    Fixture f;
    f.pool.push_back(test::candidate({{"Au", 24}, {"Cd", 1}}, {{test::methanethiolate(), 18}}));
    test::write_pool(f.folder / "pool.jsonl", f.pool);
    std::ofstream(f.folder / "pool.jsonl", std::ios::app)
        << R"({"core":{"metals":{"Au":7},"anions":{},"hydrides":0},"charge":0,)"
        << R"("ligands":[{"smiles":"[C-]#[O+]","count":3,"donors":["C"]}],"flags":["carbonyl"]})"
        << "\n";
    f.open();
    CHECK(f.suggest(Fixture::ask(20, 1)).picks.size() == 8);
    f.task.avoid_hazards = {"toxic-metal", "carbonyl"};
    f.open();
    CHECK(f.suggest(Fixture::ask(20, 1)).picks.size() == 6);
}

TEST_CASE("only ligands in stock are suggested, as the shelf is now", "[popularity]") {
    Fixture f;
    const auto stock = f.folder / "stock.csv";
    std::ofstream(stock) << "name,smiles,cost\nmethanethiolate,[S-]C,2.5\n";
    f.task.stock = stock.string();
    f.open();
    const auto picks = f.suggest(Fixture::ask(20, 1)).picks;
    CHECK(picks.size() == 3);
    for (const auto& pick : picks) {
        CHECK(pick.candidate.ligands.front().ligand.smiles == test::methanethiolate().smiles);
        CHECK(pick.cost == 2.5);  // what the shelf says, not the pool
    }
    std::filesystem::remove(stock);
    SuggestRequest request = Fixture::ask(20, 1);
    request.campaign = "gold";
    const auto answer =
        f.ledger.answer<Suggestion>([&](auto done) { f.service.suggest(request, done); });
    CHECK(answer.error.find("stock.csv") != std::string::npos);
}

TEST_CASE("what needs a model is refused", "[popularity]") {
    Fixture f;
    CampaignConfig config;
    config.policy = f.service.default_policy();
    CHECK_NOTHROW(f.service.require(config));
    config.cost_exponent = 1.0;
    CHECK_THROWS_WITH(f.service.require(config), Catch::Contains("cost_exponent: needs"));
    config.cost_exponent = 0.0;
    config.policy = "ei";
    CHECK_THROWS_WITH(f.service.require(config), Catch::Contains("\"ei\" needs cupel-learner"));
}
