// Five questions, and a file that cupeld accepts.
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include <cupel/controller.hpp>
#include <cupel/domain/error.hpp>

#include "campaign_file.hpp"
#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using cli::CampaignAnswers;

TEST_CASE("questions are asked until they are answered", "[cli]") {
    CampaignAnswers answers;
    answers.data = "table.csv";  // said before: not asked
    std::istringstream in("not a name\ngold\n\nmany\n48\ny\n");
    std::ostringstream out;
    cli::complete(answers, &in, out);
    CHECK(answers.name == "gold");
    CHECK(answers.pool == "pool.jsonl");
    CHECK(answers.budget == 48);
    CHECK(answers.review == true);
    CHECK(out.str().find("Table of") == std::string::npos);
    CHECK(out.str().find("How many experiments? [96] How many experiments? [96] ") !=
          std::string::npos);
}

TEST_CASE("without anybody to ask the defaults stand", "[cli]") {
    CampaignAnswers answers;
    std::ostringstream out;
    cli::complete(answers, nullptr, out);
    CHECK(answers.name == "first");
    CHECK(answers.budget == 96);
    CHECK(answers.review == false);
    CHECK(out.str().empty());
}

TEST_CASE("an end of input is no answer", "[cli]") {
    CampaignAnswers answers;
    std::istringstream in("gold\n");
    std::ostringstream out;
    CHECK_THROWS_AS(cli::complete(answers, &in, out), InputError);
}

TEST_CASE("the daemon reads the file that was written", "[cli]") {
    const test::TempDir dir;
    std::ofstream(dir / "pool \"1\".jsonl") << "";
    std::ofstream(dir / "table.csv") << "";
    std::ofstream(dir / "cupeld.toml")
        << cli::campaign_toml({"a.b", "pool \"1\".jsonl", "table.csv", 12, true});
    const auto config = controller::Config::load(dir / "cupeld.toml");
    const auto campaign = nlohmann::json::parse(config.campaigns.at("a.b"));
    CHECK(campaign.at("budget") == 12);
    CHECK(campaign.at("review") == true);
    CHECK(campaign.at("pool") == (dir / "pool \"1\".jsonl").string());
    CHECK(config.store.path == dir / "cupel.db");
}
