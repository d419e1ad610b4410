// Metal-linker pairs: shape, refused rows, and a table in which the linker decides.
#include <fstream>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/linker_regression.hpp>
#include <cupel/workbench/pairs_evaluation.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

// Acids go with zinc, pyridines with silver; one row holds no metal and one no molecule.
std::filesystem::path two_kinds(const test::TempDir& folder) {
    const auto file = folder / "pairs.csv";
    std::ofstream out(file);
    out << ",metal,linker_SMILES\n";
    for (int i = 0; i < 60; ++i) {
        const std::string chain(static_cast<std::size_t>(i % 30 + 1), 'C');
        out << i << (i < 30 ? ",Zn,OC(=O)" + chain + "C(=O)O" : ",Ag,c1ccncc1" + chain + "c1ccncc1")
            << "\n";
    }
    out << "60,Xx,C\n61,Zn,((\n";
    return file;
}

}  // namespace

TEST_CASE("a table of pairs is known by its heading", "[workbench]") {
    const test::TempDir folder;
    CHECK(holds_pairs(two_kinds(folder)));
    std::ofstream(folder / "other.csv") << "metals,ligands\n";
    CHECK_FALSE(holds_pairs(folder / "other.csv"));
    CHECK_FALSE(holds_pairs(folder / "none.csv"));
}

TEST_CASE("linkers never seen are told apart by their kind; popularity cannot", "[workbench]") {
    const test::TempDir folder;
    PairsOptions options;
    options.data = two_kinds(folder);
    options.seeds = 2;
    options.threads = 1;
    options.learner.members = 1;
    options.learner.epochs = 60;
    const auto text = evaluate_pairs(options, {});
    REQUIRE(text.refused.size() == 2);
    CHECK(text.refused[0].find("pairs.csv:62: metal: ") != std::string::npos);
    CHECK(text.refused[1].find("pairs.csv:63: linker_SMILES: ") != std::string::npos);
    const auto split = nlohmann::json::parse(text.json).at("splits").at(0);
    CHECK(split.at("split") == "linker-cold");
    for (const char* scorer : {"model", "nearest_neighbour", "logistic_regression"}) {
        INFO(scorer);
        CHECK(split.at("scores").at(scorer).at("auc").get<double>() > 0.9);
    }
    CHECK(split.at("scores").at("popularity").at("auc").get<double>() < 0.65);
    const auto entry = nlohmann::json::parse(text.scores).at("linker-cold").at(0);
    CHECK(entry.at("model").size() == entry.at("test_pos").size() + entry.at("test_neg").size());
}

TEST_CASE("a table with too few pairs is refused in one line", "[workbench]") {
    const test::TempDir folder;
    std::ofstream(folder / "few.csv") << "metal,linker_SMILES\nZn,OC(=O)C\n";
    PairsOptions options;
    options.data = folder / "few.csv";
    CHECK_THROWS_AS(evaluate_pairs(options, {}), InputError);
}
