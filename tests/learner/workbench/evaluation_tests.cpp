// Evaluation on a small table: the shape, the paired parts, tables of other sources.
#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/evaluation.hpp>

#include "catch.hpp"
#include "small_campaign.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

// The first 80 rows of the starter table with one division beside them.
struct SmallTable {
    test::SmallCampaign campaign;
    EvaluationOptions options;

    explicit SmallTable(bool only_relatives = false) {
        options.data = campaign.data_file();
        options.seeds = 1;
        options.threads = 1;
        options.learner.members = 2;
        options.learner.epochs = 10;
        const auto rows = chemistry::load_reported_table(options.data);
        nlohmann::json split;
        split["seed"] = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            split[i % 4 == 0 ? "test_pos" : "train"].push_back(rows[i].id);
            if (i % 4 == 0) {
                split["relative"].push_back(only_relatives || i % 8 == 0 ? 1 : 0);
                split["test_neg"].push_back({rows[i].id, rows[(i + 9) % rows.size()].id});
            }
        }
        nlohmann::json all;
        all["splits"]["random"].push_back(split);
        std::ofstream(options.data.parent_path() / "splits.json") << all;
    }
};

}  // namespace

TEST_CASE("an evaluation says what each part of a split gives, beside the baselines",
          "[workbench]") {
    SmallTable table;
    const auto text = evaluate(table.options, {});
    const auto json = nlohmann::json::parse(text.json);
    REQUIRE(json.at("splits").size() == 1);
    const auto& split = json.at("splits").at(0);
    CHECK(split.at("split") == "random");
    CHECK(split.at("negatives") == "degree_matched");
    for (const char* scorer : {"model", "popularity", "nearest_neighbour", "composition"}) {
        INFO(scorer);
        const double auc = split.at("scores").at(scorer).at("auc");
        CHECK(auc >= 0.0);
        CHECK(auc <= 1.0);
        const auto& calibration = split.at("calibration").at(scorer);
        CHECK(calibration.at("pairs") == 40);
        CHECK(calibration.at("base_rate").get<double>() == Approx(0.5));
        CHECK(calibration.at("temperature").get<double>() > 0.0);
        const double hits = split.at("hits_at_10").at(scorer).at("mean");
        CHECK(hits >= 0.0);
        CHECK(hits <= 1.0);
    }
    CHECK(split.at("by_metal").is_object());
    CHECK(split.at("by_donor_class").is_object());
    const auto scores = nlohmann::json::parse(text.scores);
    CHECK(scores.at("random").at(0).at("model").size() == 40);
}

TEST_CASE("a part without positives has no AUC, in JSON and in the table", "[workbench]") {
    SmallTable table(true);
    table.options.calibrate = false;
    const auto text = evaluate(table.options, {});
    const auto split = nlohmann::json::parse(text.json).at("splits").at(0);
    const auto& none = split.at("scores_without_relatives").at("model");
    CHECK(none.at("auc").is_null());
    CHECK(none.at("se").is_null());
    CHECK(none.at("by_seed").at(0).is_null());
    CHECK(split.at("scores").at("model").at("auc").is_number());
    CHECK_THAT(text.table, Catch::Contains("random       -    "));
}

TEST_CASE("half a training part trains on half the pairs", "[workbench]") {
    SmallTable table;
    table.options.calibrate = false;
    table.options.train_share = 0.5;
    const auto json = nlohmann::json::parse(evaluate(table.options, {}).json);
    CHECK(json.at("splits").at(0).at("trained_pairs") == 30.0);
    CHECK_FALSE(json.at("splits").at(0).contains("calibration"));
}

