// Leave-one-edit-out on a table with edits in it, and the reference edit.
#include <fstream>

#include <nlohmann/json.hpp>

#include <cupel/workbench/edits_evaluation.hpp>

#include "catch.hpp"
#include "edit_case.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

// Series of clusters that differ by one gold atom, over six thiolates.
std::filesystem::path series(const test::TempDir& folder) {
    const auto file = folder / "clusters.csv";
    std::ofstream out(file);
    out << "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,ligands\n";
    int id = 0;
    for (int chain = 1; chain <= 6; ++chain) {
        for (int n = 20; n < 23; ++n) {
            out << "R" << ++id << ",x,0,Au:" << n + 3 * chain << "," << n + 3 * chain << ",0,,[S-]"
                << std::string(static_cast<std::size_t>(chain), 'C') << "*18\n";
        }
    }
    return file;
}

}  // namespace

TEST_CASE("a rank is expected over the order of ties", "[workbench]") {
    const auto alone = rank_of({3.0, 2.0, 1.0}, 1);
    CHECK(alone.rank == 2.0);
    CHECK(alone.reciprocal == 0.5);
    CHECK(alone.in_top == 0.0);
    const auto tied = rank_of({1.0, 1.0}, 0);
    CHECK(tied.rank == 1.5);
    CHECK(tied.reciprocal == Approx(0.75));
    CHECK(tied.in_top == 0.5);
    CHECK(rank_of({3.0, 2.0, 1.0}, 2, {0, 1, 0}).rank == 2.0);
}

TEST_CASE("no reported edit is asked of a model that knows the child, all know the parent",
          "[workbench]") {
    const test::TempDir folder;
    Dataset data = load_dataset(series(folder));
    const auto stock = chemistry::Stock::load(test::source_dir() / "learner/data/edit_stock.csv");
    const auto edits = reported_edits(data, stock, 4);
    int one_metal = 0;
    for (const auto& edit : edits) {
        one_metal += edit.one_metal ? 1 : 0;
        REQUIRE_FALSE(edit.candidates.empty());
        CHECK(edit.candidates[edit.chosen] == edit.child);
        for (const auto& other : edits) {
            CHECK_FALSE((other.fold == edit.fold && other.child == edit.parent));
        }
    }
    CHECK(one_metal == 24);  // six series of three: two pairs each, both directions
}

TEST_CASE("the reference edit is generated, ranked, and in no training", "[workbench]") {
    const test::TempDir folder;
    EditsOptions options;
    options.data = series(folder);
    options.folds = 3;
    options.threads = 1;
    options.learner.members = 1;
    options.learner.epochs = 5;
    const auto text = evaluate_edits(options, {});
    const auto json = nlohmann::json::parse(text.json);
    CHECK(json.at("one_metal_pairs") == 12);
    CHECK(json.at("groups").at(0).at("pairs") == 12);
    const auto& reference = json.at("reference");
    CHECK(reference.at("rows_left_out") == 0);
    CHECK(reference.at("candidates").get<int>() > reference.at("pairs").get<int>());
    for (const char* name :
         {"edit_score", "model", "popularity", "smallest_edit", "nearest_neighbour"}) {
        INFO(name);
        const double rank = reference.at("rank").at(name);
        CHECK(rank >= 1.0);
        CHECK(rank <= reference.at("pairs").get<double>());
        const double mrr = json.at("groups").at(0).at("scores").at(name).at("mrr");
        CHECK(mrr > 0.0);
        CHECK(mrr <= 1.0);
    }
}

TEST_CASE("the stock that edits come with is the one the reference case is told in",
          "[workbench]") {
    const auto bytes = [](const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    CHECK(bytes(test::source_dir() / "learner/data/edit_stock.csv") ==
          bytes(test::source_dir() / "tests/data/edit_stock.csv"));
}
