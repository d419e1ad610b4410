// A campaign played offline.
#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/campaign_replay.hpp>

#include "catch.hpp"
#include "small_campaign.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

CampaignReplayOptions options_of(const test::SmallCampaign& small) {
    CampaignReplayOptions options;
    options.pool = small.pool_file();
    options.truth = small.truth_file();
    options.data = small.data_file();
    options.seeds = 3;
    options.budget = 24;
    options.learner = test::small_options();
    return options;
}

}  // namespace

TEST_CASE("each policy's hits are counted on the same pools and can be repeated", "[workbench]") {
    const test::SmallCampaign small;
    const auto text = replay_campaign(options_of(small), {});
    const auto json = nlohmann::json::parse(text.json);
    CHECK(json["hits_in_pool"] == small.truth.size());
    REQUIRE(json["policies"].size() == 3);
    for (const auto& policy : json["policies"]) {
        const double hits = policy["hits"]["24"].get<double>();
        CHECK(hits >= 0.0);
        CHECK(hits <= static_cast<double>(small.truth.size()));
        CHECK(policy["runs"].size() == 3);
        CHECK(policy["runs"][0].size() == 24);
        // Promises are judged where a model makes them.
        CHECK(policy.contains("promises") == (policy["policy"] != "popularity"));
        if (policy.contains("promises")) {
            CHECK(policy["promises"]["came"].get<double>() == Approx(hits));
            CHECK(policy["promises"]["promised"].get<double>() > 0.0);
            CHECK(policy["promises"]["ece"].get<double>() <= 1.0);
        }
    }
    const auto again = nlohmann::json::parse(replay_campaign(options_of(small), {}).json);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(again["policies"][i]["runs"] == json["policies"][i]["runs"]);
    }
}

TEST_CASE("a campaign that spends its pool leaves nothing to be judged by", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    options.policies = {"random", "greedy"};  // random draws alone need no model to promise
    options.seeds = 1;
    options.budget = static_cast<int>(small.pool.size());
    options.batch = options.budget;
    const auto text = replay_campaign(options, {});
    const auto promises = nlohmann::json::parse(text.json)["policies"][0]["promises"];
    CHECK(promises["ece"].is_null());
    CHECK(promises["brier_skill_of_the_model"].is_null());
    CHECK(promises["prequential"]["laplace"]["ece"].is_number());
    CHECK_THAT(text.table, Catch::Contains("everything left: ECE - (-), Brier skill - (-)"));
}

TEST_CASE("a Gaussian process is judged on the same picks where it is asked for", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    options.policies = {"model"};
    options.seeds = 1;
    const auto without = nlohmann::json::parse(replay_campaign(options, {}).json)["policies"][0];
    options.gaussian_process = true;
    const auto text = replay_campaign(options, {});
    const auto with = nlohmann::json::parse(text.json)["policies"][0];
    CHECK_FALSE(without["promises"]["prequential"].contains("gaussian_process"));
    CHECK(with["runs"] == without["runs"]);
    CHECK(with["promises"]["prequential"]["laplace"] ==
          without["promises"]["prequential"]["laplace"]);
    const double nll = with["promises"]["prequential"]["gaussian_process"]["nll"];
    CHECK(nll > 0.0);
    CHECK(nll < std::log(2.0) * 1.5);
    CHECK(with["promises"]["ece_of_the_process"].get<double>() <= 1.0);
    CHECK(text.table.find("gaussian_process: NLL") != std::string::npos);
}

TEST_CASE("a truth that the learner knows already is refused", "[workbench]") {
    const test::SmallCampaign small;
    auto options = options_of(small);
    options.truth = small.data_file();
    try {
        replay_campaign(options, {});
        FAIL("the truth was in the data");
    } catch (const InputError& error) {
        CHECK(error.code() == "truth_in_data");
    }
    options.truth = small.folder / "none";
    CHECK_THROWS_AS(replay_campaign(options, {}), InputError);
}