TEST_CASE("a training cluster is not new for lack of its hydrides and anions", "[workbench]") {
    SmallTable table;
    table.options.calibrate = false;
    const auto rows = chemistry::load_reported_table(table.options.data);
    const auto file = table.campaign.folder / "other.csv";
    const auto test_on = [&](const std::string& headings, const std::string& cells) {
        std::ofstream out(file);
        out << headings << "\n";
        const std::string rest(
            static_cast<std::size_t>(std::count(headings.begin(), headings.end(), ',') - 1), ',');
        for (int n = 60; n < 72; ++n) {
            out << "Au:" << n << ",[S-]" << std::string(static_cast<std::size_t>(n - 59), 'C')
                << "*20" << rest << "\n";
        }
        for (const auto& row : rows) {
            std::string metals, ligands;
            for (const auto& [element, count] : row.candidate.core.metals) {
                metals += element + ":" + std::to_string(count) + ";";
            }
            for (const auto& entry : row.candidate.ligands) {
                ligands += entry.ligand.smiles + "*" + std::to_string(entry.count) + ";";
            }
            out << metals << "," << ligands << cells << "\n";
        }
        out.close();
        table.options.test = file;
        return evaluate(table.options, {});
    };
    SECTION("the columns are missing") {
        const auto text = test_on("metals,ligands", "");
        const auto json = nlohmann::json::parse(text.json);
        const std::size_t same = json.at("known").at("same");
        const std::size_t told = json.at("known").at("as_far_as_told");
        CHECK(told > 0);
        CHECK(same + told == rows.size());
        CHECK(text.refused.empty());
        REQUIRE(text.notes.size() == 2);
        CHECK_THAT(text.notes[1], Catch::Contains("no hydrides or anions tell them apart"));
        CHECK_THAT(text.notes[1], Catch::Contains("12 pairs are tested"));
    }
    SECTION("the cells are empty") {
        const auto json = nlohmann::json::parse(
            test_on("metals,ligands,hydride_count,inorganic_anions", ",,").json);
        CHECK(json.at("known").at("same").get<std::size_t>() +
                  json.at("known").at("as_far_as_told").get<std::size_t>() ==
              rows.size());
    }
    SECTION("what is told and differs is new") {
        const auto json = nlohmann::json::parse(
            test_on("metals,ligands,hydride_count,inorganic_anions", ",77,Xe:7").json);
        // Rows that tell of hydrides or anions themselves; the others may be the same cluster.
        const auto telling =
            static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const auto& row) {
                return row.candidate.core.hydrides || row.anions_known;
            }));
        CHECK(telling > 0);
        CHECK(json.at("known").at("as_far_as_told") < rows.size());
        CHECK(json.at("known").at("as_far_as_told").get<std::size_t>() >= rows.size() - telling);
    }
}

TEST_CASE("a table of another source is scored without its bad rows, which are named",
          "[workbench]") {
    SmallTable table;
    table.options.calibrate = false;
    const auto file = table.campaign.folder / "other.csv";
    std::ofstream out(file);
    out << "Metals,Ligands,Status\n";
    for (int n = 60; n < 72; ++n) {
        out << "Au:" << n << ",[S-]" << std::string(static_cast<std::size_t>(n - 59), 'C') << "*20"
            << (n == 60 ? ";CO*2" : "") << ",ok\n";
    }
    out << "Au:twelve,[S-]C*3,ok\n";
    out << "Au:60,[S-]C*20;CO*2,ok\n";
    out << "Au:59,[S-]C*20,recheck\nAu:58,[S-]C*20,computed\nAu:57,[S-]C*20,computed\n";
    out.close();
    table.options.test = file;
    const auto text = evaluate(table.options, {});
    REQUIRE(text.refused.size() == 1);
    REQUIRE(text.notes.size() == 3);
    CHECK_THAT(text.notes[0],
               Catch::Contains("other.csv: 1 of its 13 rows: core and ligands stand in "));
    CHECK_THAT(text.notes[0], Catch::Contains("12 pairs are tested"));
    CHECK_THAT(text.notes[1],
               Catch::Contains("other.csv: 2 rows of status computed, 1 of recheck not read"));
    CHECK_THAT(text.notes[2], Catch::Contains("by name, not as SMILES: CO as [C-]#[O+];"));
    CHECK(text.refused[0].find("other.csv:14: metals: ") != std::string::npos);
    const auto json = nlohmann::json::parse(text.json);
    CHECK(json.at("splits").at(0).at("split") == "given");
    CHECK(json.at("refused").size() == 1);
    CHECK(json.at("other_status") == nlohmann::json{{"computed", 2}, {"recheck", 1}});
    CHECK(json.at("read_by_name") == nlohmann::json{{"CO", "[C-]#[O+]"}});
    std::ofstream(file) << "Metals,Ligands\nAu:60,[S-]C*20\n";
    CHECK_THROWS_WITH(evaluate(table.options, {}), Catch::Contains("are too few"));
    std::ofstream(file) << "Metals,Ligands\nAu:twelve,[S-]C*3\n";
    try {
        evaluate(table.options, {});
        FAIL("a table without a row was scored");
    } catch (const InputError& error) {
        CHECK(error.code() == "no_rows");
        CHECK(std::string(error.what()).find("other.csv:2: metals: ") != std::string::npos);
    }
}
